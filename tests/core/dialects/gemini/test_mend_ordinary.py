"""Which chunks need no second look."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from cliproxy_core.dialects.gemini.mend_ordinary import is_ordinary
from cliproxy_core.wire.sse import SseFrame
from tests.core.dialects.gemini.streams import NAMES, call, chunk, text, thought

READY = {0, 1}


def judged(raw: bytes, event: str = "") -> bool:
    data = raw[6:-2]
    frame = SseFrame(event, data, raw)
    try:
        return is_ordinary(frame, orjson.loads(data), READY)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


@pytest.mark.parametrize(
    "raw",
    [
        chunk(text("a")),
        chunk(text("a"), index=1),
        chunk(thought("a")),
        chunk(text("a"), usage={"promptTokenCount": 1}),
        chunk(text("a")).replace(b',"index":0', b""),
    ],
)
def test_more_words(raw: bytes) -> None:
    assert judged(raw)


@pytest.mark.parametrize(
    "raw",
    [
        chunk(text("")),
        chunk(text("a"), index=2),
        chunk(text("a"), finish="STOP"),
        chunk(text("a"), groundingMetadata={}),
        chunk(text("a"), text("b")),
        chunk(text("a", thoughtSignature="aa==")),
        chunk(text("a", thought=5)),
        chunk(call("f")),
        chunk(),
        chunk(text("a")).replace(b'"model"}', b'"user"}'),
        chunk(text("a")).replace(b'"model"}', b'"model","x":1}'),
        chunk(text("a")).replace(b'"a"', b"5"),
        chunk(text("a")).replace(b'"r1"', b"5"),
        chunk(text("a")).replace(b'"m"', b"5"),
        chunk(text("a")).replace(b'"index":0', b'"index":true'),
        chunk(text("a")).replace(b'"index":0', b'"index":0.0'),
        chunk(text("a")).replace(b'"r1"', b'"r1","error":{"code":5}'),
        chunk(text("a")).replace(b',"modelVersion"', b',\n"modelVersion"'),
        b"data: %b\n\n" % orjson.dumps({"candidates": [5], **NAMES}),
        b"data: []\n\n",
        b"data: 5\n\n",
    ],
)
def test_all_else(raw: bytes) -> None:
    assert not judged(raw)


def test_an_event_name() -> None:
    assert not judged(chunk(text("a")), event="message")


def test_the_same_in_a_mapping() -> None:
    payload: Any = orjson.loads(chunk(text("a"))[6:])
    frame = SseFrame("", b"{}", b"")
    assert is_ordinary(frame, payload, READY)
    assert not is_ordinary(frame, payload, set())
