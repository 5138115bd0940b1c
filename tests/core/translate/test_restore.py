"""What an upstream called, under the caller's names; streamed and whole alike."""

from __future__ import annotations

import pytest

from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.request import Text, Tool, ToolCall, ToolKind
from cliproxy_core.ir.response import Candidate, Response, collect, spell_out
from cliproxy_core.translate.names import NO_NAMES, ToolNames
from cliproxy_core.translate.restore import Restorer, restore_response

NAMES = ToolNames.of(
    [
        (Tool(name="Bash"), "Bash"),
        (Tool(name="add", namespace="calc"), "calc__add"),
        (Tool(name="exec", kind=ToolKind.CUSTOM), "exec"),
    ]
)


def response(*parts: ToolCall | Text) -> Response:
    stop = ev.Reason.TOOL_USE
    return Response(
        id="r", model="m", candidates=(Candidate(parts=parts, reason=stop),)
    )


def call(name: str, arguments: str = "{}") -> ToolCall:
    return ToolCall(call_id="c", name=name, arguments=arguments)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (call("bash"), call("Bash")),
        (call("unknown"), call("unknown")),
        (
            call("calc__add"),
            ToolCall(call_id="c", name="add", arguments="{}", namespace="calc"),
        ),
        (
            call("exec", '{"input":"pwd"}'),
            ToolCall(call_id="c", name="exec", arguments="pwd", kind=ToolKind.CUSTOM),
        ),
        (
            ToolCall(call_id="c", name="exec", arguments="ls", kind=ToolKind.CUSTOM),
            ToolCall(call_id="c", name="exec", arguments="ls", kind=ToolKind.CUSTOM),
        ),
    ],
)
def test_names_groups_and_free_text(told: ToolCall, meant: ToolCall) -> None:
    said, wanted = response(Text("t"), told), response(Text("t"), meant)
    assert restore_response(said, NAMES) == wanted
    for single in (False, True):
        restorer = Restorer(NAMES)
        events = spell_out(said)
        pieces = [[event] for event in events] if single else [events]
        heard = [event for piece in pieces for event in restorer.feed(piece)]
        assert collect(heard) == wanted


def test_free_text_that_grows_is_told_once() -> None:
    events: list[ev.Event] = [
        ev.ToolCallStarted(0, "c", "exec"),
        ev.ToolCallDelta(0, '{"inp'),
        ev.ToolCallStarted(1, "d", "bash"),
        ev.ToolCallDelta(1, "{}"),
        ev.ToolCallDelta(0, 'ut":"ls"}'),
        ev.BlockEnded(0),
        ev.BlockEnded(1),
    ]
    deltas = [
        e for e in Restorer(NAMES).feed(events) if isinstance(e, ev.ToolCallDelta)
    ]
    assert deltas == [ev.ToolCallDelta(1, "{}"), ev.ToolCallDelta(0, "ls")]


def test_where_nothing_was_declared_nothing_changes() -> None:
    said = response(call("bash"))
    assert restore_response(said, NO_NAMES) is said
