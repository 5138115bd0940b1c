"""Any bytes in any coding are bytes or a fault, and the same bytes however cut."""

from __future__ import annotations

import zlib
from typing import TypeAlias

from cliproxy_core.wire.coding import (
    Bomb,
    Corrupt,
    Incomplete,
    decoder,
    encode,
    supported,
)

__all__ = ["run"]

Fault: TypeAlias = Bomb | Corrupt | Incomplete | None

# One that is often met, and one that only a bomb meets.
LIMITS = (64, 1 << 18)


def run(data: bytes) -> None:
    """Decode whole and byte by byte, then there and back."""
    for codings in (*supported(), "gzip, deflate"):
        for limit in LIMITS:
            _same(codings, data, limit)
        coded = encode(codings, data)
        assert coded is not None
        assert _decoded(codings, [coded], len(data)) == (data, None)
    out, fault = _decoded("gzip", [data], LIMITS[-1])
    if fault is None and data:
        assert out.startswith(zlib.decompressobj(31).decompress(data))


def _same(codings: str, data: bytes, limit: int) -> None:
    whole, fault = _decoded(codings, [data], limit)
    bytewise = [bytes([byte]) for byte in data]
    cut, told = _decoded(codings, bytewise, limit)
    assert cut.startswith(whole)
    assert max(len(cut), len(whole)) <= limit
    if isinstance(fault, Bomb) or isinstance(told, Bomb):
        # Damage just behind the limit may be seen first, or not at all.
        assert isinstance(fault, Bomb | Corrupt)
        assert isinstance(told, Bomb | Corrupt)
    else:
        # Of two codings either may find the damage.
        assert told == fault or (type(told) is type(fault) and "," in codings)
        assert isinstance(fault, Corrupt) or cut == whole


def _decoded(codings: str, chunks: list[bytes], limit: int) -> tuple[bytes, Fault]:
    stream = decoder(codings, limit)
    assert stream is not None
    out: list[bytes] = []
    for chunk in chunks:
        got = stream.feed(chunk)
        if not isinstance(got, bytes):
            assert stream.feed(chunk) == b""
            assert stream.finish() is None
            return b"".join(out), got
        out.append(got)
    return b"".join(out), stream.finish()
