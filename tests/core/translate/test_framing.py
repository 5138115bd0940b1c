"""Frames as an array that grows."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from cliproxy_core.translate.framing import ArrayFraming


@pytest.mark.parametrize("payloads", [[], [{"a": 1}], [{"a": "x\n\n"}, {"b": []}]])
@pytest.mark.parametrize("together", [True, False])
def test_the_array_holds_the_payloads(payloads: list[Any], together: bool) -> None:
    frames = [b"data: " + orjson.dumps(payload) + b"\n\n" for payload in payloads]
    framing = ArrayFraming()
    pieces = [b"".join(frames)] if together else frames
    said = b"".join(framing.feed(piece) for piece in pieces) + framing.finish()
    assert orjson.loads(said) == payloads
