"""What every dialect promises, held against every dialect there is.

A new folder in `dialects/` is tested here before anybody writes a test for it.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_object,
    dumps,
    loads,
    loads_exact,
    write,
)
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect, Legal, Mended, Sent
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.request import (
    Part,
    Reasoning,
    Refusal,
    Request,
    Text,
    ToolCall,
)
from cliproxy_core.ir.response import Response, collect, spell_out
from cliproxy_core.ir.stream import Event
from cliproxy_core.testing.cuts import bytewise, cut, every_cut
from cliproxy_core.wire.sse import SseDecoder, SseFrame
from tests.contracts.canon import REQUESTS, RESPONSES, context

dialects = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
requests = pytest.mark.parametrize("request_", REQUESTS.values(), ids=list(REQUESTS))
responses = pytest.mark.parametrize("response", RESPONSES.values(), ids=list(RESPONSES))

BROKEN = Failure(kind=Kind.RESET, status=502, message="it broke")


@attrs.define
class Heard:
    """What came of a stream, past the mender."""

    legal: list[Legal]
    events: list[Event]
    failure: Failure | None
    complete: bool
    repairs: dict[str, int]


def hear(dialect: Dialect, pieces: Iterable[bytes]) -> Heard:
    sse, mender, decoder = (
        SseDecoder(),
        dialect.mender(context()),
        dialect.decoder(context()),
    )
    heard = Heard([], [], None, False, {})

    def take(mended: Mended) -> None:
        heard.legal += mended.legal
        heard.events += decoder.feed(mended.legal)
        heard.failure = heard.failure or mended.failure

    for piece in pieces:
        frames = sse.feed(piece)
        take(mender.feed([f for f in frames if isinstance(f, SseFrame)]))
    assert sse.finish() == []
    take(mender.finish())
    heard.complete, heard.repairs = mender.complete, dict(mender.repairs)
    return heard


def written(sent: Iterable[Sent]) -> bytes:
    return b"".join(frame for _, frame in sent)


def encoded(dialect: Dialect, response: Response) -> list[Sent]:
    return dialect.encoder(context()).feed(spell_out(response))


def there_and_back(dialect: Dialect, response: Response) -> Response:
    heard = hear(dialect, [written(encoded(dialect, response))])
    collected = collect(heard.events)
    assert isinstance(collected, Response)
    return collected


def payload_of(frame: bytes) -> JsonObject | None:
    (event,) = SseDecoder().feed(frame)
    assert isinstance(event, SseFrame)
    return None if event.data == b"[DONE]" else as_object(loads(event.data), "")


def payloads_of(frames: bytes) -> list[JsonObject | None]:
    return [payload_of(frame + b"\n\n") for frame in frames.split(b"\n\n") if frame]


def said(parts: Iterable[Part], *, whole: bool = False) -> list[tuple[object, ...]]:
    """What must survive any dialect: the words, and calls to the letter.

    In a `whole` document of some dialects arguments are an object and not its text.
    """
    out: list[tuple[object, ...]] = []
    for part in parts:
        match part:
            case Text(text=text) | Refusal(text=text):
                out.append(("words", text))
            case Reasoning(text=text):
                out.append(("thoughts", text))
            case ToolCall(call_id=call_id, name=name, arguments=arguments):
                told = loads(arguments) if whole else arguments
                out.append(("call", call_id, name, told))
            case _:
                raise AssertionError(part)
    return out


# Requests.


@dialects
@requests
def test_a_request_that_was_parsed_once_stays_as_it_is(
    dialect: Dialect, request_: Request
) -> None:
    first = dialect.emit_request(request_)
    parsed = dialect.parse_request(as_object(loads(dumps(first.payload)), ""))
    again = dialect.emit_request(parsed)
    assert again.payload == first.payload
    assert again.dropped == ()
    assert dialect.parse_request(again.payload) == parsed


@dialects
@requests
def test_what_a_request_says_is_kept_or_named(
    dialect: Dialect, request_: Request
) -> None:
    emitted = dialect.emit_request(request_)
    parsed = dialect.parse_request(emitted.payload)
    if dialect.names_model:
        assert (parsed.model, parsed.stream) == (request_.model, request_.stream)
    texts = [p.text for m in parsed.messages for p in m.parts if isinstance(p, Text)]
    wanted = [p.text for m in request_.messages for p in m.parts if isinstance(p, Text)]
    assert texts == wanted
    assert [getattr(t, "name", None) for t in parsed.tools] == [
        getattr(t, "name", None) for t in request_.tools
    ]
    for dropped in emitted.dropped:
        assert dropped.path
        assert dropped.reason


BAD_REQUESTS: list[JsonObject] = [
    {},
    {"model": 7, "messages": []},
    {"model": "m"},
    {"model": "m", "messages": 7},
    {"model": "m", "messages": {}},
    {"model": "m", "messages": [7]},
    {"model": "m", "messages": [{"role": "user", "content": 7}]},
    {"model": "m", "messages": [{"role": "user", "content": [7]}]},
    {"model": "m", "messages": [{"role": "user", "content": [{"type": 7}]}]},
    {"model": "m", "messages": [{"role": 7, "content": "x"}]},
    {"model": "m", "messages": [], "max_tokens": 5, "tools": 7},
    {"model": "m", "messages": [], "max_tokens": 5, "tools": [7]},
    {"model": "m", "messages": [], "max_tokens": "many"},
]


@dialects
@pytest.mark.parametrize("document", BAD_REQUESTS, ids=str)
def test_a_bad_request_is_a_complaint_with_a_path(
    dialect: Dialect, document: JsonObject
) -> None:
    with pytest.raises(DecodeError) as caught:
        dialect.parse_request(document)
    assert caught.value.path.startswith(".")
    assert caught.value.reason


# Complete answers.


@dialects
@responses
def test_a_response_that_was_parsed_once_stays_as_it_is(
    dialect: Dialect, response: Response
) -> None:
    document = dialect.emit_response(response, context()).payload
    parsed = dialect.parse_response(
        as_object(loads_exact(write(document)), ""), context()
    )
    assert dialect.emit_response(parsed, context()).payload == document
    assert dialect.parse_response(document, context()) == parsed
    (was,), (now,) = response.candidates, parsed.candidates
    assert said(now.parts, whole=True) == said(was.parts, whole=True)
    assert now.reason is was.reason
    assert parsed.usage == response.usage
    assert dialect.error_in(document) is None


@dialects
@pytest.mark.parametrize("document", [{}, {"id": 7}, {"choices": 7}, {"content": 7}])
def test_a_bad_response_is_a_complaint(dialect: Dialect, document: JsonObject) -> None:
    with pytest.raises(DecodeError):
        dialect.parse_response(document, context())


# Streams.


@dialects
@responses
def test_what_the_encoder_says_is_legal(dialect: Dialect, response: Response) -> None:
    checker = Checker(dialect.grammar)
    for steps, frame in encoded(dialect, response):
        assert checker.check(steps) is None
        assert dialect.classify(payload_of(frame)) == steps, "the steps it claims"
    assert checker.complete


@dialects
@responses
def test_what_the_encoder_says_needs_no_repair_and_passes_untouched(
    dialect: Dialect, response: Response
) -> None:
    stream = written(encoded(dialect, response))
    heard = hear(dialect, [stream])
    assert (heard.failure, heard.complete, heard.repairs) == (None, True, {})
    assert b"".join(raw for _, raw in heard.legal) == stream


@dialects
@responses
def test_a_stream_means_what_its_response_meant(
    dialect: Dialect, response: Response
) -> None:
    once = there_and_back(dialect, response)
    assert there_and_back(dialect, once) == once
    (was,), (now,) = response.candidates, once.candidates
    assert said(now.parts) == said(was.parts)
    assert now.reason is was.reason
    assert once.usage == response.usage
    assert (once.id, once.model) == (response.id, response.model)


@dialects
@responses
def test_events_one_by_one_or_all_at_once(dialect: Dialect, response: Response) -> None:
    encoder = dialect.encoder(context())
    single = [sent for event in spell_out(response) for sent in encoder.feed([event])]
    assert single == encoded(dialect, response)


@dialects
@responses
@settings(max_examples=15)
@given(at=st.lists(st.integers(0, 4000), max_size=10))
def test_how_a_stream_was_cut_does_not_show(
    dialect: Dialect, response: Response, at: list[int]
) -> None:
    stream = written(encoded(dialect, response))
    whole = hear(dialect, [stream])
    assert hear(dialect, cut(stream, at)) == whole


@dialects
def test_no_cut_shows(dialect: Dialect) -> None:
    stream = written(encoded(dialect, RESPONSES["calls"]))
    whole = hear(dialect, [stream])
    assert hear(dialect, bytewise(stream)) == whole
    for pieces in every_cut(stream):
        assert hear(dialect, pieces) == whole


@dialects
@responses
def test_a_stream_may_fail_anywhere(dialect: Dialect, response: Response) -> None:
    events = spell_out(response)
    for count in range(len(events)):
        encoder, checker = dialect.encoder(context()), Checker(dialect.grammar)
        for steps, _ in encoder.feed(events[:count]):
            assert checker.check(steps) is None
        for steps, frame in encoder.fail(BROKEN):
            assert checker.check(steps) is None
            assert dialect.classify(payload_of(frame)) == steps
        assert checker.complete


@dialects
@responses
def test_a_native_stream_may_fail_anywhere(
    dialect: Dialect, response: Response
) -> None:
    sent = encoded(dialect, response)
    for count in range(len(sent)):
        checker = Checker(dialect.grammar)
        for steps, _ in sent[:count]:
            assert checker.check(steps) is None
        for payload in payloads_of(dialect.fail(BROKEN)):
            assert checker.check(dialect.classify(payload)) is None
        assert checker.complete


@dialects
@responses
def test_a_stream_that_fails_is_heard_to_fail(
    dialect: Dialect, response: Response
) -> None:
    sent = encoded(dialect, response)
    for count in range(len(sent)):
        heard = hear(dialect, [written(sent[:count]), dialect.fail(BROKEN)])
        assert heard.failure is not None
        assert "it broke" in heard.failure.message
        assert not heard.complete


@dialects
@responses
def test_a_heartbeat_may_stand_anywhere(dialect: Dialect, response: Response) -> None:
    frames = [frame for _, frame in encoded(dialect, response)]
    for count in range(len(frames)):
        stream = [*frames[:count], dialect.heartbeat, *frames[count:]]
        checker = Checker(dialect.grammar)
        for frame in stream:
            for event in SseDecoder().feed(frame):
                if isinstance(event, SseFrame):
                    assert (
                        checker.check(dialect.classify(payload_of(event.raw))) is None
                    )
        assert checker.complete
        assert hear(dialect, stream).failure is None


@dialects
@responses
def test_a_truncated_stream_never_ends_well(
    dialect: Dialect, response: Response
) -> None:
    sent = encoded(dialect, response)
    for count in range(len(sent) // 2):
        heard = hear(dialect, [written(sent[:count])])
        assert heard.failure is not None
        assert not heard.complete


@dialects
def test_usage_that_nobody_asked_for_is_still_counted(dialect: Dialect) -> None:
    stream = written(encoded(dialect, RESPONSES["text"]))
    mender = dialect.mender(context(usage=False))
    frames = [f for f in SseDecoder().feed(stream) if isinstance(f, SseFrame)]
    assert mender.feed(frames).failure is None
    assert mender.usage == RESPONSES["text"].usage


# Errors.


@dialects
@pytest.mark.parametrize("kind", Kind)
def test_every_failure_can_be_said_and_heard(dialect: Dialect, kind: Kind) -> None:
    failure = Failure(kind=kind, status=502, message="the words")
    document = as_object(loads(dumps(dialect.emit_error(failure))), "")
    assert dialect.parse_error(502, dumps(document)).message == "the words"
    heard = dialect.error_in(document)
    assert heard is not None
    assert heard.message == "the words"
    for payload in payloads_of(dialect.fail(failure)):
        told = dialect.error_in(payload or {})
        assert told is not None
        assert told.message == "the words"


@dialects
@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"7", b'"x"', b"{}", b"<html>", b"\xff"]
)
def test_any_error_body_is_a_failure(dialect: Dialect, body: bytes) -> None:
    failure = dialect.parse_error(500, body)
    assert (failure.kind, failure.status) == (Kind.SERVER, 500)
    assert failure.message


@dialects
def test_an_error_of_the_dialects_own_is_said_word_for_word(dialect: Dialect) -> None:
    document = dialect.emit_error(BROKEN)
    error = document["error"]
    assert isinstance(error, dict)
    own: JsonObject = {**document, "error": {**error, "vendor": [1]}}
    assert dialect.emit_error(dialect.parse_error(502, dumps(own))) == own
