"""One request and its answer at message level: what is refused, and when."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest

from cliproxy_core.base.contract import Tick
from cliproxy_core.base.secret import Secret
from cliproxy_core.gateway.exchange import Exchange, State
from cliproxy_core.gateway.messages import ExchangeEffect, ExchangeInput, ReadOn
from cliproxy_core.lifecycle.effects import (
    Acquire,
    Open,
    PauseUpstream,
    Respond,
    Withdraw,
)
from cliproxy_core.lifecycle.inputs import (
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
    Granted,
    Refused,
)
from cliproxy_core.testing.playbook import Playbook
from cliproxy_core.wire.coding import encode
from cliproxy_core.wire.http import (
    BodyData,
    BodyEnded,
    Headers,
    PeerFault,
    RequestHead,
)
from tests.core.gateway.parties import (
    CHAT_PATH,
    CLAUDE_PATH,
    GEMINI_PATH,
    RESPONSES_PATH,
    app,
    body,
    document,
    head,
)
from tests.core.lifecycle.cast import (
    DONE,
    FINISH,
    HELLO,
    ROLE,
    TIMEOUTS,
    connected,
    credential,
    data,
    is_report,
)
from tests.core.lifecycle.cast import head as upstream_head

PATHS = (CHAT_PATH, RESPONSES_PATH, CLAUDE_PATH, GEMINI_PATH)

Play = Playbook[ExchangeInput, ExchangeEffect]


def play(*told: ExchangeInput, **fields: Any) -> Play:
    def mute(effect: ExchangeEffect) -> bool:
        return not isinstance(effect, ReadOn) and is_report(effect)

    book: Play = Playbook(Exchange(app(**fields)), mute=mute)
    for event in told:
        book.hears(event)
    return book


def refused(book: Play, event: ExchangeInput) -> tuple[int, Any]:
    """The status and the document of the one answer that an input causes."""
    (answer,) = book.hears(event)
    assert isinstance(answer, Respond)
    book.ends()
    return answer.status, orjson.loads(answer.body)


def granted(book: Play, name: str = "a") -> Granted:
    assert isinstance(book.machine, Exchange)
    return Granted(book.machine.request, credential(name), "m")


def asked(**members: Any) -> tuple[ExchangeInput, ...]:
    return (head(), BodyData(body(**members)), BodyEnded())


def test_from_the_head_to_the_last_event() -> None:
    book = play()
    book.sees(head(), ReadOn())
    content = body()
    book.sees(BodyData(content[:5])).sees(BodyData(content[5:]))
    (ask,) = book.hears(BodyEnded())
    assert isinstance(ask, Acquire)
    assert ask.model == "m"
    (order,) = book.hears(granted(book))
    assert isinstance(order, Open)
    for event in (connected(), upstream_head(), data(ROLE + HELLO)):
        book.hears(event)
    effects = book.hears(data(FINISH + DONE))
    assert isinstance(effects[-1], Withdraw)
    book.ends()
    assert isinstance(book.machine, Exchange)
    assert book.machine.numbered == 1


# The head is judged before the body is read.


def test_health_and_home() -> None:
    for path, key in ((b"/healthz", "status"), (b"/", "endpoints")):
        status, document = refused(play(), RequestHead(b"GET", path, ()))
        assert status == 200
        assert key in document


@pytest.mark.parametrize(
    ("target", "headers", "member", "name"),
    [
        (b"/v1/models", (), "data", "id"),
        (b"/v1/models", ((b"anthropic-version", b"2023-06-01"),), "data", "id"),
        (b"/v1/models", ((b"x-goog-api-key", b"k"),), "models", "displayName"),
        (b"/v1beta/models", (), "models", "displayName"),
    ],
)
def test_models(target: bytes, headers: Headers, member: str, name: str) -> None:
    status, listed = refused(play(), RequestHead(b"GET", target, headers))
    assert status == 200
    assert sorted(entry[name] for entry in listed[member]) == ["c", "g", "m", "r"]


def test_a_single_model() -> None:
    status, shown = refused(play(), RequestHead(b"GET", b"/v1/models/g", ()))
    assert (status, shown["id"]) == (200, "g")
    status, shown = refused(play(), RequestHead(b"GET", b"/v1beta/models/g", ()))
    assert (status, shown["name"]) == (200, "models/g")
    for target in (b"/v1/models/unheard-of", b"/v1beta/models/unheard-of"):
        status, error = refused(play(), RequestHead(b"GET", target, ()))
        assert (status, "no model" in error["error"]["message"]) == (404, True)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        (b"POST", b"/nothing", 404),
        (b"GET", b"/v1/messages", 405),
        (b"GET", b"/v1/responses", 405),
        (b"GET", b"/v1beta/models/g:generateContent", 405),
        (b"POST", b"/v1beta/models/g:embedContent", 404),
        (b"POST", b"/v1/models", 405),
        (b"OPTIONS", b"*", 404),
    ],
)
def test_what_is_not_served(method: bytes, target: bytes, status: int) -> None:
    assert refused(play(), RequestHead(method, target, ()))[0] == status


def test_a_wrong_method_is_told_the_right_ones() -> None:
    (answer,) = play().hears(RequestHead(b"PUT", b"/healthz", ()))
    assert isinstance(answer, Respond)
    assert (b"allow", b"GET, HEAD") in answer.headers


@pytest.mark.parametrize("path", [*PATHS, b"/v1/models", b"/v1beta/models"])
def test_nobody_comes_in_without_a_key(path: bytes) -> None:
    method = b"GET" if path.endswith(b"models") else b"POST"
    book = play(api_keys=(Secret("door-key"),))
    status, error = refused(book, RequestHead(method, path, ()))
    assert status == 401
    kind = error["error"].get("type") or error["error"]["status"]
    assert kind in ("authentication_error", "UNAUTHENTICATED")


def test_health_needs_no_key() -> None:
    book = play(api_keys=(Secret("door-key"),))
    assert refused(book, RequestHead(b"GET", b"/healthz", ()))[0] == 200


def test_a_key_opens() -> None:
    book = play(api_keys=(Secret("door-key"),))
    book.sees(head(headers=((b"x-api-key", b"door-key"),)), ReadOn())
    book = play(api_keys=(Secret("door-key"),))
    book.sees(head(GEMINI_PATH, headers=((b"x-goog-api-key", b"door-key"),)), ReadOn())
    book = play(api_keys=(Secret("door-key"),))
    book.sees(head(GEMINI_PATH + b"?key=door-key"), ReadOn())


def coded(coding: str) -> RequestHead:
    return head(headers=((b"content-encoding", coding.encode()),))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_compressed_body_is_read(coding: str) -> None:
    small = encode(coding, body(model="small"))
    assert small is not None
    book = play()
    book.sees(coded(coding), ReadOn())
    book.sees(BodyData(small[:7])).sees(BodyData(small[7:]))
    (ask,) = book.hears(BodyEnded())
    assert isinstance(ask, Acquire)
    assert ask.model == "small"


def test_a_coding_that_nobody_knows_is_refused() -> None:
    status, error = refused(play(), coded("lzma"))
    assert status == 415
    assert "gzip" in error["error"]["message"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"no gzip at all", 400),
        (gzip.compress(b"{}")[:-9], 400),
        (gzip.compress(b" " * 20_000), 413),
    ],
)
def test_a_coded_body_that_is_spoilt_or_too_large(sent: bytes, status: int) -> None:
    book = play(max_body_bytes=10_000)
    book.sees(coded("gzip"), ReadOn())
    effects = [*book.hears(BodyData(sent)), *book.hears(BodyEnded())]
    (answer,) = [e for e in effects if isinstance(e, Respond)]
    assert answer.status == status


def test_a_length_beyond_the_limit_is_refused_at_once() -> None:
    book = play(max_body_bytes=100)
    status, error = refused(book, head(headers=((b"content-length", b"101"),)))
    assert status == 413
    assert "100 bytes" in error["error"]["message"]


# The body.


def test_a_body_beyond_the_limit_is_refused_where_it_passes_it() -> None:
    book = play(head(), BodyData(b"x" * 60), max_body_bytes=100)
    assert refused(book, BodyData(b"x" * 60))[0] == 413


def test_a_body_has_to_keep_coming() -> None:
    book = play(head()).after(TIMEOUTS.body - 1).sees(BodyData(b"{"))
    book.after(TIMEOUTS.body - 0.001).sees(Tick()).after(0.001)
    assert refused(book, Tick())[0] == 408


def test_a_broken_body_is_refused() -> None:
    assert refused(play(head()), PeerFault("bad chunk", 400))[0] == 400


DOCUMENTS = [
    (b"", "not JSON"),
    (b"{", "not JSON"),
    (b"[]", "expected an object"),
    (b'{"messages":[]}', ".model"),
    (b'{"model":""}', ".model"),
    (b'{"model":7}', ".model"),
    (b'{"model":null}', ".model"),
    (b'{"model":"p/../../files"}', ".model"),
    (b'{"model":"./m"}', ".model"),
]


@pytest.mark.parametrize(("content", "complaint"), DOCUMENTS)
@pytest.mark.parametrize("path", PATHS[:-1])
def test_a_document_that_cannot_be_routed(
    path: bytes, content: bytes, complaint: str
) -> None:
    book = play(head(path), *([BodyData(content)] if content else []))
    status, error = refused(book, BodyEnded())
    assert status == 400
    assert complaint in error["error"]["message"]


@pytest.mark.parametrize(
    ("members", "streams", "usage"),
    [
        ({"stream": True}, True, False),
        ({"stream": True, "stream_options": {"include_usage": True}}, True, True),
        ({"stream": True, "stream_options": None}, True, False),
        ({"stream": False}, False, False),
        ({"stream": "yes"}, False, False),
    ],
)
def test_what_the_job_knows(
    members: dict[str, Any], streams: bool, usage: bool
) -> None:
    exchange = play(*asked(**members)).machine
    assert isinstance(exchange, Exchange)
    assert exchange.machine is not None
    job = exchange.machine.job
    assert (job.streams, job.context.usage) == (streams, usage)
    assert (job.model, job.document) == ("m", document(**members))
    assert job.request == exchange.request


GEMINI_JOBS: list[tuple[bytes, str, bool, bool, bool]] = [
    # path, model, streams, array, counts
    (b"/v1beta/models/g:generateContent", "g", False, False, False),
    (b"/v1/models/p/g:generateContent", "p/g", False, False, False),
    (b"/v1beta/models/g:streamGenerateContent?alt=sse", "g", True, False, False),
    (b"/v1beta/models/g:streamGenerateContent", "g", True, True, False),
    (b"/v1beta/models/g:countTokens", "g", False, False, True),
]


@pytest.mark.parametrize(("path", "model", "streams", "array", "counts"), GEMINI_JOBS)
def test_a_job_may_be_in_the_path(
    path: bytes, model: str, streams: bool, array: bool, counts: bool
) -> None:
    content = b'{"contents":[],"model":"another","stream":true}'
    exchange = play(head(path), BodyData(content), BodyEnded()).machine
    assert isinstance(exchange, Exchange)
    assert exchange.machine is not None
    job = exchange.machine.job
    assert (job.model, job.context.model) == (model, model)
    assert (job.streams, job.context.array, job.counts) == (streams, array, counts)
    assert job.dialect.name == "gemini"
    assert job.context.caller == job.document == orjson.loads(content)


@pytest.mark.parametrize("name", [b"p/../../files", b"%2E%2E/files", b"..", b"g/."])
def test_a_name_does_not_lead_out_of_a_path(name: bytes) -> None:
    path = b"/v1beta/models/" + name + b":generateContent"
    status, error = refused(play(head(path), BodyData(b"{}")), BodyEnded())
    assert (status, error["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_dots_in_a_name_are_its_own() -> None:
    for name in (b"gemini-2.5", b"a..b", b"...", b"v1.2/m"):
        path = b"/v1beta/models/" + name + b":generateContent"
        exchange = play(head(path), BodyData(b"{}"), BodyEnded()).machine
        assert isinstance(exchange, Exchange)
        assert exchange.machine is not None


@pytest.mark.parametrize("content", [b"", b"{", b"[]"])
def test_a_document_that_is_none(content: bytes) -> None:
    book = play(head(GEMINI_PATH), *([BodyData(content)] if content else []))
    status, error = refused(book, BodyEnded())
    assert (status, error["error"]["code"]) == (400, 400)
    assert error["error"]["status"] == "INVALID_ARGUMENT"


def test_a_question_about_tokens_is_no_stream() -> None:
    path = CLAUDE_PATH + b"/count_tokens"
    exchange = play(head(path), BodyData(body(model="c")), BodyEnded()).machine
    assert isinstance(exchange, Exchange)
    assert exchange.machine is not None
    job = exchange.machine.job
    assert (job.model, job.streams, job.counts) == ("c", False, True)


# Gone, at any time.


@pytest.mark.parametrize("count", range(4))
def test_a_caller_may_hang_up_at_any_time(count: int) -> None:
    book = play(*asked()[:count])
    effects = book.hears(DownstreamGone())
    assert [type(e) for e in effects] == ([Withdraw] if count == 3 else [])
    book.ends()
    for event in (*asked(), Tick(), DownstreamGone(), data(HELLO)):
        book.sees(event)


def test_refused_by_the_pool() -> None:
    book = play(*asked())
    exchange = book.machine
    assert isinstance(exchange, Exchange)
    (refusal,) = exchange.app.handle(Acquire(exchange.request, "unheard-of"))
    assert isinstance(refusal, Refused)
    answer, withdraw = book.hears(refusal)
    assert isinstance(answer, Respond)
    assert isinstance(withdraw, Withdraw)
    assert answer.status == 400


def test_what_follows_the_request_is_nothing() -> None:
    book = play(*asked())
    for event in (head(), BodyData(b"x"), BodyEnded(), PeerFault("x")):
        book.sees(event)


# Whether the transport is full is remembered until somebody wants to know.


@pytest.mark.parametrize(
    ("told", "paused"),
    [
        ((DownstreamBlocked(),), True),
        ((DownstreamBlocked(), DownstreamFlowing()), False),
    ],
)
def test_blocked_while_the_body_comes(
    told: tuple[ExchangeInput, ...], paused: bool
) -> None:
    first, *rest = asked()
    book = play(first, *told, *rest)
    effects = book.hears(granted(book))
    assert (PauseUpstream(1) in effects) is paused


def test_the_states() -> None:
    told = asked()
    states = [State.HEAD, State.BODY, State.BODY, State.RUNNING]
    for count, state in enumerate(states):
        exchange = play(*told[:count]).machine
        assert isinstance(exchange, Exchange)
        assert exchange.state is state
