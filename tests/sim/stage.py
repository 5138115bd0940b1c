"""A proxy with two credentials for each dialect, and what callers ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cliproxy_core.base.jsonval import JsonObject, dumps
from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    CompatKey,
    Config,
    GeminiKey,
    OpenAICompat,
    Streaming,
    Timeouts,
)
from cliproxy_core.gateway.app import App
from cliproxy_core.testing.demo import demo_answer
from cliproxy_core.testing.script import Answer, ReceivedRequest, ScriptStep
from cliproxy_core.testing.sim import Client, Sim
from tests.core.gateway.parties import (
    CHAT_PATH,
    CLAUDE_PATH,
    RESPONSES_PATH,
    request,
)
from tests.core.lifecycle.cast import KEY
from tests.sim.witness import Heard, answers, check_stream

__all__ = [
    "ALL_PAIRS",
    "DIALECTS",
    "PAIRS",
    "PREFIXES",
    "TIMEOUTS",
    "ask",
    "assert_at_rest",
    "last_answer",
    "play",
    "proxy",
    "scripted",
]

# Short and all different; `request` is far beyond the sum of two attempts.
TIMEOUTS = Timeouts(
    connect=3, first_byte=50, silence=20, request=500, head=5, body=7, idle=11, stall=30
)

# What models are called: plain ones go to chat, the others to whom their prefix names.
PREFIXES = ("", "re/", "cl/", "gm/")
DIALECTS = ("openai_chat", "openai_responses", "claude_messages", "gemini")

ALL_PAIRS = [(dialect, prefix) for dialect in DIALECTS for prefix in PREFIXES]
PAIRS = [
    (dialect, prefix)
    for dialect in ("openai_chat", "claude_messages")
    for prefix in ("", "cl/")
]

PATHS = {
    "openai_chat": CHAT_PATH,
    "openai_responses": RESPONSES_PATH,
    "claude_messages": CLAUDE_PATH,
}


def proxy(answer: Answer = demo_answer, **fields: Any) -> Sim:
    chat = OpenAICompat(
        name="chat",
        base_url="http://chat.test/v1",
        api_key_entries=tuple(CompatKey(api_key=Secret(f"{KEY}-{n}")) for n in "12"),
    )
    claude = tuple(
        ClaudeKey(
            api_key=Secret(f"{KEY}-{n}"), base_url="http://claude.test", prefix="cl"
        )
        for n in "34"
    )
    gemini = tuple(
        GeminiKey(
            api_key=Secret(f"{KEY}-{n}"), base_url="http://gemini.test", prefix="gm"
        )
        for n in "56"
    )
    codex = tuple(
        CodexKey(
            api_key=Secret(f"{KEY}-{n}"), base_url="http://codex.test/v1", prefix="re"
        )
        for n in "78"
    )
    known: dict[str, Any] = {
        "openai_compatibility": (chat,),
        "claude_api_key": claude,
        "gemini_api_key": gemini,
        "codex_api_key": codex,
        "timeouts": TIMEOUTS,
        "streaming": Streaming(keepalive_seconds=15),
    }
    return Sim(App(Config(**(known | fields)), b"s" * 32), answer)


def ask(dialect: str, model: str, *, stream: bool = True, **members: Any) -> bytes:
    if dialect == "gemini":
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        said: JsonObject = {"role": "user", "parts": [{"text": "hi"}]}
        content = dumps({"contents": [said], **members})
        return request(content, path=f"/v1beta/models/{model}:{verb}".encode())
    if dialect == "openai_responses":
        content = dumps({"model": model, "input": "hi", "stream": stream, **members})
        return request(content, path=RESPONSES_PATH)
    return request(path=PATHS[dialect], model=model, stream=stream, **members)


def scripted(*steps: Sequence[ScriptStep]) -> Answer:
    """Answers in turn; the last one again and again."""
    left = list(steps)

    def answer(_: ReceivedRequest) -> Sequence[ScriptStep]:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def play(
    sim: Sim, dialect: str, model: str, *, stream: bool = True, seconds: float = 400
) -> Client:
    """One request, and time enough for it."""
    client = sim.connect()
    client.send(ask(dialect, model, stream=stream))
    sim.run(seconds)
    return client


def last_answer(client: Client, dialect: str) -> Heard:
    """The answer that came last, checked as far as it came."""
    heard = answers(bytes(client.received))[-1]
    if heard.streams:
        check_stream(dialect, heard)
    return heard


def assert_at_rest(sim: Sim) -> None:
    """Nobody holds a credential, nobody waits for an upstream."""
    assert sim.app.pool.held == {}
    assert list(sim.at_work) == []
    for client in sim.clients:
        exchange = client.machine.exchange
        assert exchange is None or client.gone
        assert client.machine.deadline is None or not client.machine.done
