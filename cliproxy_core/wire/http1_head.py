"""What a head must look like before an engine may read it (RFC 9112).

Two readers that see two messages in the same bytes are how requests are smuggled, so
only heads that nobody can read in two ways get past: CRLF line ends, no folding, no
space before a colon, one length. The first line is read here; the fields are the
engine's. A fault shows as early as the bytes allow, and as the same fault however they
were cut.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from cliproxy_core.base.value import value

from .http import Headers, PeerFault

__all__ = [
    "CHUNKED",
    "CLOSED",
    "FIELD",
    "MAX_FIELDS",
    "MAX_HEAD_BYTES",
    "TOKEN",
    "HeadReader",
    "Terms",
    "request_line",
    "request_terms",
    "response_terms",
    "status_line",
]

# Twice what the large cloud balancers let through; cookies and tokens need less.
MAX_HEAD_BYTES: Final = 64 * 1024
# Browsers and SDKs send 10 to 40; nginx and Apache stop at 100 as well.
MAX_FIELDS: Final = 100
# The longest length that is a number to everybody: 18 digits fit in 63 bits.
MAX_LENGTH_DIGITS: Final = 18

CHUNKED: Final = -1
CLOSED: Final = -2
"""Instead of a body's length: chunked; until the connection closes."""

TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_TEXT: Final = rb"[\t -~\x80-\xff]*+"
FIELD: Final = TOKEN + rb":" + _TEXT + rb"\r\n"
# RFC 9112, section 3.2: origin, asterisk and absolute form; no fragment in any.
_TARGET: Final = rb"/[!\"$-~]*+|\*|https?://[0-9A-Za-z.\-_~%:\[\]]++(?:[/?][!\"$-~]*+)?"
_METHOD: Final = rb"GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"

_REQUEST: Final = re.compile(
    rb"(%b) (%b) HTTP/1\.([01])\r\n(?:%b)*+\r\n" % (_METHOD, _TARGET, FIELD)
)
_RESPONSE: Final = re.compile(
    rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: %b)?\r\n(?:%b)*+\r\n" % (_TEXT, FIELD)
)
_LOOSE_LINE: Final = re.compile(rb"(%b) ([!-~]++) HTTP/(\d\.\d)\r\n" % TOKEN)
_FIRST_LINE: Final = re.compile(rb"(?:%b) (?:%b) HTTP" % (_METHOD, _TARGET))
_METHOD_ONLY: Final = re.compile(rb"(?:%b) " % _METHOD)
_LENGTH: Final = re.compile(rb"[0-9]{1,%d}" % MAX_LENGTH_DIGITS)

# No head may hold these, finished or not; a CR at the very end may become a CRLF.
_FORBIDDEN: Final = re.compile(
    rb"[^\t\r\n -~\x80-\xff]|\r(?!\n|\Z)|(?<!\r)\n", re.DOTALL
)
_BLANK_LINES: Final = re.compile(rb"\A(?:\r\n)++")

_MALFORMED: Final = PeerFault("a byte that a head must not hold")
_TOO_LARGE: Final = PeerFault("a head beyond the limit", 431)


@attrs.define
class HeadReader:
    """Collects the bytes of one head after another; looks at none of them twice."""

    _held: bytearray = attrs.field(factory=bytearray, init=False, repr=False)

    @property
    def begun(self) -> bool:
        """Whether a part of a head is here."""
        return bool(self._held)

    def feed(self, data: bytes) -> tuple[bytes | PeerFault | None, bytes]:
        """A head, a fault, or None for more; and the bytes behind the head."""
        held = self._held
        if len(held) <= 1:  # at most the CR of a blank line
            data = bytes(held) + data
            held.clear()
            # RFC 9112, section 2.2: blank lines before a message are ignored.
            if data[:1] == b"\r":
                data = _BLANK_LINES.sub(b"", data)
            end = data.find(b"\r\n\r\n", 0, MAX_HEAD_BYTES) + 4
            if end > 3:
                return data[:end], data[end:]
            held += data
            return self._unfinished(0), b""
        seen = len(held)
        held += data
        end = held.find(b"\r\n\r\n", max(seen - 3, 0), MAX_HEAD_BYTES) + 4
        if end > 3:
            head, rest = bytes(held[:end]), bytes(held[end:])
            held.clear()
            return head, rest
        return self._unfinished(seen), b""

    def _unfinished(self, seen: int) -> PeerFault | None:
        if _FORBIDDEN.search(self._held, max(seen - 1, 0), MAX_HEAD_BYTES):
            return _MALFORMED
        return _TOO_LARGE if len(self._held) >= MAX_HEAD_BYTES else None


def request_line(head: bytes) -> tuple[bytes, bytes, bool] | PeerFault:
    """Method, target and whether it is HTTP/1.1, if the whole head is well-formed."""
    match = _REQUEST.fullmatch(head)
    if match is not None:
        method, target, minor = match.groups()
        return method, target, minor == b"1"
    if _FORBIDDEN.search(head):
        return _MALFORMED
    line = _LOOSE_LINE.match(head)
    if line is None:
        return PeerFault("a malformed request line")
    if line[3] not in (b"1.0", b"1.1"):
        return PeerFault("an HTTP version other than 1.0 and 1.1", 505)
    if _METHOD_ONLY.match(head) is None:
        return PeerFault("a method that is not implemented", 501)
    if _FIRST_LINE.match(head) is None:
        return PeerFault("a malformed request target")
    return PeerFault("a malformed header field")


def status_line(head: bytes) -> tuple[int, bool] | PeerFault:
    """Status and whether it is HTTP/1.1, if the whole head is well-formed."""
    match = _RESPONSE.fullmatch(head)
    if match is not None:
        return int(match[2]), match[1] == b"1"
    return _MALFORMED if _FORBIDDEN.search(head) else PeerFault("a malformed head")


@value
class Terms:
    """What the fields of a head say about its message and the connection."""

    length: int
    """Bytes of the body, or `CHUNKED` or `CLOSED`."""
    keep_alive: bool
    expects_continue: bool


def request_terms(fields: Headers, *, modern: bool) -> Terms | PeerFault:
    """Read the fields that frame a request."""
    terms, hosts = _terms(fields, modern=modern, otherwise=0)
    if modern and hosts != 1 and isinstance(terms, Terms):
        return PeerFault("no host, or more than one")
    return terms


def response_terms(
    fields: Headers, *, modern: bool, status: int, method: bytes
) -> Terms | PeerFault:
    """Read the fields that frame a final response to that method."""
    terms, _ = _terms(fields, modern=modern, otherwise=CLOSED)
    if isinstance(terms, Terms) and (method == b"HEAD" or status in (204, 304)):
        return attrs.evolve(terms, length=0)
    return terms


_TELLING: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"connection", b"expect", b"host"}
)


def _terms(
    fields: Headers, *, modern: bool, otherwise: int
) -> tuple[Terms | PeerFault, int]:
    """The terms, and how many hosts there are."""
    if len(fields) > MAX_FIELDS:
        return PeerFault("more header fields than the limit", 431), 0
    lengths: list[bytes] = []
    codings: list[bytes] = []
    hosts, expects, keep_alive, close = 0, False, modern, False
    for name, content in [field for field in fields if field[0] in _TELLING]:
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            lengths.append(content)
        elif name == b"transfer-encoding":
            codings.append(content.lower())
        elif name == b"connection":
            options = [word.strip() for word in content.lower().split(b",")]
            close = close or b"close" in options
            keep_alive = keep_alive or b"keep-alive" in options
        else:
            expects = modern and content.lower() == b"100-continue"
    length = _length(lengths, codings, modern=modern, otherwise=otherwise)
    if isinstance(length, PeerFault):
        return length, hosts
    return Terms(length, keep_alive and not close, expects and length != 0), hosts


def _length(
    lengths: list[bytes], codings: list[bytes], *, modern: bool, otherwise: int
) -> int | PeerFault:
    # RFC 9112, section 6.3. Whatever it lets a recipient repair is refused.
    if codings:
        if lengths or not modern:
            return PeerFault("a transfer-encoding where none may be")
        if codings != [b"chunked"]:
            return PeerFault("a transfer-encoding other than chunked", 501)
        return CHUNKED
    if not lengths:
        return otherwise
    if len(lengths) > 1 or _LENGTH.fullmatch(lengths[0]) is None:
        return PeerFault("a malformed content-length")
    return int(lengths[0])
