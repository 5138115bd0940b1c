"""Names drawn from a seed, so that a recording replays to the byte."""

from __future__ import annotations

import base64
import hashlib

import attrs

__all__ = ["Ids"]


@attrs.define
class Ids:
    """Names for one request. The same seed gives the same names again."""

    seed: bytes = attrs.field(repr=False)
    _count: int = attrs.field(default=0, init=False)

    def __call__(self, prefix: str) -> str:
        """Return `prefix` and 24 letters and digits that were not given out before."""
        self._count += 1
        digest = hashlib.blake2b(
            self._count.to_bytes(4, "big"), key=self.seed, digest_size=15
        ).digest()
        return prefix + base64.b32encode(digest).decode().lower()
