"""Bends of Chat Completions: heads, usage, finish and end."""

from __future__ import annotations

from typing import Final

from cliproxy_core.testing.script import End
from tests.interop.readings import Said

from .bend import Bend, Means
from .chat_frames import (
    CALLED,
    COUNTS,
    DONE,
    HEAD,
    HELLO,
    LESS,
    ROLE,
    STOP,
    chunk,
    event,
    finish,
    limited,
    text,
    usage,
    without,
)

__all__ = ["CHAT_AROUND"]

CHAT_AROUND: Final = (
    Bend("control", (ROLE, text("Hel"), text("lo"), *STOP), HELLO),
    Bend("no role", (text("Hel"), text("lo"), *STOP), HELLO),
    Bend(
        "role in every delta",
        (
            chunk({"role": "assistant", "content": "Hel"}),
            chunk({"role": "assistant", "content": "lo"}),
            chunk({"role": "assistant"}, "stop"),
            usage(),
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "role null, role of a user",
        (
            chunk({"role": None, "content": "Hel"}),
            chunk({"role": "user", "content": "lo"}),
            *STOP,
        ),
        HELLO,
    ),
    Bend(
        "no id",
        (
            without("id", delta={"content": "Hel"}),
            without("id", delta={"content": "lo"}),
            without("id", delta={}, finish="stop"),
            usage(),
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "no head at all",
        (
            without(*HEAD, delta={"content": "Hello"}),
            without(*HEAD, delta={}, finish="stop"),
            event({"usage": COUNTS}),
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "another id in every chunk",
        (chunk({"content": "Hel"}, id="a"), chunk({"content": "lo"}, id="b"), *STOP),
        HELLO,
    ),
    Bend(
        "null id, model and created",
        (chunk({"content": "Hello"}, id=None, model=None, created=None), *STOP),
        HELLO,
    ),
    Bend(
        "no index in choices",
        (
            event({**HEAD, "choices": [{"delta": {"content": "Hello"}}]}),
            event({**HEAD, "choices": [{"delta": {}, "finish_reason": "stop"}]}),
            usage(),
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "usage missing",
        (ROLE, text("Hello"), finish("stop"), DONE),
        Means(parts=(Said("Hello"),), tokens=None),
    ),
    Bend(
        "usage in every chunk",
        (
            ROLE,
            chunk({"content": "Hel"}, usage=LESS),
            chunk({"content": "lo"}, usage=COUNTS),
            chunk({}, "stop", usage=COUNTS),
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "usage twice",
        (ROLE, text("Hello"), finish("stop"), usage(LESS), usage(), DONE),
        HELLO,
    ),
    Bend("usage early", (ROLE, usage(), text("Hello"), finish("stop"), DONE), HELLO),
    Bend(
        "usage before anything",
        (usage(), ROLE, text("Hello"), finish("stop"), DONE),
        HELLO,
    ),
    Bend(
        "usage with the finish",
        (ROLE, text("Hello"), chunk({}, "stop", usage=COUNTS), DONE),
        HELLO,
    ),
    Bend(
        "usage without choices",
        (ROLE, text("Hello"), finish("stop"), event({**HEAD, "usage": COUNTS}), DONE),
        HELLO,
    ),
    Bend(
        "finish with the last text",
        (ROLE, text("Hel"), chunk({"content": "lo"}, "stop"), usage(), DONE),
        HELLO,
    ),
    Bend("finish twice", (ROLE, text("Hello"), finish("stop"), *STOP), HELLO),
    Bend(
        "finish empty on every chunk",
        (chunk({"content": "Hel"}, ""), chunk({"content": "lo"}, ""), *STOP),
        HELLO,
    ),
    Bend("finish missing", (ROLE, text("Hello"), usage(), DONE), HELLO),
    Bend(
        "text after the finish",
        (ROLE, text("Hel"), finish("stop"), text("lo"), *STOP),
        HELLO,
    ),
    Bend(
        "finish of another API",
        (ROLE, text("Hello"), finish("end_turn"), usage(), DONE),
        HELLO,
    ),
    Bend(
        "limit of another API",
        (ROLE, text("Hello"), finish("MAX_TOKENS"), usage(), DONE),
        limited(Said("Hello")),
    ),
    Bend("tool_calls without calls", (ROLE, text("Hello"), *CALLED), HELLO),
    Bend("no end mark", (ROLE, text("Hello"), finish("stop"), usage()), HELLO),
    Bend(
        "no end mark, closed",
        (ROLE, text("Hello"), finish("stop"), usage()),
        HELLO,
        End.CLOSED,
    ),
    Bend(
        "no end mark, no last chunk",
        (ROLE, text("Hello"), finish("stop"), usage(), DONE),
        HELLO,
        End.TRUNCATED,
    ),
    Bend("reset after the end mark", (ROLE, text("Hello"), *STOP), HELLO, End.RESET),
    Bend(
        "stays open after the end mark",
        (ROLE, text("Hello"), *STOP),
        HELLO,
        End.STALLED,
    ),
    Bend(
        "no newline at the end",
        (ROLE, text("Hello"), finish("stop"), usage(), b"data: [DONE]"),
        HELLO,
    ),
    Bend(
        "something after the end mark",
        (ROLE, text("Hello"), *STOP, text("!"), DONE),
        HELLO,
    ),
)
