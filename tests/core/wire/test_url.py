"""Addresses, as operators write them."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.wire.url import Origin, join, split

GOOD = [
    # written                         scheme   host             port   prefix        host field
    ("https://api.example",           "https", "api.example",   443,   "",           b"api.example"),
    ("https://api.example/",          "https", "api.example",   443,   "",           b"api.example"),
    ("https://api.example/v1/",       "https", "api.example",   443,   "/v1",        b"api.example"),
    ("http://api.example/a/b//",      "http",  "api.example",   80,    "/a/b",       b"api.example"),
    ("HTTPS://API.Example:443/V1",    "https", "api.example",   443,   "/V1",        b"api.example"),
    ("http://localhost:8317",         "http",  "localhost",     8317,  "",           b"localhost:8317"),
    ("http://h:443",                  "http",  "h",             443,   "",           b"h:443"),
    ("https://h:80",                  "https", "h",             80,    "",           b"h:80"),
    ("http://h:/x",                   "http",  "h",             80,    "/x",         b"h"),
    ("http://127.0.0.1:1",            "http",  "127.0.0.1",     1,     "",           b"127.0.0.1:1"),
    ("http://[::1]",                  "http",  "::1",           80,    "",           b"[::1]"),
    ("http://[2001:DB8::1]:99/p",     "http",  "2001:db8::1",   99,    "/p",         b"[2001:db8::1]:99"),
    ("http://my_host.",               "http",  "my_host.",      80,    "",           b"my_host."),
    ("http://h/a%20b/c:d@e",          "http",  "h",             80,    "/a%20b/c:d@e", b"h"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "scheme", "host", "port", "prefix", "field"), GOOD)
def test_split(
    text: str, scheme: str, host: str, port: int, prefix: str, field: bytes
) -> None:
    origin = Origin(scheme, host, port)
    assert split(text) == (origin, prefix)
    assert origin.host_header == field
    assert split(f"{scheme}://{field.decode()}{prefix}") == (origin, prefix)


BAD = [
    ("",                          "not a URL"),
    ("api.example",               "not a URL"),
    ("api.example:443/v1",        "not a URL"),
    ("//api.example",             "not a URL"),
    ("https:/api.example",        "not a URL"),
    (" https://api.example",      "not a URL"),
    ("ftp://api.example",         "http or https"),
    ("https+x://api.example",     "http or https"),
    ("https://",                  "host is missing"),
    ("https:///v1",               "host is missing"),
    ("https://:443",              "host is missing"),
    ("https://u@api.example",     "user name"),
    ("https://u:secret@h/v1",     "user name"),
    ("https://h/v1?key=secret",   "query or a fragment"),
    ("https://h?",                "query or a fragment"),
    ("https://h/v1#top",          "query or a fragment"),
    ("https://a b/",              "host is malformed"),
    ("https://-a/",               "host is malformed"),
    ("https://a-/",               "host is malformed"),
    ("https://h\n",               "malformed"),
    ("https://h\\v1",             "host is malformed"),
    ("https://\u00e4.example",    "host is malformed"),
    ("https://[::1",              "host is malformed"),
    ("https://[]",                "host is malformed"),
    ("https://[1.2.3.4]",         "host is malformed"),
    ("https://::1",               "host is malformed"),
    ("https://h:x",               "host is malformed"),
    ("https://h:-1",              "host is malformed"),
    ("https://h:0",               "port must be"),
    ("https://h:65536",           "port must be"),
    ("https://h:100000000",       "port must be"),
    ("https://h/a b",             "path must be"),
    ("https://h/\u00e4",          "path must be"),
    ("https://h/a\r\nX: y",       "path must be"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_split_complains(text: str, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason) as caught:
        split(text)
    assert "secret" not in str(caught.value)


JOINED = [
    ("",        "v1/models",   "/v1/models"),
    ("",        "/v1/models",  "/v1/models"),
    ("/v1",     "models",      "/v1/models"),
    ("/v1/",    "/models",     "/v1/models"),
    ("v1",      "//models",    "/v1/models"),
    ("/v1",     "",            "/v1/"),
    ("/",       "",            "/"),
    ("",        "",            "/"),
]  # fmt: skip


@pytest.mark.parametrize(("prefix", "path", "joined"), JOINED)
def test_join(prefix: str, path: str, joined: str) -> None:
    assert join(prefix, path) == joined


def test_an_origin_can_be_a_key() -> None:
    assert {split("https://H/a")[0]: 1} == {split("https://h:443/b")[0]: 1}
