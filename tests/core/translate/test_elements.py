"""An array of payloads as frames, and an array that is spoilt."""

from __future__ import annotations

from cliproxy_core.testing.cuts import bytewise
from cliproxy_core.translate.elements import Elements
from cliproxy_core.wire.sse import SseFrame, Truncated

BODY = b'[{\n  "a": "x\\n"\n}\n,\r\n{"b":2}]'


def data(body: bytes) -> list[bytes]:
    elements = Elements()
    frames = [f for piece in bytewise(body) for f in elements.feed(piece)]
    assert elements.finish() == []
    return [frame.data for frame in frames if isinstance(frame, SseFrame)]


def test_every_element_is_a_frame_of_one_line() -> None:
    assert data(BODY) == [b'{   "a": "x\\n" }', b'{"b":2}']
    frame, _ = Elements().feed(BODY)
    assert isinstance(frame, SseFrame)
    assert frame.raw == b'data: {   "a": "x\\n" }\n\n'


def test_what_no_array_has_is_a_payload_that_nobody_takes() -> None:
    assert data(b"[{} {}]")[-1] == b"]"


def test_a_cut_array_is_told() -> None:
    elements = Elements()
    elements.feed(b"[{},")
    assert isinstance(elements.finish()[-1], Truncated)
