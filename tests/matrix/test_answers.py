"""Every upstream's answers to every caller, judged by the callers' own SDKs.

The upstreams' bytes are written by hand. What a caller's SDK makes of our stream, of
our whole answer, and of each made out of the other must be the same, and must be what
is written here.
"""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Iterable
from types import ModuleType
from typing import Any, Final, TypeAlias

import pytest

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.failure import Kind
from cliproxy_core.testing.cuts import bytewise
from cliproxy_core.translate import Plan, UpstreamError, request
from tests.judges.reading import Candidate, Part, Reading, call

from . import (
    scenes,
    upstream_claude_messages,
    upstream_gemini,
    upstream_openai_chat,
    upstream_openai_responses,
)
from .scenes import Spoken

UPSTREAMS: Final = {
    "openai_chat": upstream_openai_chat.SPOKEN,
    "openai_responses": upstream_openai_responses.SPOKEN,
    "claude_messages": upstream_claude_messages.SPOKEN,
    "gemini": upstream_gemini.SPOKEN,
}
NAMES: Final = list(UPSTREAMS)
OPENAI: Final = ("openai_chat", "openai_responses")

ASKED: Final[dict[str, JsonObject]] = {
    "openai_chat": {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream_options": {"include_usage": True},
    },
    "openai_responses": {"model": "m", "input": "hi"},
    "claude_messages": {
        "model": "m",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "hi"}],
    },
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
}

Saying: TypeAlias = tuple[str, ...]
"""A kind and its words; of a call its name and its exact arguments."""

# What a scene says, whoever says it to whom.
SAYINGS: Final[dict[str, tuple[Saying, ...]]] = {
    "text": (("text", "Hello, wörld."),),
    "letters": (("text", scenes.LETTERS),),
    "thought": (("reasoning", "hmm, so"), ("text", "Yes.")),
    "a call": (
        ("text", "Let me look."),
        ("call", "f", '{"city":"Zürich","n":1.0}'),
    ),
    "two calls": (
        ("call", "f", '{"n":1.0,"b":true}'),
        ("call", "g", '{"x":12345678901234567890}'),
    ),
    "no arguments": (("call", "f", "{}"),),
    "big arguments": (call("", "f", scenes.BIG)[:1] + call("", "f", scenes.BIG)[2:],),
    "cached": (("text", "Yes."),),
}
CALLING: Final = ("a call", "two calls", "no arguments", "big arguments")

# The word at the end, and the word beside it.
END: Final = {
    "openai_chat": ("stop", None),
    "openai_responses": ("completed", None),
    "claude_messages": ("end_turn", None),
    "gemini": ("STOP", None),
}
CALLED: Final = {
    **END,
    "openai_chat": ("tool_calls", None),
    "claude_messages": ("tool_use", None),
}
LIMIT: Final = {
    "openai_chat": ("length", None),
    "openai_responses": ("incomplete", "max_output_tokens"),
    "claude_messages": ("max_tokens", None),
    "gemini": ("MAX_TOKENS", None),
}
# A model that declines says so in words of their own, a filter that steps in by a word
# at the end. Dialects that only have the one say the other by it.
DECLINED: Final = {
    "openai_chat": ("refusal", "stop", None),
    "openai_responses": ("refusal", "completed", None),
    "claude_messages": ("text", "refusal", None),
    "gemini": ("text", "SAFETY", None),
}
FILTERED: Final = {
    **DECLINED,
    "openai_chat": ("text", "content_filter", None),
    "openai_responses": ("text", "incomplete", "content_filter"),
}

WAYS: Final = (
    pytest.param(True, True, id="a stream for a stream"),
    pytest.param(False, False, id="a document for a document"),
    pytest.param(True, False, id="a stream for a document"),
    pytest.param(False, True, id="a document for a stream"),
)
ups = pytest.mark.parametrize("up", NAMES)
downs = pytest.mark.parametrize("down", NAMES)
ways = pytest.mark.parametrize(("comes", "goes"), WAYS)


def judge(dialect: str) -> ModuleType:
    return importlib.import_module(f"tests.judges.{dialect}")


def plan(down: str, up: str, *, streams: bool) -> Plan:
    document = dict(ASKED[down])
    if down != "gemini":
        document["stream"] = streams
    return request(document, source=down, target=up, model="m", stream=streams)


def pieces(data: bytes) -> Iterable[bytes]:
    """Byte by byte, unless that would take all day."""
    if len(data) < 20_000:
        return bytewise(data)
    return (data[at : at + 997] for at in range(0, len(data), 997))


def streamed(down: str, up: str, body: bytes) -> bytes:
    """What a caller gets who wants a stream; however the upstream's was cut."""
    at_once = plan(down, up, streams=True).response_stream()
    said = at_once.feed(body) + at_once.finish()
    cut = plan(down, up, streams=True).response_stream()
    assert b"".join(map(cut.feed, pieces(body))) + cut.finish() == said
    assert (cut.failure, cut.done) == (at_once.failure, at_once.done)
    assert at_once.done
    assert at_once.repairs == {}, "what is written here is in good order"
    return said


def heard(down: str, up: str, scene: str, *, comes: bool, goes: bool) -> Reading:
    """What the caller's SDK makes of a scene that does not break off."""
    spoken: Spoken = UPSTREAMS[up][scene]
    body = spoken.stream if comes else spoken.whole
    assert body is not None
    reading: Reading
    if goes:
        data = streamed(down, up, body)
        assert down != up or not comes or data == body, "not a byte is changed"
        reading = judge(down).fold(data)
    else:
        data = plan(down, up, streams=False).response(body)
        assert down != up or comes or data == body
        reading = judge(down).whole(data)
    assert reading.error is None
    assert reading.kept
    return reading


def only(reading: Reading) -> Candidate:
    (candidate,) = reading.candidates
    assert candidate.role in ("assistant", "model")
    return candidate


def sayings(parts: tuple[Part, ...]) -> tuple[Saying, ...]:
    """Parts without ids and proofs; a summary of thoughts is thoughts."""
    out: list[Saying] = []
    for kind, *rest in parts:
        if kind in ("call", "cut call"):
            out.append((kind, *rest[1:]))
        elif kind not in ("signature", "encrypted"):
            out.append(("reasoning" if kind == "summary" else kind, *rest))
    return tuple(out)


# What is said.


@ups
@downs
@ways
@pytest.mark.parametrize("scene", SAYINGS)
def test_what_was_said_is_heard(
    down: str, up: str, scene: str, comes: bool, goes: bool
) -> None:
    reading = heard(down, up, scene, comes=comes, goes=goes)
    candidate = only(reading)
    assert sayings(candidate.parts) == SAYINGS[scene]
    ends = CALLED if scene in CALLING else END
    assert (candidate.finish, candidate.detail) == ends[down]
    count = (20, 5, 9, 2) if scene == "cached" else (11, 0, 7, 0)
    assert counted(down, reading.usage) == count


def counted(dialect: str, usage: Any) -> tuple[int, int, int, int]:
    """Prompt and the part of it from a cache, output and the part that was thought.

    Each vendor's own arithmetic, checked against its own total.
    """
    match dialect:
        case "openai_chat" | "openai_responses":
            chat = dialect == "openai_chat"
            into, out = ("prompt", "completion") if chat else ("input", "output")
            prompt, output = usage[f"{into}_tokens"], usage[f"{out}_tokens"]
            assert usage["total_tokens"] == prompt + output
            cached = usage.get(f"{into}_tokens_details", {}).get("cached_tokens", 0)
            thought = usage.get(f"{out}_tokens_details", {}).get("reasoning_tokens", 0)
        case "claude_messages":
            cached = usage.get("cache_read_input_tokens", 0)
            prompt = usage["input_tokens"] + cached
            output = usage["output_tokens"]
            details = usage.get("output_tokens_details", {})
            thought = details.get("thinking_tokens", 0)
        case _:
            prompt = usage["promptTokenCount"]
            cached = usage.get("cachedContentTokenCount", 0)
            thought = usage.get("thoughtsTokenCount", 0)
            output = usage["candidatesTokenCount"] + thought
            assert usage["totalTokenCount"] == prompt + output
    return prompt, cached, output, thought


# Proofs: as they are for the one who issued them, in a carrier for anybody else.


@ups
@downs
@ways
def test_a_proof_comes_along(down: str, up: str, comes: bool, goes: bool) -> None:
    parts = only(heard(down, up, "thought", comes=comes, goes=goes)).parts
    proofs = [rest[0] for kind, *rest in parts if kind in ("signature", "encrypted")]
    if down == up:
        assert proofs == [scenes.PROOF]
    elif (down, up) == ("openai_chat", "gemini"):
        assert proofs == []  # what is on words: Chat has a place on calls only
    else:
        (proof,) = proofs
        carrier = base64.b64decode(proof).decode() if down == "gemini" else proof
        name, issuer, _, text = carrier.split(":", 3)
        assert (name, issuer, text) == ("cliproxy1", up, scenes.PROOF)


# Calls.


@ups
@downs
@ways
@pytest.mark.parametrize("scene", CALLING)
def test_calls_can_be_told_apart(
    down: str, up: str, scene: str, comes: bool, goes: bool
) -> None:
    parts = only(heard(down, up, scene, comes=comes, goes=goes)).parts
    ids = [part[1] for part in parts if part[0] == "call"]
    if up != "gemini":
        told = b'"%b"'
        stream = UPSTREAMS[up][scene].stream
        assert all(told % ident.encode() in stream for ident in ids)
    assert (down == up == "gemini") or all(ids)
    assert len(set(ids)) == len(ids) or down == up == "gemini"


@ups
@downs
@ways
def test_numbers_keep_their_spelling(
    down: str, up: str, comes: bool, goes: bool
) -> None:
    spoken = UPSTREAMS[up]["big arguments"]
    body = spoken.stream if comes else spoken.whole
    assert body is not None
    crossed = plan(down, up, streams=goes)
    if goes:
        stream = crossed.response_stream()
        said = stream.feed(body) + stream.finish()
    else:
        said = crossed.response(body)
    places = [said.index(mark.encode()) for mark in scenes.BIG_MARKS]
    assert places == sorted(places), "in the order in which they came"


# Ends that are no ends.


@ups
@downs
@ways
def test_a_model_that_declines(down: str, up: str, comes: bool, goes: bool) -> None:
    candidate = only(heard(down, up, "refusal", comes=comes, goes=goes))
    kind, finish, detail = (DECLINED if up in OPENAI else FILTERED)[down]
    assert candidate.parts == ((kind, "I won't."),)
    assert (candidate.finish, candidate.detail) == (finish, detail)


@ups
@downs
@ways
def test_a_call_that_does_not_fit_cannot_be_run(
    down: str, up: str, comes: bool, goes: bool
) -> None:
    candidate = only(heard(down, up, "limit", comes=comes, goes=goes))
    assert (candidate.finish, candidate.detail) == LIMIT[down]
    told = sayings(candidate.parts)
    if up == "gemini":
        assert told == (("text", "Let me"),)
    elif down == "gemini":
        assert told == ()
    elif up == "claude_messages" and not comes and down in OPENAI:
        assert told == (("cut call", "f", "{"),)  # all that its documents tell
    elif down == "claude_messages" and (not goes or (up == down and not comes)):
        assert told == (("call", "f", "{}"),)  # all that its documents can tell
    else:
        assert told == (("cut call", "f", scenes.CUT_ARGUMENTS),)


# What breaks off.


@ups
@downs
def test_an_error_in_a_stream_is_raised_with_its_words(down: str, up: str) -> None:
    body = UPSTREAMS[up]["error"].stream
    reading: Reading = judge(down).fold(streamed(down, up, body))
    assert reading.error is not None
    assert reading.error.message == scenes.BUSY
    check_unfinished(reading)
    assert sayings(only(reading).parts) == (("text", "Hel"),)
    with pytest.raises(UpstreamError) as caught:
        plan(down, up, streams=False).response(body)
    assert caught.value.failure.message == scenes.BUSY
    assert scenes.BUSY in json.dumps(json.loads(caught.value.body), ensure_ascii=False)


@ups
@downs
@pytest.mark.parametrize("scene", ["cut", "cut call"])
def test_a_stream_that_is_cut_is_an_error(down: str, up: str, scene: str) -> None:
    body = UPSTREAMS[up][scene].stream
    reading: Reading = judge(down).fold(streamed(down, up, body))
    assert reading.error is not None
    assert reading.error.message
    check_unfinished(reading)
    with pytest.raises(UpstreamError) as caught:
        plan(down, up, streams=False).response(body)
    assert caught.value.failure.kind is Kind.TRUNCATED


@ups
@downs
@pytest.mark.parametrize("scene", ["text", "a call", "thought"])
def test_wherever_a_stream_is_cut(down: str, up: str, scene: str) -> None:
    """After any of its frames but the last ones, which only say that it is over."""
    stream = UPSTREAMS[up][scene].stream
    frames = [frame + b"\n\n" for frame in stream.split(b"\n\n")[:-1]]
    enough = {"openai_chat": 3, "claude_messages": 2, "openai_responses": 1}
    for count in range(1, len(frames) - enough.get(up, 1) + 1):
        got = streamed(down, up, b"".join(frames[:count]))
        reading: Reading = judge(down).fold(got)
        assert reading.error is not None
        check_unfinished(reading)


def check_unfinished(reading: Reading) -> None:
    for candidate in reading.candidates:
        assert candidate.finish in (None, "failed")
