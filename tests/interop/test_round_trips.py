"""The SDKs talk to a well-behaved upstream: every pair, every server, every way of
reading."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cliproxy_core.testing.demo import demo_answer

from .legality import check_stream, check_whole
from .readings import VIEWS, Asked, Reading, Said, Stop, Thought, Tokens
from .rig import ALL_PAIRS, PAIRS, Pair, Rig

MODES = ("whole", "create", "stream")

HELLO = "Hello from the demo upstream."
THOUGHT = "The user greets me."
PROOF = "ZGVtby1zaWduYXR1cmU="

pairs = pytest.mark.parametrize("pair", PAIRS, ids=str)
all_pairs = pytest.mark.parametrize("pair", ALL_PAIRS, ids=str)
modes = pytest.mark.parametrize("mode", MODES)


def ask(
    rig: Rig, pair: Pair, mode: Any, scenario: str, *turns: Any, **rest: Any
) -> Reading:
    """One turn of a conversation; its bytes are held against the dialect."""
    client = rig.client(pair)
    messages = [client.user("Hello?"), *turns]
    outcome = client.ask(mode, f"{pair.upstream}/{scenario}", messages, **rest)
    assert isinstance(outcome, Reading), outcome
    check = check_whole if mode == "whole" else check_stream
    check(client.dialect, client.heard)
    return outcome


def assert_parts(pair: Pair, reading: Reading, *parts: Any) -> None:
    expected = VIEWS[pair.caller](parts)
    assert reading.parts == expected


def last_document(rig: Rig, pair: Pair) -> Any:
    """What the upstream was sent last."""
    return json.loads(rig.upstream(pair).asked[-1].body)


@modes
@all_pairs
def test_text_and_usage(any_rig: Rig, pair: Pair, mode: str) -> None:
    any_rig.upstream(pair).play(demo_answer)
    reading = ask(any_rig, pair, mode, "text")
    assert reading == Reading(
        parts=(Said(HELLO),), stop=Stop.END, tokens=Tokens(20, 8, 6)
    )


@pairs
def test_usage_is_told_only_to_those_who_ask(any_rig: Rig, pair: Pair) -> None:
    any_rig.upstream(pair).play(demo_answer)
    reading = ask(any_rig, pair, "create", "text", usage=False)
    unasked = None if pair.caller == "chat" else Tokens(20, 8, 6)
    assert reading.tokens == unasked


@modes
@all_pairs
def test_a_tool_round_trip(any_rig: Rig, pair: Pair, mode: str) -> None:
    any_rig.upstream(pair).play(demo_answer)
    client = any_rig.client(pair)
    tools = [client.tool("get_time", "zone")]
    first = ask(any_rig, pair, mode, "tool", tools=tools)
    assert_parts(pair, first, Asked("get_time", {"zone": "Paris"}))
    assert first.stop is Stop.CALLS
    (call,) = first.calls
    turns = [first.turn, *client.results({call.id: "noon"})]
    second = ask(any_rig, pair, mode, "tool", *turns, tools=tools)
    assert_parts(pair, second, Said("The tool said: noon"))
    assert second.stop is Stop.END
    assert_calls(any_rig, pair, (call.id, "get_time", {"zone": "Paris"}, "noon"))


@modes
@all_pairs
def test_two_parallel_calls(any_rig: Rig, pair: Pair, mode: str) -> None:
    any_rig.upstream(pair).play(demo_answer)
    client = any_rig.client(pair)
    tools = [client.tool("get_weather", "city")]
    first = ask(any_rig, pair, mode, "tools", tools=tools)
    paris, rome = {"city": "Paris"}, {"city": "Rome"}
    said = Said("Two at once.")
    calls = [Asked("get_weather", paris), Asked("get_weather", rome)]
    assert_parts(pair, first, said, *calls)
    assert first.stop is Stop.CALLS
    one, two = (call.id for call in first.calls)
    turns = [first.turn, *client.results({one: "rain", two: "sun"})]
    second = ask(any_rig, pair, mode, "tools", *turns, tools=tools)
    assert second.stop is Stop.END
    assert_calls(
        any_rig,
        pair,
        (one, "get_weather", paris, "rain"),
        (two, "get_weather", rome, "sun"),
    )


@modes
@pairs
def test_thinking_returns_with_its_proof(any_rig: Rig, pair: Pair, mode: str) -> None:
    """The upstream refuses a proof that is not its own."""
    any_rig.upstream(pair).play(demo_answer)
    proof = PROOF if pair.upstream == "claude" else ""
    first = ask(any_rig, pair, mode, "thinking", thinking=True)
    assert_parts(pair, first, Thought(THOUGHT, proof), Said(HELLO))
    assert first.tokens == Tokens(20, 8, 11)
    client = any_rig.client(pair)
    turns = [first.turn, client.user("And again?")]
    second = ask(any_rig, pair, mode, "thinking", *turns, thinking=True)
    assert second.parts == first.parts
    sent = last_document(any_rig, pair)["messages"][1]
    if pair.upstream == "claude":
        thinking, text = sent["content"]
        assert thinking == {
            "type": "thinking", "thinking": THOUGHT, "signature": PROOF
        }  # fmt: skip
        assert text["text"] == HELLO
    else:
        assert sent["reasoning_content"] == THOUGHT
        assert texts(sent["content"]) == HELLO


def calls_sent(document: Any) -> dict[str, tuple[str, Any, str]]:
    """Calls of a request with their results, by id; any dialect but Gemini."""
    names: dict[str, tuple[str, Any]] = {}
    out: dict[str, tuple[str, Any, str]] = {}
    for item in document.get("input", ()):
        call_id = item.get("call_id")
        if item.get("type") == "function_call":
            names[call_id] = item["name"], json.loads(item["arguments"])
        elif item.get("type") == "function_call_output":
            out[call_id] = (*names[call_id], texts(item["output"]))
    for message in document.get("messages", ()):
        for call in message.get("tool_calls") or ():
            function = call["function"]
            names[call["id"]] = function["name"], json.loads(function["arguments"])
        if message["role"] == "tool":
            call_id = message["tool_call_id"]
            out[call_id] = (*names[call_id], texts(message["content"]))
        content = message.get("content")
        for block in content if isinstance(content, list) else ():
            if block["type"] == "tool_use":
                names[block["id"]] = block["name"], block["input"]
            elif block["type"] == "tool_result":
                call_id = block["tool_use_id"]
                out[call_id] = (*names[call_id], texts(block["content"]))
    return out


def gemini_calls_sent(document: Any) -> list[tuple[str, Any, str]]:
    """The same of a request to Gemini, in order: ids may be missing there."""
    parts = [p for c in document["contents"] for p in c["parts"]]
    asked = [p["functionCall"] for p in parts if "functionCall" in p]
    told = [p["functionResponse"] for p in parts if "functionResponse" in p]
    pairs = list(zip(asked, told, strict=True))
    assert all(a["name"] == t["name"] and a.get("id") == t.get("id") for a, t in pairs)
    return [(a["name"], a["args"], *map(str, t["response"].values())) for a, t in pairs]


def assert_calls(rig: Rig, pair: Pair, *expected: tuple[str, str, Any, str]) -> None:
    """What the upstream was sent of calls and results: id, name, arguments, result."""
    document = last_document(rig, pair)
    if pair.upstream == "gemini":
        assert gemini_calls_sent(document) == [call[1:] for call in expected]
    else:
        assert calls_sent(document) == {call[0]: call[1:] for call in expected}


def texts(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(block["text"] for block in content)
