"""Secrets in, and nothing of them out: not in answers, not in logs, not in reprs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import httpx2
import pytest
from cliproxy_driver import Link, engine

from cliproxy_core.base.clock import Mono, Now, Wall
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.connection import Connection, Effect, Input
from cliproxy_core.gateway.wirewords import BytesReceived, DownstreamGone
from cliproxy_core.lifecycle.effects import (
    Acquire,
    Open,
    Report,
    Return,
    Withdraw,
)
from cliproxy_core.lifecycle.inputs import UpstreamConnected
from cliproxy_core.testing.demo import demo_answer
from cliproxy_core.testing.script import (
    End,
    ReceivedRequest,
    ScriptStep,
    json_answer,
    sse_answer,
)
from tests.adapters.servers import KINDS, Proxy, start_proxy, start_upstream
from tests.interop.bends import chat_frames as chat
from tests.interop.bends import claude_frames as claude

from . import canaries
from .conftest import FAST
from .rig import PAIRS, Pair, Playlist

pairs = pytest.mark.parametrize("pair", PAIRS, ids=str)
streams = pytest.mark.parametrize("streams", [True, False], ids=["stream", "whole"])

PATHS: Final = {"chat": "/v1/chat/completions", "claude": "/v1/messages"}
HEADERS: Final = {
    "authorization": f"Bearer {canaries.CALLER_KEY}",
    "x-custom": canaries.HEADER,
    "cookie": f"session={canaries.HEADER}",
    "x-stainless-lang": canaries.HEADER,
    "anthropic-beta": canaries.HEADER,
}


def document(pair: Pair, *, streams: bool) -> dict[str, Any]:
    return {
        "model": f"{pair.upstream}/text",
        "max_tokens": 99,
        "stream": streams,
        "messages": [{"role": "user", "content": canaries.BODY}],
    }


# What an upstream says when it quotes all that it was sent.


def quoted(request: ReceivedRequest) -> str:
    heads = b" ".join(name + b": " + text for name, text in request.headers)
    # What the caller himself sent may come back to him.
    return heads.decode().replace(canaries.HEADER, "")


def error_of(request: ReceivedRequest) -> tuple[str, dict[str, Any]]:
    error = {"message": f"Wrong key: {quoted(request)}", "type": "api_error"}
    if request.target.endswith(b"/messages"):
        return "claude", {"type": "error", "error": error}
    # The key also stands where nobody reads: fields of the vendor's own.
    extra = {"code": None, "param": None, "seen": [{"headers": quoted(request)}]}
    return "chat", {"error": {**error, **extra}}


def refuse(request: ReceivedRequest) -> Sequence[ScriptStep]:
    return json_answer(401, error_of(request)[1])


def refuse_in_text(request: ReceivedRequest) -> Sequence[ScriptStep]:
    return json_answer(403, quoted(request))


def refuse_in_a_200(request: ReceivedRequest) -> Sequence[ScriptStep]:
    return json_answer(200, error_of(request)[1])


def refuse_in_the_stream(request: ReceivedRequest) -> Sequence[ScriptStep]:
    dialect, error = error_of(request)
    if dialect == "chat":
        return sse_answer((chat.ROLE, chat.text("Hel"), chat.event(error)))
    frames = (claude.BEGIN, *claude.words(0, "Hel")[:-1])
    return sse_answer((*frames, claude.event("error", error=error["error"])))


def greet(request: ReceivedRequest) -> Sequence[ScriptStep]:
    return demo_answer(request)


ANSWERS: Final = (
    refuse,
    refuse_in_text,
    refuse_in_a_200,
    refuse_in_the_stream,
    greet,
)


# On real sockets: answers and logs.


@attrs.frozen
class Cage:
    """A proxy full of canaries."""

    proxy: Proxy
    playlists: dict[str, Playlist]


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    chat_list, claude_list = Playlist(), Playlist()
    with (
        start_upstream(chat_list) as one,
        start_upstream(claude_list) as two,
        start_proxy(FAST, canaries.config(one.base_url, two.base_url)) as proxy,
    ):
        yield Cage(proxy, {"chat": chat_list, "claude": claude_list})


def post(cage: Cage, path: str, body: bytes, **headers: str) -> httpx2.Response:
    with httpx2.Client(base_url=cage.proxy.base_url, timeout=20) as client:
        return client.post(path, content=body, headers={**HEADERS, **headers})


def everything(answer: httpx2.Response) -> list[str]:
    return [answer.text, *(f"{k}: {v}" for k, v in answer.headers.items())]


@streams
@pairs
@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_and_logs(cage: Cage, pair: Pair, answer: Any, streams: bool) -> None:
    playlist = cage.playlists[pair.upstream]
    playlist.play(answer)
    body = json.dumps(document(pair, streams=streams)).encode()
    got = post(cage, PATHS[pair.caller], body)
    (asked,) = playlist.asked
    sent = b" ".join(text for _, text in asked.headers).decode()
    # The test can fail: the upstream did see its own secrets, and only those.
    assert canaries.UPSTREAM_KEY in sent
    assert canaries.SETTING in sent
    assert canaries.BODY in asked.body.decode()
    assert canaries.CALLER_KEY not in sent
    if answer is not greet:
        assert "REDACTED" in got.text
    assert canaries.unseen(*everything(got))
    assert canaries.unseen(*map(repr, cage.proxy.log))
    assert cage.proxy.log


BAD_BODIES: Final = {
    "not JSON": canaries.BODY,
    "not an object": json.dumps([canaries.BODY]),
    "model of the wrong type": json.dumps({"model": [canaries.BODY]}),
    "role": json.dumps({
        "model": "%s/text", "max_tokens": 9,
        "messages": [{"role": canaries.BODY, "content": canaries.BODY}],
    }),
    "content": json.dumps({
        "model": "%s/text", "max_tokens": 9,
        "messages": [{"role": "user", "content": {canaries.BODY: canaries.BODY}}],
    }),
    "messages": json.dumps({
        "model": "%s/text", "max_tokens": 9, "messages": canaries.BODY,
    }),
}  # fmt: skip


@pairs
@pytest.mark.parametrize("name", BAD_BODIES)
def test_complaints_about_a_body(cage: Cage, pair: Pair, name: str) -> None:
    cage.playlists[pair.upstream].play(refuse)
    body = BAD_BODIES[name].replace("%s", pair.upstream)
    got = post(cage, PATHS[pair.caller], body.encode())
    assert got.status_code in (400, 401)
    assert canaries.unseen(*everything(got))
    assert canaries.unseen(*map(repr, cage.proxy.log))


@pytest.mark.parametrize("path", PATHS.values())
def test_a_wrong_key_is_not_quoted(cage: Cage, path: str) -> None:
    wrong = f"Bearer {canaries.CALLER_KEY}-but-wrong"
    target = f"{path}?key={canaries.CALLER_KEY}-wrong-too"
    got = post(cage, target, b"{}", authorization=wrong)
    assert got.status_code == 401
    assert canaries.unseen(*everything(got))


def test_a_path_is_not_quoted(cage: Cage) -> None:
    got = post(cage, f"/v1/{canaries.HEADER}?key={canaries.CALLER_KEY}", b"{}")
    assert got.status_code == 404
    assert canaries.unseen(*everything(got))


@pytest.mark.parametrize("kind", KINDS)
def test_no_object_of_a_live_server_shows_them(kind: str) -> None:
    """In the middle of an answer, whatever the process holds that is ours."""
    playlist = Playlist()
    pair = Pair("claude", "chat")
    with (
        start_upstream(playlist) as up,
        start_proxy(kind, canaries.config(up.base_url, up.base_url)) as proxy,
        httpx2.Client(base_url=proxy.base_url, timeout=20) as client,
    ):
        playlist.play(sse_answer((chat.ROLE, chat.text("Hel")), end=End.STALLED))
        body = json.dumps(document(pair, streams=True))
        ask = client.stream("POST", PATHS["claude"], content=body, headers=HEADERS)
        with ask as answer:
            chunks = answer.iter_bytes()
            while b"Hel" not in next(chunks):
                pass
            shown = list(canaries.told_by_all())
    assert [text for text in shown if not canaries.unseen(text)] == []
    assert any(text.startswith("RequestMachine:") for text in shown)


# In memory: every object that can be reached, in every state.


NOW: Final = Now(Mono(1000.0), Wall(1767225600.0))
ENGINES: Final = ("h11", "httptools")


@attrs.define
class Watched:
    """A connection whose every word is kept, and searched after each step."""

    connection: Connection
    app: App
    words: list[Any] = attrs.field(factory=list)

    def hear(self, event: Input) -> list[Effect]:
        """Give an input; answer what concerns the pool; look at everything."""
        self.words.append(event)
        out: list[Effect] = []
        todo = list(self.connection.handle(event, NOW))
        while todo:
            effect = todo.pop(0)
            out.append(effect)
            if isinstance(effect, Acquire | Return | Withdraw):
                for reply in self.app.handle(effect):
                    self.words.append(reply)
                    todo += self.connection.handle(reply, NOW)
        self.words += out
        self.look()
        return out

    def look(self, *more: object) -> None:
        shown = list(canaries.told(self.app, self.connection, self.words, *more))
        assert [text for text in shown if not canaries.unseen(text)] == []
        # The search can fail: it found the places where secrets are kept.
        assert any(text.startswith("Secret:") for text in shown)
        assert any(text.startswith("Connection:") for text in shown)


def request_bytes(pair: Pair, body: bytes) -> bytes:
    head = [
        f"POST {PATHS[pair.caller]}?key={canaries.CALLER_KEY} HTTP/1.1",
        "host: here",
        f"content-length: {len(body)}",
        *(f"{name}: {text}" for name, text in HEADERS.items()),
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@streams
@pairs
@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("answer", ANSWERS)
def test_no_object_shows_them(
    answer: Any, engine_name: str, pair: Pair, streams: bool
) -> None:
    chosen = engine(engine_name)
    app = App(canaries.config("http://one.test", "http://two.test"), b"s" * 32)
    watched = Watched(Connection.accept(app, chosen.server(), NOW), app)
    body = json.dumps(document(pair, streams=streams)).encode()
    sent = request_bytes(pair, body)
    watched.hear(BytesReceived(sent[:-20]))
    out = watched.hear(BytesReceived(sent[-20:]))
    (order,) = (effect for effect in out if isinstance(effect, Open))

    link = Link(order.origin, chosen.client())
    wire = link.begin(order)
    watched.look(link)
    assert canaries.UPSTREAM_KEY.encode() in wire
    watched.hear(UpstreamConnected(order.attempt))
    for piece in answer_bytes(answer, order):
        for event in link.received(piece):
            watched.hear(event)
            watched.look(link)
    watched.hear(DownstreamGone())
    assert any(isinstance(word, Report) for word in watched.words)


def answer_bytes(answer: Any, order: Open) -> Iterator[bytes]:
    """What an upstream would say to this order, in small pieces."""
    head = order.head
    request = ReceivedRequest(head.method, head.target, head.headers, order.body)
    said = b"".join(step.data for step in answer(request))
    for start in range(0, len(said), 200):
        yield said[start : start + 200]
