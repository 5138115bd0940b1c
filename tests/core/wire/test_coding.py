"""The codings against the libraries that others use, at every cut; bombs and damage."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from types import FrameType, ModuleType
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from cliproxy_core.wire.coding import (
    MAX_CODINGS,
    MAX_RATIO,
    RATIO_FLOOR,
    ZSTD_MAX_WINDOW,
    Bomb,
    Corrupt,
    Decompressor,
    Incomplete,
    decoder,
    encode,
    supported,
)

CODINGS = ["gzip", "deflate", "br", "zstd"]
LIMIT = 1 << 30


def make(codings: str, limit: int = LIMIT) -> Decompressor:
    found = decoder(codings, limit)
    assert found is not None
    return found


def decode(codings: str, *chunks: bytes, limit: int = LIMIT) -> tuple[bytes, Any]:
    """What came out, and the fault if there was one."""
    stream = make(codings, limit)
    out = b""
    for chunk in chunks:
        got = stream.feed(chunk)
        if not isinstance(got, bytes):
            assert stream.feed(chunk) == b""
            assert stream.finish() is None
            return out, got
        out += got
    return out, stream.finish()


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(i % (len(data) + 1) for i in at)})
    return [data[a:b] for a, b in pairwise(edges)]


def gzipped(body: bytes, level: int = 9) -> bytes:
    """As gzip writes it, but for the time of day."""
    return gzip.compress(body, level, mtime=0)


def raw_deflate(body: bytes) -> bytes:
    return zlib.compress(body, wbits=-15)


def bomb(coding: str, size: int) -> bytes:
    data = encode(coding, bytes(size))
    assert data is not None
    return data


# How others write it.

WRITERS = {
    "gzip by gzip": ("gzip", gzipped),
    "gzip by zlib": ("gzip", lambda body: zlib.compress(body, wbits=31)),
    "gzip, stored": ("gzip", lambda body: gzipped(body, 0)),
    "gzip, two members": (
        "gzip",
        lambda body: gzipped(body[:5]) + gzipped(body[5:]),
    ),
    "gzip, padded": ("gzip", lambda body: gzipped(body) + b"\0" * 7),
    "gzip, padded between": (
        "gzip",
        lambda body: gzipped(b"") + b"\0" * 3 + gzipped(body),
    ),
    "x-gzip": ("X-GZip", gzipped),
    "deflate by zlib": ("deflate", zlib.compress),
    "deflate, small window": ("deflate", lambda body: zlib.compress(body, wbits=9)),
    "deflate, raw": ("deflate", raw_deflate),
    "deflate, raw and stored": (
        "deflate",
        lambda body: zlib.compress(body, 0, wbits=-15),
    ),
    "br": ("br", brotli.compress),
    "br, fast": ("br", lambda body: brotli.compress(body, quality=0)),
    "zstd": ("zstd", zstandard.compress),
    "zstd, two frames": (
        "zstd",
        lambda body: zstandard.compress(body[:5]) + zstandard.compress(body[5:]),
    ),
    "zstd, skippable": (
        "zstd",
        lambda body: b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstandard.compress(body),
    ),
    "zstd, without size": (
        "zstd",
        lambda body: zstandard.ZstdCompressor(
            write_content_size=False, write_checksum=True
        ).compress(body),
    ),
    "br over gzip": ("gzip, br", lambda body: brotli.compress(gzipped(body))),
    "gzip over zstd": ("zstd,gzip", lambda b: gzipped(zstandard.compress(b))),
    "identity": ("identity", bytes),
    "none": (" , ", bytes),
    "identity and gzip": ("identity , gzip,", gzipped),
}

bodies = st.binary(max_size=300) | st.text(max_size=40).map(
    lambda text: json.dumps({"text": text * 20}).encode()
)
cuts = st.lists(st.integers(0, 500), max_size=6)


@pytest.mark.parametrize("name", WRITERS)
def test_chunking_never_shows(name: str) -> None:
    codings, write = WRITERS[name]

    @given(bodies, cuts)
    @example(b"", [])
    @example(b"x" * 70_000, [20, 21])
    def holds(body: bytes, at: list[int]) -> None:
        data = write(body)
        assert decode(codings, data) == (body, None)
        assert decode(codings, *cut(data, at)) == (body, None)
        assert decode(codings, *bytewise(data)) == (body, None)

    holds()


@pytest.mark.parametrize("name", [*CODINGS, "gzip, br", "zstd, zstd", "identity", ""])
def test_what_is_encoded_is_decoded(name: str) -> None:
    @given(bodies)
    def holds(body: bytes) -> None:
        data = encode(name, body)
        assert data is not None
        assert decode(name, data) == (body, None)

    holds()


READERS = [
    ("gzip",      gzip.decompress),
    ("x-gzip",    gzip.decompress),
    ("deflate",   zlib.decompress),
    ("br",        brotli.decompress),
    ("zstd",      zstandard.decompress),
    ("gzip, br",  lambda data: gzip.decompress(brotli.decompress(data))),
]  # fmt: skip


@pytest.mark.parametrize(("codings", "read"), READERS)
def test_others_read_what_is_encoded(codings: str, read: Any) -> None:
    body = b'{"a": "b"}' * 500
    data = encode(codings, body)
    assert data is not None
    assert len(data) < len(body)
    assert read(data) == body
    assert encode(codings, body) == data


# Streams.


def flushed(coding: str, events: list[bytes]) -> Iterator[bytes]:
    """Each event as a server that flushes sends it, then the end."""
    if coding == "br":
        press = brotli.Compressor(quality=5)
        for event in events:
            yield press.process(event) + press.flush()
        yield press.finish()
    elif coding == "zstd":
        press = zstandard.ZstdCompressor().compressobj()
        for event in events:
            block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
            yield press.compress(event) + press.flush(block)
        yield press.flush()
    else:
        press = zlib.compressobj(wbits={"gzip": 31, "deflate": 15, "raw": -15}[coding])
        for event in events:
            yield press.compress(event) + press.flush(zlib.Z_SYNC_FLUSH)
        yield press.flush()


@pytest.mark.parametrize("coding", [*CODINGS, "raw"])
def test_what_was_flushed_comes_out_at_once(coding: str) -> None:
    events = [f"data: token {i}\n\n".encode() for i in range(50)]
    # One that is larger than a step, and one that is just as large.
    events += [b"x" * 3_000_000, b"y" * 256 * 1024, b"data: [DONE]\n\n"]
    stream = make("deflate" if coding == "raw" else coding)
    for event, data in zip([*events, b""], flushed(coding, events), strict=True):
        assert stream.feed(data) == event
    assert stream.finish() is None


@pytest.mark.parametrize("size", [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_full_step_leaves_nothing_behind(coding: str, size: int) -> None:
    *data, _ = flushed(coding, [b"z" * size, b"z" * 256 * 1024])
    stream = make(coding)
    assert [stream.feed(part) for part in data] == [b"z" * size, b"z" * 256 * 1024]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_piece_may_end_anywhere_around_a_full_step(coding: str) -> None:
    """One byte of input may be worth more than what is left of a step."""
    data = bomb(coding, 600_000)
    stream, so_far = make(coding), b""
    for end, byte in enumerate(bytewise(data), 1):
        more = stream.feed(byte)
        assert isinstance(more, bytes)
        so_far += more
        if len(more) or end == len(data):
            assert make(coding).feed(data[:end]) == so_far


# Faults.


def test_the_end_is_told_of_once() -> None:
    stream = make("gzip")
    assert stream.feed(gzipped(b"x")[:-1]) == b"x"
    assert stream.finish() == Incomplete("gzip")
    assert stream.finish() is None
    assert stream.feed(gzipped(b"x")) == b""


@pytest.mark.parametrize("coding", CODINGS)
def test_the_end_must_come(coding: str) -> None:
    body = bytes(range(256)) * 4
    data = encode(coding, body)
    assert data is not None
    for end in range(1, len(data)):
        out, fault = decode(coding, data[:end])
        assert fault == Incomplete(coding)
        assert body.startswith(out)
        assert decode(coding, *bytewise(data[:end])) == (out, fault)


def test_an_empty_body_is_empty_in_any_coding() -> None:
    for coding in [*CODINGS, "gzip, br", "identity"]:
        assert decode(coding) == (b"", None)
        assert decode(coding, b"", b"") == (b"", None)


def test_the_codings_of_a_list_must_all_end() -> None:
    inner = gzipped(b"x" * 100)[:-1]
    assert decode("gzip, br", brotli.compress(inner)) == (
        b"x" * 100,
        Incomplete("gzip"),
    )
    assert decode("gzip, br", brotli.compress(inner)[:-1])[1] == Incomplete("br")


DAMAGED = [
    ("gzip",     b"hello",                               "gzip"),
    ("gzip",     b"\0" + gzipped(b"x"),            "gzip"),
    ("gzip",     gzipped(b"x") + b"more",          "gzip"),
    ("gzip",     gzipped(b"x") + b"\0\0more",      "gzip"),
    ("gzip",     gzipped(b"xyz")[:-6] + b"\0" * 6, "gzip"),
    ("gzip",     zlib.compress(b"x"),                    "gzip"),
    ("deflate",  b"\x07hello",                           "deflate"),
    ("deflate",  b"\x78\x00hello",                       "deflate"),
    ("deflate",  zlib.compress(b"x") + b"\0",            "deflate"),
    ("deflate",  raw_deflate(b"x") + b"\0",              "deflate"),
    ("deflate",  zlib.compress(b"x")[:-1] + b"!",        "deflate"),
    ("br",       b"\xff" * 20,                           "br"),
    ("br",       brotli.compress(b"x") + b"\0",          "br"),
    ("zstd",     b"hello",                               "zstd"),
    ("zstd",     zstandard.compress(b"x") + b"more",     "zstd"),
    ("gzip, br", brotli.compress(b"hello"),              "gzip"),
]  # fmt: skip


@pytest.mark.parametrize(("codings", "data", "coding"), DAMAGED)
def test_damage_is_told_of(codings: str, data: bytes, coding: str) -> None:
    assert decode(codings, data)[1] == Corrupt(coding)
    assert decode(codings, *bytewise(data))[1] == Corrupt(coding)


@pytest.mark.parametrize("coding", [*CODINGS, "gzip, br"])
def test_anything_is_bytes_or_a_fault(coding: str) -> None:
    sound = encode(coding, b"data: hello, hello\n\n" * 20)
    assert sound is not None

    @given(st.binary(max_size=40), st.integers(0, len(sound)), cuts)
    def holds(data: bytes, at: int, edges: list[int]) -> None:
        data = sound[:at] + data
        out, fault = decode(coding, data)
        fine, same = decode(coding, *cut(data, edges))
        # Of two codings either may find the damage.
        assert same == fault or (type(same) is type(fault) and "," in coding)
        assert fine[: len(out)] == out
        if fault is None:
            assert fine == out

    holds()


# Bombs.


@pytest.mark.parametrize("coding", [*CODINGS, "identity", "gzip, br"])
def test_the_limit_is_what_may_come_out(coding: str) -> None:
    data = encode(coding, b"0123456789" * 10)
    assert data is not None
    assert decode(coding, data, limit=100) == (b"0123456789" * 10, None)
    assert decode(coding, data, limit=99) == (b"", Bomb(99))
    out, fault = decode(coding, *bytewise(data), limit=99)
    assert fault == Bomb(99)
    assert len(out) <= 99


def test_what_cannot_be_compressed_may_be_as_long_as_the_limit() -> None:
    body = b"".join(sha256(bytes([i])).digest() for i in range(256))
    data = encode("gzip, br", body)
    assert data is not None
    assert len(data) > len(body)
    assert decode("gzip, br", data, limit=len(body)) == (body, None)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_is_noticed_before_it_is_in_memory(coding: str) -> None:
    data = bomb(coding, 100_000_000)
    tracemalloc.start()
    out, fault = decode(coding, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    allowed = max(RATIO_FLOOR, MAX_RATIO * len(data))
    assert (out, fault) == (b"", Bomb(allowed))
    assert peak < allowed + RATIO_FLOOR + (1 << 20)


@pytest.mark.parametrize("coding", CODINGS)
def test_small_bodies_may_be_of_any_ratio(coding: str) -> None:
    assert decode(coding, bomb(coding, RATIO_FLOOR)) == (bytes(RATIO_FLOOR), None)
    grown = bomb(coding, RATIO_FLOOR + 1)
    assert decode(coding, grown)[1] == Bomb(RATIO_FLOOR)


def test_large_bodies_may_be_of_an_ordinary_ratio() -> None:
    event = b"".join(b'data: {"n":%d,"text":"hello"}\n\n' % i for i in range(1000))
    body = event * (2 * RATIO_FLOOR // len(event))
    data = zlib.compress(body)
    assert decode("deflate", data) == (body, None)


def test_a_bomb_inside_is_noticed_too() -> None:
    """The outer coding unpacks to members that hold nothing."""
    empty = gzipped(b"")
    data = zlib.compress(empty * (2 * RATIO_FLOOR // len(empty)), 9)
    assert decode("gzip, deflate", data) == (b"", Bomb(RATIO_FLOOR))


def test_a_window_beyond_the_standard_is_refused() -> None:
    def framed(log: int) -> bytes:
        options = zstandard.ZstdCompressionParameters(
            window_log=log, write_content_size=False
        )
        press = zstandard.ZstdCompressor(compression_params=options).compressobj()
        data: bytes = press.compress(b"x") + press.flush()
        return data

    fits = ZSTD_MAX_WINDOW.bit_length() - 1
    assert decode("zstd", framed(fits)) == (b"x", None)
    assert decode("zstd", framed(fits + 1)) == (b"", Corrupt("zstd"))


def work(coding: str, data: bytes) -> int:
    """All bytes that any call into C could look at while this is decoded."""
    stream = make(coding)
    seen = 0

    def count(caller: FrameType, event: str, _: object) -> None:
        nonlocal seen
        if event == "c_call" and caller.f_code.co_name in ("pieces", "_inflated"):
            seen += 1 + len(caller.f_locals["data"])

    sys.setprofile(count)
    try:
        assert stream.feed(data) == b""
    finally:
        sys.setprofile(None)
    assert stream.finish() is None
    return seen


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_member_costs_the_same_however_many_there_are(coding: str) -> None:
    """Each leaves its rest to the next: that must not be all of the input."""
    member = encode(coding, b"")
    assert member is not None
    assert work(coding, member * 8_000) < 5 * work(coding, member * 2_000)


# Which there are.


def test_all_are_supported_here() -> None:
    assert supported() == tuple(CODINGS)


@pytest.mark.parametrize("codings", ["compress", "gzip, aes128gcm", "x-br", "gz ip"])
def test_what_is_unknown_cannot_be_done(codings: str) -> None:
    assert decoder(codings, LIMIT) is None
    assert encode(codings, b"x") is None


def test_a_list_is_short() -> None:
    assert decoder(", ".join(["gzip"] * MAX_CODINGS), LIMIT) is not None
    assert decoder(", ".join(["gzip"] * (MAX_CODINGS + 1)), LIMIT) is None


@pytest.mark.parametrize(("coding", "module"), [("br", brotli), ("zstd", zstandard)])
def test_one_may_be_missing(
    coding: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module.__name__, None)
    assert decoder(coding, LIMIT) is None
    assert decoder(f"gzip, {coding}", LIMIT) is None


def test_a_brotli_that_cannot_be_bounded_is_as_good_as_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(brotli, "Decompressor", object)
    assert decoder("br", LIMIT) is None


WITHOUT = """
import sys
import cliproxy_core.wire.coding as coding
assert not {"brotli", "zstandard"} & set(sys.modules)
sys.modules.update(brotli=None, zstandard=None)
print(coding.supported(), coding.decoder("br", 9), coding.encode("zstd", b""))
"""

LEFT = "('gzip', 'deflate') None None"


def test_without_the_packages_there_are_two() -> None:
    script = [sys.executable, "-c", WITHOUT]
    run = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == (LEFT, "")


def test_bodies_stay_out_of_what_is_printed() -> None:
    stream = make("identity")
    assert stream.feed(b"secret") == b"secret"
    assert "secret" not in repr(stream)
