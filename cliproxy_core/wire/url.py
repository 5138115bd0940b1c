"""Addresses of upstreams: what to connect to, and what comes before each path.

Read by one expression and no more leniently than needed: an address comes from an
operator's file, and a typing error in it should be a complaint, not a request to
somewhere else.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError

__all__ = ["Origin", "join", "split"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_PORT: Final = 65535

_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)([^?#]*)([?#].*)?")
_AUTHORITY: Final = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_.])?")
_IPV6: Final = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_PATH: Final = re.compile(r"[!-~]*")


@attrs.frozen
class Origin:
    """Whom to connect to, and whether by TLS."""

    scheme: str
    host: str
    """Lower case; an IPv6 address without its brackets."""
    port: int

    @property
    def host_header(self) -> bytes:
        """What the `host` field says: the port only if it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port != _DEFAULT_PORTS.get(self.scheme):
            host = f"{host}:{self.port}"
        return host.encode()


def split(base_url: str) -> tuple[Origin, str]:
    """The origin and the path prefix, which has no slash at its end."""
    url = _URL.fullmatch(base_url)
    if url is None:
        raise DecodeError("", "not a URL such as https://host/path")
    scheme, authority, path = url[1].lower(), url[2], url[3]
    if scheme not in _DEFAULT_PORTS:
        raise DecodeError("", "the scheme must be http or https")
    if url[4] is not None:
        raise DecodeError("", "must not have a query or a fragment")
    if _PATH.fullmatch(path) is None:
        raise DecodeError("", "the path must be ASCII without spaces")
    host, port = _split_authority(authority, _DEFAULT_PORTS[scheme])
    return Origin(scheme, host, port), path.rstrip("/")


def join(prefix: str, path: str) -> str:
    """Both parts with exactly one slash between them, and one in front."""
    front = prefix.strip("/")
    return f"/{front}/{path.lstrip('/')}" if front else f"/{path.lstrip('/')}"


def _split_authority(authority: str, usual: int) -> tuple[str, int]:
    if "@" in authority:
        raise DecodeError("", "must not hold a user name or password")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise DecodeError("", "the host is malformed")
    host, digits = parts[1].lower(), parts[2]
    if not host:
        raise DecodeError("", "the host is missing")
    if host[0] == "[":
        host = host[1:-1]
        if _IPV6.fullmatch(host) is None:
            raise DecodeError("", "the host is malformed")
    elif _NAME.fullmatch(host) is None:
        raise DecodeError("", "the host is malformed")
    port = int(digits) if digits and len(digits) <= 5 else 0 if digits else usual
    if not 0 < port <= _MAX_PORT:
        raise DecodeError("", "the port must be from 1 to 65535")
    return host, port
