"""Who may come in."""

from __future__ import annotations

import pytest

from cliproxy_core.base.secret import Secret
from cliproxy_core.gateway.access import Access, Principal
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.wire.http import Headers

KEYS = (Secret("first-key"), Secret("second-key"))
DOOR = Access.of(KEYS)

IN: list[tuple[Headers, bytes]] = [
    (((b"authorization", b"Bearer first-key"),), b"/"),
    (((b"authorization", b"bearer  first-key"),), b"/"),
    (((b"authorization", b"first-key"),), b"/"),
    (((b"x-api-key", b"second-key"),), b"/"),
    (((b"x-goog-api-key", b"second-key"),), b"/"),
    ((), b"/v1/models?key=first-key"),
    ((), b"/v1/models?a=b&auth_token=second-key"),
    (((b"x-api-key", b"wrong"), (b"authorization", b"Bearer first-key")), b"/"),
]

OUT: list[tuple[Headers, bytes, str]] = [
    ((), b"/", "Missing API key"),
    (((b"authorization", b""),), b"/", "Missing API key"),
    (((b"authorization", b"Bearer "),), b"/", "Missing API key"),
    (((b"authorization", b"Bearer wrong"),), b"/", "Invalid API key"),
    (((b"authorization", b"Basic first-key"),), b"/", "Invalid API key"),
    (((b"x-api-key", b"first-key "),), b"/", "Invalid API key"),
    (((b"x-other-key", b"first-key"),), b"/", "Missing API key"),
    ((), b"/?key=wrong", "Invalid API key"),
    ((), b"/?token=first-key", "Missing API key"),
    ((), b"/?key=\xff\xfe", "Invalid API key"),
]


@pytest.mark.parametrize(("headers", "target"), IN)
def test_any_valid_key_opens(headers: Headers, target: bytes) -> None:
    assert isinstance(DOOR.admit(headers, target), Principal)


@pytest.mark.parametrize(("headers", "target", "message"), OUT)
def test_nothing_else_does(headers: Headers, target: bytes, message: str) -> None:
    failure = DOOR.admit(headers, target)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.status) == (Kind.AUTH, 401)
    assert failure.message == message


def test_without_keys_everybody_is_let_in() -> None:
    assert Access.of(()).admit((), b"/") == Principal("anyone")


def test_callers_are_told_apart_without_telling_their_keys() -> None:
    first = DOOR.admit(((b"x-api-key", b"first-key"),), b"/")
    second = DOOR.admit(((b"x-api-key", b"second-key"),), b"/")
    assert first != second
    assert "first" not in repr(first)
    assert "first-key" not in repr(DOOR)


def test_an_empty_key_in_the_configuration_lets_nobody_in() -> None:
    door = Access.of((Secret(""),))
    assert isinstance(door.admit((), b"/"), Failure)
    assert isinstance(door.admit(((b"x-api-key", b""),), b"/"), Failure)
