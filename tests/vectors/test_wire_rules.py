"""Rules of the wire: what is repaired, what is an error, what requests may hold."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.failure import Kind
from cliproxy_core.translate import request
from tests.core.dialects.openai_responses import streams as rs
from tests.vectors.answers import ASKED, CHAT, CLAUDE, GEMINI, RESPONSES, hear
from tests.vectors.lines import Payload
from tests.vectors.upstream import chat, chunk, frames, responses
from tests.vectors.vector import Sent, sent

HELLO, STOP = chunk({"role": "assistant", "content": "hello"}), chunk({}, "stop")
CALLERS = pytest.mark.parametrize("caller", [CHAT, CLAUDE, RESPONSES, GEMINI])
VIDEO = {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}
PAPER = {"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}}
HI: JsonObject = {"role": "user", "parts": [{"text": "hi"}]}


# Requests of Gemini.


def test_v110_a_document_crosses_and_a_film_is_told_to_be_lost() -> None:
    parts: list[Any] = [{"text": "x"}, VIDEO, PAPER]
    got = sent(GEMINI, CLAUDE, {"contents": [{"role": "user", "parts": parts}]})
    source = {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}
    assert got.at("messages", 0, "content") == [
        {"type": "text", "text": "x"},
        {"type": "document", "source": source},
    ]
    assert len(got.dropped) == 1


@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize(
    ("target", "place"),
    [
        (CLAUDE, ("system", 0, "text")),
        (CHAT, ("messages", 0, "content", 0, "text")),
        (RESPONSES, ("input", 0, "content", 0, "text")),
    ],
)
def test_v111_system_text_in_both_spellings(
    key: str, target: str, place: tuple[str | int, ...]
) -> None:
    body: JsonObject = {key: {"parts": [{"text": "be brief"}]}, "contents": [HI]}
    got = sent(GEMINI, target, body)
    assert got.at(*place) == "be brief"
    if target != CLAUDE:
        assert got.at(place[0], 0, "role") == "system"


@pytest.mark.parametrize("names", [("", ""), ("f", ""), ("", "g"), ("f", "g")])
def test_v112_results_without_a_name_belong_to_the_calls_in_order(
    names: tuple[str, str],
) -> None:
    calls: list[Any] = [
        {"functionCall": {"name": name, "args": {}}} for name in ("f", "g")
    ]
    results: list[Any] = [
        {"functionResponse": {"name": name, "response": {"output": str(i)}}}
        for i, name in enumerate(names)
    ]
    contents: list[Any] = [
        HI,
        {"role": "model", "parts": calls},
        {"role": "user", "parts": results},
    ]
    messages = sent(GEMINI, CHAT, {"contents": contents})["messages"]
    assert isinstance(messages, list)
    _, asked, *told = messages
    assert isinstance(asked, dict)
    assert isinstance(asked["tool_calls"], list)
    ids = [call["id"] for call in asked["tool_calls"] if isinstance(call, dict)]
    assert [each["tool_call_id"] for each in told if isinstance(each, dict)] == ids
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("dialect", "members"),
    [
        (CHAT, b'"messages": [{"content": "hi", "role": "user"}]'),
        (CLAUDE, b'"messages": [{"content": "hi", "role": "user"}], "max_tokens": 9'),
        (RESPONSES, b'"input": "hi"'),
        (GEMINI, b'"contents": [{"parts": [{"text": "hi"}]}]'),
    ],
)
def test_v113_what_stays_in_its_dialect_stays_as_it_is(
    dialect: str, members: bytes
) -> None:
    body = b' {"z": 1.50,\n %b, "\\u0061": [ ], "model" : "m"}' % members
    assert request(body, source=dialect, target=dialect, model="m").body == body


# Streams of Responses.


def test_v173_an_empty_output_is_filled_in_the_order_of_the_items() -> None:
    items = [copy.deepcopy(rs.message(i, text)) for i, text in enumerate("ABC")]
    del items[2][-1]["output_index"]
    wire = responses(
        rs.created(),
        *(item[0] for item in items),
        items[1][1:],
        items[0][1:],
        items[2][1:],
        rs.end(),
    )
    heard = hear(RESPONSES, RESPONSES, wire)
    output = heard.last["response"]["output"]
    assert [item["content"][0]["text"] for item in output] == ["A", "B", "C"]
    assert heard.repairs["output_rebuilt"] == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"error": {"message": "no", "type": "server_error"}}, "no"),
        ({"code": "rate_limit_exceeded", "message": "slow"}, "slow"),
    ],
)
def test_v174_an_error_ends_the_stream(error: Payload, message: str) -> None:
    item = rs.message(0, "A")
    wire = responses(rs.created(), item[:3]) + frames(error)
    wire += responses(item[3:], rs.end(item[-1]["item"]))
    heard = hear(RESPONSES, RESPONSES, wire)
    assert heard.kinds()[-2:] == ["error", "response.failed"]
    assert heard.payloads[-2]["message"] == message
    assert heard.last["response"]["error"]["message"] == message
    assert "response.completed" not in heard.kinds()


def test_v175_an_end_without_a_last_event_is_an_error() -> None:
    heard = hear(RESPONSES, RESPONSES, responses(rs.created(), rs.message(0, "A")))
    assert heard.kinds()[-2:] == ["error", "response.failed"]
    assert "response.output_item.done" in heard.payloads[-2]["message"]
    assert heard.failure is not None
    assert heard.failure.kind is Kind.TRUNCATED


# Streams of Chat.


@CALLERS
def test_v176_a_finished_stream_needs_no_end_mark(caller: str) -> None:
    heard = hear(caller, CHAT, chat(HELLO, STOP, done=False))
    assert heard.failure is None
    assert heard.complete
    assert heard.lines == hear(caller, CHAT, chat(HELLO, STOP)).lines


@CALLERS
def test_v176_a_cut_stream_is_never_completed(caller: str) -> None:
    heard = hear(caller, CHAT, chat(HELLO, done=False))
    assert heard.failure is not None
    assert heard.failure.kind is Kind.TRUNCATED
    assert not heard.complete
    assert any(line.startswith("error") for line in heard.lines)


@CALLERS
@pytest.mark.parametrize("opening", [HELLO, None], ids=["within", "at once"])
def test_v177_an_error_where_an_event_should_be(
    caller: str, opening: Payload | None
) -> None:
    line = b'{"error":{"message":"no"}}\n\n'
    before = chat(opening, done=False) if opening else b": hold\n\n"
    heard = hear(caller, CHAT, before + line)
    assert heard.failure is not None
    assert heard.failure.status == 502


# Requests to Claude and Gemini.

TOOL: JsonObject = {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("choice", "thinks"),
    [
        ("required", False),
        ({"type": "function", "function": {"name": "f"}}, False),
        ("auto", True),
    ],
)
def test_v178_a_forced_call_leaves_no_time_to_think(choice: Any, thinks: bool) -> None:
    function: JsonObject = {"name": "f", "parameters": TOOL}
    body: JsonObject = {
        **ASKED[CHAT],
        "max_tokens": 9000,
        "reasoning_effort": "high",
        "tools": [{"type": "function", "function": function}],
        "tool_choice": choice,
    }
    got = sent(CHAT, CLAUDE, body)
    assert ("thinking" in got or "output_config" in got) is thinks
    forced = [why for why in got.lost(".reasoning_effort") if "forced" in why]
    assert bool(forced) is not thinks


MARK: JsonObject = {"cache_control": {"type": "ephemeral"}}


def _marked(system: int, tools: int, words: int) -> Sent:
    def said(count: int) -> list[Any]:
        return [{"type": "text", "text": str(i), **MARK} for i in range(count)]

    declared: list[Any] = [
        {"type": "function", "function": {"name": f"f{i}", "parameters": TOOL}, **MARK}
        for i in range(tools)
    ]
    body: JsonObject = {
        "model": "m",
        "messages": [
            {"role": "system", "content": said(system)},
            {"role": "user", "content": said(words)},
        ],
        "tools": declared,
    }
    return sent(CHAT, CLAUDE, body)


def _marks(holder: Any) -> str:
    return "".join("x" if "cache_control" in each else "." for each in holder)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((1, 1, 2), ("x", "x", "xx")),
        ((3, 1, 2), ("..x", "x", "xx")),
        ((3, 3, 2), ("..x", "..x", "xx")),
        ((2, 2, 5), (".x", ".x", "...xx")),
        ((1, 1, 3), ("x", "x", ".xx")),
    ],
)
def test_v179_four_cache_marks_are_kept(
    given: tuple[int, int, int], kept: tuple[str, str, str]
) -> None:
    got = _marked(*given)
    told = got["system"], got["tools"], got.at("messages", 0, "content")
    assert tuple(map(_marks, told)) == kept
    lost = [d for d in got.dropped if d.path.endswith(".cache_control")]
    assert len(lost) == sum(given) - 4


@pytest.mark.parametrize("caller", [CHAT, CLAUDE, RESPONSES])
def test_v180_the_user_speaks_first(caller: str) -> None:
    turns: list[Any] = [
        {"role": "assistant", "content": "x"},
        {"role": "user", "content": "y"},
    ]
    key = "input" if caller == RESPONSES else "messages"
    body = orjson.loads(orjson.dumps({**ASKED[caller], key: turns}))
    contents = sent(caller, GEMINI, body)["contents"]
    assert contents == [
        {"role": "user", "parts": [{"text": ""}]},
        {"role": "model", "parts": [{"text": "x"}]},
        {"role": "user", "parts": [{"text": "y"}]},
    ]
