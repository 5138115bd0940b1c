"""Content codings (RFC 9110, section 8.4): gzip, deflate, br and zstd, both ways.

`br` and `zstd` are there when the packages `brotli` and `zstandard` are; they are
imported by whoever first needs them. A decoder gives out at once what can be decoded
from the bytes so far, and works in bounded steps, so that a bomb is noticed long before
it is in memory.

How the bytes were cut never shows in what comes out of a sound body. A body that is
damaged or a bomb is refused whatever the cuts; how much comes out before that is up to
them, because the libraries do not say how far they came.
"""

from __future__ import annotations

import functools
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

import attrs

from cliproxy_core.base.value import value

__all__ = [
    "Bomb",
    "Corrupt",
    "Decompressor",
    "Incomplete",
    "decoder",
    "encode",
    "supported",
]

# Traffic of this kind is made 3 to 30 times smaller. Only the same event over and over
# does better, and a bomb: deflate can do 1,032, the others have no bound.
MAX_RATIO: Final = 200

# Up to this size the ratio does not matter: a small body may well be all blanks, and
# what it costs is no more than what zstd may take for its window anyway.
RATIO_FLOOR: Final = 8 * 1024 * 1024

# Nobody applies more than two, and each takes memory of its own. curl stops here too.
MAX_CODINGS: Final = 5

# What zlib and brotli are asked for at a time.
OUTPUT_STEP: Final = 256 * 1024

# What they are given at a time. Whatever they do not take at once is copied for every
# step and for every gzip member, and a member may be as short as 20 bytes.
INPUT_STEP: Final = 16 * 1024

# zstandard cannot be asked for less than all. Four bytes are 128 KiB at most (a block
# of one repeated byte), so this many are no more than the floor.
ZSTD_INPUT_STEP: Final = 256

# RFC 9659: what senders of this content coding have to stay within.
ZSTD_MAX_WINDOW: Final = 8 * 1024 * 1024

# About as slow as gzip's usual level: a body is made while somebody waits.
BROTLI_QUALITY: Final = 5
ZSTD_LEVEL: Final = 3

# How zlib is told which wrapping it has to do with.
_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS

# The low half of the first byte of zlib's wrapping (RFC 1950). In raw deflate it would
# begin a stored block with padding that is not zero, which nothing writes.
_DEFLATE_METHOD: Final = 8


@value
class Bomb:
    """More comes out than is allowed. Nothing comes after this."""

    allowed: int


@value
class Corrupt:
    """Not of this coding, or more after its end. Nothing comes after this."""

    coding: str


@value
class Incomplete:
    """The peer closed before the end that the coding marks."""

    coding: str


Piece: TypeAlias = bytes | Corrupt


class _Codec(Protocol):
    """Decodes one coding; nothing is given to it after a `Corrupt`."""

    @property
    def step(self) -> int:
        """How many bytes it may be given at a time, but for none at all."""

    @property
    def coding(self) -> str: ...

    @property
    def complete(self) -> bool:
        """Whether the body may end here. An empty one may: HEAD keeps the header."""

    def pieces(self, data: bytes, /) -> Iterator[Piece]: ...


@attrs.define
class Decompressor:
    """Transducer from a coded body to the body. Never raises."""

    _codecs: Sequence[_Codec]
    """In the order in which they are undone."""
    _limit: int
    _received: int = attrs.field(default=0, init=False)
    _decoded: int = attrs.field(default=0, init=False)
    _made: Counter[int] = attrs.field(factory=Counter, init=False)
    """How much each of the codecs has given out, by its place."""
    _dead: bool = attrs.field(default=False, init=False)

    def feed(self, data: bytes) -> bytes | Bomb | Corrupt:
        """Take any number of bytes; return what can be decoded so far."""
        if self._dead:
            return b""
        self._received += len(data)
        out: list[bytes] = []
        for piece in self._from(0, data):
            if not isinstance(piece, bytes):
                self._dead = True
                return piece
            self._decoded += len(piece)
            if self._decoded > self._limit:
                self._dead = True
                return Bomb(self._limit)
            out.append(piece)
        return b"".join(out)

    def finish(self) -> Incomplete | None:
        """The peer closed. A coding that was not at its end is reported, once."""
        if self._dead:
            return None
        self._dead = True
        open_ = (codec.coding for codec in self._codecs if not codec.complete)
        coding = next(open_, None)
        return None if coding is None else Incomplete(coding)

    def _from(self, depth: int, data: bytes) -> Iterator[Piece | Bomb]:
        """Undo the codings from `depth` on, a bounded piece at a time."""
        if depth == len(self._codecs):
            yield data
            return
        codec = self._codecs[depth]
        allowed = max(RATIO_FLOOR, MAX_RATIO * self._received)
        for at in range(0, len(data), codec.step):
            for piece in codec.pieces(data[at : at + codec.step]):
                if not isinstance(piece, bytes):
                    yield piece
                    return
                self._made[depth] += len(piece)
                if self._made[depth] > allowed:
                    yield Bomb(allowed)
                    return
                yield from self._from(depth + 1, piece)


def decoder(codings: str, limit: int) -> Decompressor | None:
    """What undoes a `content-encoding`; None if that cannot be done.

    `limit` is how many bytes may come out in all. Nothing and `identity` are codings
    that change nothing.
    """
    names = _names(codings)
    if len(names) > MAX_CODINGS:
        return None
    codecs: list[_Codec] = []
    for name in reversed(names):
        codec = _CODECS[name]() if name in _CODECS else None
        if codec is None:
            return None
        codecs.append(codec)
    return Decompressor(codecs, limit)


def encode(codings: str, body: bytes) -> bytes | None:
    """A whole body in these codings; None if that cannot be done."""
    for name in _names(codings):
        if name not in supported():
            return None
        body = _encoded(name, body)
    return body


@functools.cache
def supported() -> tuple[str, ...]:
    """The codings that can be undone, for an `accept-encoding`."""
    return tuple(name for name, make in _CODECS.items() if make() is not None)


def _names(codings: str) -> list[str]:
    """The codings of a header in the order in which they were applied."""
    names = [name.strip(" \t").lower() for name in codings.split(",")]
    # RFC 9110, section 8.4.1.3: the old name is to be understood.
    names = ["gzip" if name == "x-gzip" else name for name in names]
    return [name for name in names if name not in ("", "identity")]


def _encoded(name: str, body: bytes) -> bytes:
    match name:
        case "gzip" | "deflate":
            return zlib.compress(body, wbits=_GZIP if name == "gzip" else _ZLIB)
        case "br":
            import brotli

            coded: bytes = brotli.compress(body, quality=BROTLI_QUALITY)
            return coded
        case _:
            import zstandard

            return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)


# The codings.


@attrs.define
class _Gzip:
    """Members one after another (RFC 1952, section 2.2); zeros may follow each."""

    step = INPUT_STEP
    coding = "gzip"
    _member: zlib._Decompress | None = attrs.field(default=None, init=False)
    _begun: bool = attrs.field(default=False, init=False)

    @property
    def complete(self) -> bool:
        return self._member is None

    def pieces(self, data: bytes) -> Iterator[Piece]:
        while True:
            if self._member is None:
                data = data.lstrip(b"\0") if self._begun else data
                if not data:
                    return
                self._begun = True
                self._member = zlib.decompressobj(_GZIP)
            yield from _inflated(self._member, data, self.coding)
            if not self._member.eof:
                return
            data = self._member.unused_data
            self._member = None


@attrs.define
class _Deflate:
    """In zlib's wrapping, as the standard has it, or raw, as many have sent it."""

    step = INPUT_STEP
    coding = "deflate"
    _stream: zlib._Decompress | None = attrs.field(default=None, init=False)

    @property
    def complete(self) -> bool:
        return self._stream is None or self._stream.eof

    def pieces(self, data: bytes) -> Iterator[Piece]:
        if self._stream is None:
            wrapped = data[0] & 15 == _DEFLATE_METHOD
            self._stream = zlib.decompressobj(_ZLIB if wrapped else _RAW)
        yield from _inflated(self._stream, data, self.coding)
        if self._stream.unused_data:
            yield Corrupt(self.coding)


def _inflated(stream: zlib._Decompress, data: bytes, coding: str) -> Iterator[Piece]:
    while True:
        try:
            piece = stream.decompress(data, OUTPUT_STEP)
        except zlib.error:
            yield Corrupt(coding)
            return
        yield piece
        data = stream.unconsumed_tail
        # A full step may have left something that needs no more input.
        if stream.eof or not (data or len(piece) == OUTPUT_STEP):
            return


def _brotli() -> _Codec | None:
    try:
        import brotli
    except ImportError:
        return None
    # Before 1.2 it cannot be told to stop, and no bomb could be noticed.
    if not hasattr(brotli.Decompressor, "can_accept_more_data"):
        return None
    stream = brotli.Decompressor()
    decode = functools.partial(stream.process, output_buffer_limit=OUTPUT_STEP)
    more, ended = stream.can_accept_more_data, stream.is_finished
    return _Brotli(decode, more, ended, brotli.error)


@attrs.define
class _Brotli:
    """One stream (RFC 7932); its end is in the data."""

    step = INPUT_STEP
    coding = "br"
    _decode: Callable[[bytes], bytes]
    _takes_more: Callable[[], bool]
    _ended: Callable[[], bool]
    _error: type[Exception]
    _begun: bool = attrs.field(default=False, init=False)

    @property
    def complete(self) -> bool:
        return not self._begun or self._ended()

    def pieces(self, data: bytes) -> Iterator[Piece]:
        self._begun = True
        piece = data
        # Output may be left behind without a word of it: there is none when none comes.
        while piece or not self._takes_more():
            try:
                piece = self._decode(data)
            except self._error:
                yield Corrupt(self.coding)
                return
            yield piece
            data = b""


class _ZstdFrame(Protocol):
    """What is used of `zstandard.ZstdDecompressionObj`."""

    def decompress(self, data: bytes, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def _zstd() -> _Codec | None:
    try:
        import zstandard
    except ImportError:
        return None
    frames = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW)
    return _Zstd(frames.decompressobj, zstandard.ZstdError)


@attrs.define
class _Zstd:
    """Frames one after another (RFC 8878, section 3.1)."""

    step = ZSTD_INPUT_STEP
    coding = "zstd"
    _begin: Callable[[], _ZstdFrame]
    _error: type[Exception]
    _frame: _ZstdFrame | None = attrs.field(default=None, init=False)

    @property
    def complete(self) -> bool:
        return self._frame is None

    def pieces(self, data: bytes) -> Iterator[Piece]:
        while data:
            if self._frame is None:
                self._frame = self._begin()
            try:
                yield self._frame.decompress(data)
            except self._error:
                yield Corrupt(self.coding)
                return
            if not self._frame.eof:
                return
            data = self._frame.unused_data
            self._frame = None


_CODECS: Final[Mapping[str, Callable[[], _Codec | None]]] = {
    "gzip": _Gzip,
    "deflate": _Deflate,
    "br": _brotli,
    "zstd": _zstd,
}
