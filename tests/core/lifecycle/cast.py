"""Who appears in these plays: callers' jobs, credentials, and what upstreams say."""

from __future__ import annotations

from typing import Any

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import JsonObject, dumps
from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import Timeouts
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.lifecycle.effects import Effect, Open, Report
from cliproxy_core.lifecycle.inputs import (
    UpstreamConnected,
    UpstreamData,
    UpstreamEnded,
    UpstreamHead,
)
from cliproxy_core.lifecycle.job import Job
from cliproxy_core.lifecycle.upstream_request import request_head
from cliproxy_core.pool.credential import Credential
from cliproxy_core.pool.machine import Granted
from cliproxy_core.providers import PROFILES
from cliproxy_core.translate import prepare
from cliproxy_core.wire.http import Headers
from cliproxy_core.wire.url import split

CHAT = DIALECTS["openai_chat"]
CLAUDE = DIALECTS["claude_messages"]

# All different, so that a test can tell which of them passed.
TIMEOUTS = Timeouts(
    connect=10,
    first_byte=60,
    silence=30,
    request=600,
    head=5,
    body=7,
    idle=20,
    stall=40,
)
KEY = "sk-canary-0123456789"


def credential(
    name: str = "a", profile: str = "openai_compat", **fields: Any
) -> Credential:
    origin, path = split(f"https://{name}.test/v1")
    known: dict[str, Any] = {"key": Secret(KEY), "family": "", "headers": ()}
    known |= fields
    return Credential(
        id=name, profile=PROFILES[profile], origin=origin, path=path, **known
    )


A, B = credential("a"), credential("b")
CLAUDE_CREDENTIAL = credential("c", "claude")
GEMINI_CREDENTIAL = credential("g", "gemini")
CODEX_CREDENTIAL = credential("r", "codex")


def job(
    dialect: str = "openai_chat",
    *,
    streams: bool = True,
    counts: bool = False,
    array: bool = False,
    keepalive: float = 0.0,
    headers: Headers = (),
    timeouts: Timeouts = TIMEOUTS,
    **members: Any,
) -> Job:
    document: JsonObject = {
        "model": "m",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "hi"}],
        **({"stream": True} if streams else {}),
        **members,
    }
    return Job(
        request="req_1",
        dialect=DIALECTS[dialect],
        model="m",
        streams=streams,
        counts=counts,
        body=dumps(document),
        document=document,
        headers=headers,
        context=StreamContext(
            ids=Ids(b"seed"), created=1, model="m", usage=True, array=array
        ),
        timeouts=timeouts,
        keepalive=keepalive,
    )


def opened(
    asked: Job, attempt: int, by: Credential = A, *, fresh: bool = False
) -> Open:
    """The order that starts an attempt."""
    prepared = prepare(
        asked.body,
        asked.document,
        source=asked.dialect,
        target=by.profile.dialect,
        model="m",
        streams=asked.streams,
        finish=by.profile.finish,
    )
    head = request_head(asked, by, "m", prepared.lane)
    return Open(attempt, by.origin, head, prepared.body, fresh)


def granted(by: Credential = A) -> Granted:
    return Granted("req_1", by, "m")


def is_report(effect: Effect) -> bool:
    return isinstance(effect, Report)


# What upstreams say.

SSE: Headers = ((b"content-type", b"text/event-stream"),)
JSON: Headers = ((b"content-type", b"application/json"),)


def chunk(delta: JsonObject, finish: str | None = None) -> bytes:
    choice: JsonObject = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: %b\n\n" % dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [choice],
        }
    )


ROLE = chunk({"role": "assistant", "content": ""})
HELLO = chunk({"content": "Hello"})
WORLD = chunk({"content": " world"})
FINISH = chunk({}, "stop")
DONE = b"data: [DONE]\n\n"
STREAM = ROLE + HELLO + WORLD + FINISH + DONE

WHOLE = dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello world"},
                "finish_reason": "stop",
            }
        ],
    }
)


def connected(attempt: int = 1) -> UpstreamConnected:
    return UpstreamConnected(attempt)


def head(attempt: int = 1, status: int = 200, headers: Headers = SSE) -> UpstreamHead:
    return UpstreamHead(attempt, status, headers)


def data(body: bytes, attempt: int = 1) -> UpstreamData:
    return UpstreamData(attempt, body)


def ended(attempt: int = 1) -> UpstreamEnded:
    return UpstreamEnded(attempt)
