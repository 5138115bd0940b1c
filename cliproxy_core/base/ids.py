"""Names drawn from a seed, so that a recording replays to the byte."""

from __future__ import annotations

import hashlib

import attrs

__all__ = ["Ids"]


@attrs.define
class Ids:
    """Names for one request. The same seed gives the same names again."""

    seed: bytes = attrs.field(repr=False)
    _count: int = attrs.field(default=0, init=False)

    def __call__(self, prefix: str) -> str:
        """Return `prefix` and 24 hexadecimal digits that were not given out before."""
        self._count += 1
        number = self._count.to_bytes(8, "big")
        digest = hashlib.blake2b(number, key=self.seed, digest_size=12)
        return prefix + digest.hexdigest()
