"""The words themselves: nothing secret is printed, names are found."""

from __future__ import annotations

import pytest

from cliproxy_core.wire.http import (
    BodyData,
    Headers,
    RequestHead,
    ResponseHead,
    get_header,
)

FIELDS: Headers = ((b"a", b"1"), (b"b", b""), (b"a", b"2"))


@pytest.mark.parametrize(
    ("name", "found"), [(b"a", b"1"), (b"b", b""), (b"c", None), (b"A", None)]
)
def test_the_first_field_of_a_name_is_found(name: bytes, found: bytes | None) -> None:
    assert get_header(FIELDS, name) == found
    assert get_header((), name) is None


def test_targets_fields_and_bodies_are_not_printed() -> None:
    fields: Headers = ((b"authorization", b"Bearer secret"),)
    words = (
        RequestHead(b"GET", b"/?key=secret", fields),
        ResponseHead(200, fields),
        BodyData(b"secret"),
    )
    assert "secret" not in repr(words)
