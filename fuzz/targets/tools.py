"""Whatever a caller's tools are called, they fit every upstream and come back.

Three bytes are one tool, one call with its answer, or the rule about calling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import ToolLimits
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    Message,
    NativeTool,
    Request,
    Role,
    Text,
    Tool,
    ToolCall,
    ToolKind,
    ToolResult,
)
from cliproxy_core.ir.response import Response, collect
from cliproxy_core.translate.free_text import wrap
from cliproxy_core.translate.restore import Restorer, restore_response
from cliproxy_core.translate.tools import Fitted, fit

__all__ = ["run"]

LIMITS: Final = {name: dialect.limits for name, dialect in DIALECTS.items()}

NAMES: Final = (
    "f",
    "F",
    "_f",
    "a.b",
    "a_b",
    "n__f",
    "f f",
    "é",
    "",
    "1st",
    "x" * 64,
    "x" * 65,
    "x" * 300,
    "-",
    "😀",
    "a/b:c",
)
SPACES: Final = (None, None, None, "n", "n__", "mcp__a b", "", "x" * 70)
IDENTS: Final = (
    "call_1",
    "a",
    "a b",
    "a_b",
    "",
    "x" * 80,
    "x" * 64,
    "é",
    "call_missing_0",
)
MODES: Final = tuple(ChoiceMode)
FREE: Final = ("*** Begin", "", "{", '{"input":"x"}')


def run(data: bytes) -> None:
    """Fit to every dialect's limits; what fits fits, and leads back."""
    asked = asked_by(data)
    for limits in LIMITS.values():
        fitted = fit(asked, limits)
        again = fit(fitted.request, limits)
        assert (again.request, again.dropped) == (fitted.request, ())
        _tools_fit(asked, fitted, limits)
        _calls_fit(asked.messages, fitted.request.messages, limits)
        if not limits.namespaces:  # only the same dialect has them: the native lane
            _comes_back(asked, fitted)
        fitted.names.meant(data.decode("utf-8", "replace"))


def asked_by(data: bytes) -> Request:
    """The request that the bytes describe."""
    tools: list[Tool | NativeTool] = []
    messages: list[Message] = []
    choice = None
    for kind, first, second in zip(data[0::3], data[1::3], data[2::3], strict=False):
        match kind % 8:
            case 0 | 1 | 2:
                tools.append(_tool(kind, first, second))
            case 3 if kind % 16 == 3:
                tools.append(NativeTool("x", {"type": "x"}))
            case 4 | 5:
                messages.append(_asked(kind, first, second))
            case 6:
                messages.append(_answered(kind, first))
            case _:
                choice = _choice(first, second)
    return Request(
        model="m", messages=tuple(messages), tools=tuple(tools), choice=choice
    )


def _kind(number: int) -> ToolKind:
    return ToolKind.CUSTOM if number % 32 > 20 else ToolKind.FUNCTION


def _tool(kind: int, first: int, second: int) -> Tool:
    return Tool(
        name=NAMES[first % len(NAMES)],
        namespace=SPACES[second % len(SPACES)],
        kind=_kind(kind),
        schema={"type": "object"} if _kind(kind) is ToolKind.FUNCTION else None,
        format={"type": "grammar", "syntax": "lark"} if second > 128 else None,
    )


def _asked(kind: int, first: int, second: int) -> Message:
    call = ToolCall(
        call_id=IDENTS[first // 16 % len(IDENTS)],
        name=NAMES[first % len(NAMES)],
        arguments="{}",
        namespace=SPACES[second % len(SPACES)],
        kind=_kind(kind),
    )
    return Message(role=Role.ASSISTANT, parts=(call,), plain=False)


def _answered(kind: int, first: int) -> Message:
    result = ToolResult(
        call_id=IDENTS[first // 16 % len(IDENTS)], parts=(Text("r"),), kind=_kind(kind)
    )
    return Message(role=Role.USER, parts=(result,), plain=False)


def _choice(first: int, second: int) -> Choice:
    mode = MODES[first % len(MODES)]
    if mode is ChoiceMode.NAMED:
        name, space = NAMES[second % len(NAMES)], SPACES[second // 16 % len(SPACES)]
        return Choice(mode, name, space)
    allowed = (NAMES[second % len(NAMES)],) if first > 128 else ()
    return Choice(mode, allowed=allowed)


# What must hold.


def _fits(name: str, limits: ToolLimits) -> bool:
    short = len(name) <= limits.name_length
    return short and limits.name.fullmatch(name) is not None


def _tools_fit(asked: Request, fitted: Fitted, limits: ToolLimits) -> None:
    tools = [tool for tool in fitted.request.tools if isinstance(tool, Tool)]
    for tool in tools:
        assert _fits(tool.name, limits), tool
        assert limits.custom or tool.kind is ToolKind.FUNCTION
        assert limits.namespaces or tool.namespace is None
    count = Counter((tool.namespace, tool.name) for tool in tools)
    assert not count or max(count.values()) == 1
    told = [drop for drop in fitted.dropped if not drop.path.endswith(".format")]
    assert len(asked.tools) - len(fitted.request.tools) == len(told)
    choice = fitted.request.choice
    if choice is not None:
        assert choice.name is None or _fits(choice.name, limits)
        assert all(_fits(name, limits) for name in choice.allowed)


def _calls_fit(
    before: Sequence[Message], after: Sequence[Message], limits: ToolLimits
) -> None:
    """Every id fits; what had one id has one still, and nothing else has it."""
    known: dict[str, str] = {}
    for old, new in zip(before, after, strict=True):
        (was,), (now,) = old.parts, new.parts
        assert isinstance(was, ToolCall | ToolResult)
        assert isinstance(now, ToolCall | ToolResult)
        if isinstance(now, ToolCall):
            assert _fits(now.name, limits)
            assert limits.custom or now.kind is ToolKind.FUNCTION
            assert limits.call_id.fullmatch(now.call_id)
        assert len(now.call_id) <= limits.call_id_length
        if was.call_id:
            assert known.setdefault(was.call_id, now.call_id) == now.call_id
    assert len(set(known.values())) == len(known)


def _comes_back(asked: Request, fitted: Fitted) -> None:
    """What the upstream calls by its name is the caller's tool."""
    for number, tool in enumerate(asked.tools):
        if not isinstance(tool, Tool) or _is_lost(number, fitted):
            continue
        name = fitted.names.wire[tool.namespace, tool.name]
        free = tool.kind is ToolKind.CUSTOM
        text = FREE[number % len(FREE)] if free else '{"a": 1}'
        events = _called(name, wrap(text) if free else text)
        stream = Restorer(fitted.names)
        back = collect([e for event in events for e in stream.feed([event])])
        assert isinstance(back, Response)
        assert back == restore_response(_response(events), fitted.names)
        (call,) = back.candidates[0].parts
        assert isinstance(call, ToolCall)
        found = (call.name, call.namespace, call.kind, call.arguments)
        assert found == (tool.name, tool.namespace, tool.kind, text)


def _is_lost(number: int, fitted: Fitted) -> bool:
    return any(drop.path == f".tools[{number}]" for drop in fitted.dropped)


def _called(name: str, text: str) -> list[ev.Event]:
    middle = len(text) // 2
    return [
        ev.Started("id_1", "m"),
        ev.ToolCallStarted(0, "call_1", name),
        ev.ToolCallDelta(0, text[:middle]),
        ev.ToolCallDelta(0, text[middle:]),
        ev.BlockEnded(0),
        ev.Stopped(ev.Reason.TOOL_USE),
        ev.Ended(),
    ]


def _response(events: list[ev.Event]) -> Response:
    response = collect(events)
    assert isinstance(response, Response)
    return response
