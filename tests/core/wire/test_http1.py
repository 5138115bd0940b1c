"""What only the h11 engine does: it reads chunks itself, as strictly as it can."""

from __future__ import annotations

import pytest

from cliproxy_core.wire.http import BodyData
from cliproxy_core.wire.http1 import H11Client, H11Server
from tests.core.wire.engines import CHUNKY, LINE, asking, bytewise, run, summary

EXTENDED = [
    # size line          whether it is one
    (b"3",               True),
    (b"0003",            True),
    (b"3;a",             True),
    (b"3;a=b;c",         True),
    (b'3;a="b;\\"c"',    True),
    (b"3;",              False),
    (b"3;a=",            False),
    (b'3;a="b',          False),
    (b"3 ;a",            False),
    (b"3;a b",           False),
    (b"00000000000000003", False),
]  # fmt: skip


@pytest.mark.parametrize(("line", "good"), EXTENDED)
def test_a_size_line(line: bytes, good: bool) -> None:
    data = CHUNKY + line + b"\r\nabc\r\n0\r\n\r\n"
    heard = ["POST /a", b"abc", "end"] if good else ["POST /a", ("fault", 400)]
    assert summary(run(H11Server(), [data])) == heard
    assert summary(run(H11Server(), bytewise(data))) == heard


def test_lengths_are_looked_at_before_h11_merges_them() -> None:
    for lengths in (b"1, 1", b"1,1", b"1\r\nContent-Length: 1"):
        head = LINE + b"Content-Length: " + lengths + b"\r\n\r\na"
        assert summary(H11Server().feed(head)) == [("fault", 400)]


def test_nothing_of_a_body_is_in_what_is_printed() -> None:
    server, client = H11Server(), asking(H11Client)
    assert server.feed(CHUNKY + b"6\r\nsecret")[-1] == BodyData(b"secret")
    server.feed(b"\r\n6;secret")
    client.feed(b"HTTP/1.1 200 secret")
    assert "secret" not in repr(server) + repr(client) + repr(BodyData(b"secret"))
