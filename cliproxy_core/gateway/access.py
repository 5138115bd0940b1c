"""Who may come in: downstream keys, kept and compared as hashes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qs

import attrs

from cliproxy_core.base.secret import Secret
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.wire.http import Headers

__all__ = ["Access", "Principal"]

# Where clients put their key (facts/03, section 6.1).
_HEADERS: Final = (b"x-api-key", b"x-goog-api-key")
_QUERY: Final = ("key", "auth_token")


@attrs.frozen
class Principal:
    """A caller who was let in; `id` tells callers apart without telling their key."""

    id: str


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


@attrs.frozen
class Access:
    """The keys that are let in; none: everybody is."""

    digests: tuple[bytes, ...] = attrs.field(repr=False)

    @classmethod
    def of(cls, keys: Iterable[Secret]) -> Access:
        return cls(tuple(_digest(key.reveal().encode()) for key in keys))

    def admit(self, headers: Headers, target: bytes) -> Principal | Failure:
        """Any one valid key is enough."""
        if not self.digests:
            return Principal("anyone")
        presented = _presented(headers, target)
        for key in presented:
            digest = _digest(key)
            for known in self.digests:
                if hmac.compare_digest(digest, known):
                    return Principal(digest.hex()[:8])
        return Failure(
            kind=Kind.AUTH,
            status=401,
            message="Invalid API key" if presented else "Missing API key",
            type="authentication_error",
            code="invalid_api_key",
        )


def _presented(headers: Headers, target: bytes) -> list[bytes]:
    keys: list[bytes] = []
    for name, field in headers:
        if name in _HEADERS:
            keys.append(field)
        elif name == b"authorization":
            scheme, _, token = field.partition(b" ")
            keys.append(token.strip() if scheme.lower() == b"bearer" else field)
    query = target.partition(b"?")[2]
    if query:
        fields = parse_qs(query.decode("latin-1"))
        keys += [k.encode("latin-1") for n in _QUERY for k in fields.get(n, ())]
    return [key for key in keys if key]
