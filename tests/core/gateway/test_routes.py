"""What is served where."""

from __future__ import annotations

import pytest

from cliproxy_core.gateway.routes import (
    ROUTES,
    Endpoint,
    Found,
    Miss,
    dialect_at,
    find,
)

METHODS = (b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH")
PATHS = sorted({path for _, path in ROUTES})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
def test_the_full_product(method: bytes, path: bytes) -> None:
    found = find(method, path + b"?key=x")
    assert found == find(method, path)
    if (method, path) in ROUTES:
        assert found == Found(ROUTES[method, path])
    else:
        assert isinstance(found, Miss)
        assert found.allowed
        assert method not in found.allowed


@pytest.mark.parametrize(
    "target", [b"/nothing", b"/v1/messages/", b"/V1/messages", b"*", b"/v1", b""]
)
def test_no_such_path(target: bytes) -> None:
    assert find(b"POST", target) == Miss(())


def test_every_endpoint_is_served() -> None:
    assert set(ROUTES.values()) == set(Endpoint)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (b"/v1/messages", "claude_messages"),
        (b"/v1/messages/count_tokens", "claude_messages"),
        (b"/v1/chat/completions", "openai_chat"),
        (b"/nothing", "openai_chat"),
        (b"", "openai_chat"),
    ],
)
def test_whose_words_a_path_speaks(target: bytes, name: str) -> None:
    assert dialect_at(target).name == name
