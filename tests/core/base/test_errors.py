"""The two exceptions."""

from __future__ import annotations

import pytest

from cliproxy_core.base.errors import DecodeError, LocalError


@pytest.mark.parametrize(
    ("path", "text"),
    [(".a[0]", ".a[0]: required"), ("", "the document: required")],
)
def test_a_decode_error_says_where_and_why(path: str, text: str) -> None:
    error = DecodeError(path, "required")
    assert (str(error), error.path, error.reason) == (text, path, "required")


def test_neither_is_the_other() -> None:
    assert not issubclass(DecodeError, LocalError)
    assert not issubclass(LocalError, DecodeError)


def test_a_complaint_seen_from_outside() -> None:
    inner = DecodeError(".type", "required")
    outer = inner.under(".content[2]").under(".messages[0]")
    assert outer.path == ".messages[0].content[2].type"
    assert str(outer) == ".messages[0].content[2].type: required"
