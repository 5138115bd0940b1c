"""An app with two credentials, and callers' requests as bytes and as heads."""

from __future__ import annotations

from typing import Any

from cliproxy_core.base.jsonval import JsonObject, dumps
from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    CompatKey,
    Config,
    GeminiKey,
    ModelName,
    OpenAICompat,
    Streaming,
)
from cliproxy_core.gateway.app import App
from cliproxy_core.wire.http import Headers, RequestHead
from tests.core.lifecycle.cast import KEY, TIMEOUTS

CHAT_PATH = b"/v1/chat/completions"
RESPONSES_PATH = b"/v1/responses"
CLAUDE_PATH = b"/v1/messages"
GEMINI_PATH = b"/v1beta/models/g:generateContent"


def config(**fields: Any) -> Config:
    """Two keys for chat, one for each of the others; `m`, `c`, `g` and `r` are models
    of theirs."""
    known: dict[str, Any] = {
        "openai_compatibility": (
            OpenAICompat(
                name="chat",
                base_url="http://chat.test/v1",
                api_key_entries=(
                    CompatKey(api_key=Secret(KEY + "-1")),
                    CompatKey(api_key=Secret(KEY + "-2")),
                ),
                models=(ModelName(name="m"),),
            ),
        ),
        "claude_api_key": (
            ClaudeKey(
                api_key=Secret(KEY + "-3"),
                base_url="http://claude.test",
                models=(ModelName(name="c"),),
            ),
        ),
        "gemini_api_key": (
            GeminiKey(
                api_key=Secret(KEY + "-4"),
                base_url="http://gemini.test",
                models=(ModelName(name="g"),),
            ),
        ),
        "codex_api_key": (
            CodexKey(
                api_key=Secret(KEY + "-5"),
                base_url="http://codex.test/v1",
                models=(ModelName(name="r"),),
            ),
        ),
        "timeouts": TIMEOUTS,
        "streaming": Streaming(keepalive_seconds=0),
    }
    return Config(**(known | fields))


def app(**fields: Any) -> App:
    return App(config(**fields), b"s" * 32)


def document(*, stream: bool = True, model: str = "m", **members: Any) -> JsonObject:
    return {
        "model": model,
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "hi"}],
        "stream": stream,
        **members,
    }


def body(**members: Any) -> bytes:
    return dumps(document(**members))


def head(path: bytes = CHAT_PATH, headers: Headers = ()) -> RequestHead:
    return RequestHead(b"POST", path, ((b"host", b"proxy.test"), *headers))


def request(
    content: bytes | None = None,
    *,
    path: bytes = CHAT_PATH,
    version: bytes = b"1.1",
    headers: Headers = (),
    **members: Any,
) -> bytes:
    """A whole POST as a client writes it."""
    content = body(**members) if content is None else content
    fields = [b"%b: %b\r\n" % field for field in headers]
    return b"POST %b HTTP/%b\r\nhost: proxy.test\r\n%bcontent-length: %d\r\n\r\n%b" % (
        path,
        version,
        b"".join(fields),
        len(content),
        content,
    )


def get(path: bytes, method: bytes = b"GET", headers: Headers = ()) -> bytes:
    fields = [b"%b: %b\r\n" % field for field in headers]
    head = b"%b %b HTTP/1.1\r\nhost: proxy.test\r\n%b\r\n"
    return head % (method, path, b"".join(fields))


HEALTH = get(b"/healthz")
