"""Names drawn from a seed, so that a recording replays to the byte.

Each prefix counts for itself. The stages of a stream draw from one source, and how many
frames a stage takes at once depends on how the bytes were cut; the order in which
different kinds of names are drawn must not show.
"""

from __future__ import annotations

from collections import Counter

import attrs

__all__ = ["Ids"]


@attrs.define
class Ids:
    """Names for one request. The same seed gives the same names again."""

    seed: bytes = attrs.field(repr=False)
    _counts: Counter[str] = attrs.field(factory=Counter, init=False)

    def __call__(self, prefix: str) -> str:
        """Return `prefix` and 24 hexadecimal digits that it did not have before."""
        import hashlib  # loads OpenSSL, which not every embedder needs

        self._counts[prefix] += 1
        number = self._counts[prefix].to_bytes(8, "big")
        digest = hashlib.blake2b(number, key=self.seed, digest_size=12)
        return prefix + digest.hexdigest()
