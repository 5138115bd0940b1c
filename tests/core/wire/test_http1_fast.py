"""What only the httptools engine must not do: let llhttp end a body where it likes."""

from __future__ import annotations

import pytest

from cliproxy_core.wire.http import BodyData
from cliproxy_core.wire.http1_fast import FastClient, FastServer
from tests.core.wire.engines import CHUNKY, HOST, OK, asking, run, summary

ENDS = [b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"0;a=b\r\nX: y\r\nZ: z\r\n\r\n"]
NEXT = b"GET /b HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("body", [b"", b"a", b"\r\n\r\n", b"0\r\n\r\n", b"\r\n" * 9])
def test_the_end_of_chunks_is_found_at_any_cut(end: bytes, body: bytes) -> None:
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    data = CHUNKY + chunk + end + NEXT
    heard = ["POST /a", *([body] if body else []), "end", "GET /b", "end"]
    for i in range(len(data)):
        for size in range(1, 5):
            pieces = [data[:i], data[i : i + size], data[i + size :]]
            assert summary(run(FastServer(), pieces)) == heard


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("surplus", [b"", b"\r\n", b"x", b"HTTP/1.1 200 OK\r\n"])
def test_what_is_behind_an_answer_spoils_the_connection(
    end: bytes, surplus: bytes
) -> None:
    data = end + surplus
    for i in range(len(data)):
        client = asking(FastClient)
        client.feed(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        client.feed(data[:i])
        client.feed(data[i:])
        assert client.reusable is not bool(surplus)


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (b"Transfer-Encoding: br", 501),
        (b"Transfer-Encoding: chunked, br", 501),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 501),
        (b"Content-Length: x", 400),
    ],
)
def test_what_llhttp_refuses_has_a_status(field: bytes, status: int) -> None:
    head = b"POST / HTTP/1.1\r\n" + HOST + field + b"\r\n\r\n"
    assert summary(FastServer().feed(head)) == [("fault", status)]


def test_nothing_of_a_body_is_in_what_is_printed() -> None:
    server, client = FastServer(), asking(FastClient)
    assert server.feed(CHUNKY + b"6\r\nsecret")[-1] == BodyData(b"secret")
    client.feed(b"HTTP/1.1 200 secret")
    assert "secret" not in repr(server) + repr(client)
