"""Documents that are almost right: made of good ones, which stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.jsonval import write
from cliproxy_core.dialects import DIALECTS
from fuzz.changed import MAX_CHANGES, changed, document, seed
from fuzz.promises import context

dialects = pytest.mark.parametrize("name", DIALECTS)


@dialects
def test_the_good_documents_are_good(name: str) -> None:
    dialect = DIALECTS[name]
    request, answer = seed("requests", name), seed("answers", name)
    assert dialect.emit_request(dialect.parse_request(request)).payload == request
    assert dialect.is_sound(answer)
    assert dialect.parse_response(answer, context()).candidates[0].parts


@dialects
@given(data=st.binary(max_size=60))
def test_a_change_is_made_to_a_copy(name: str, data: bytes) -> None:
    good = seed("requests", name)
    before = write(good)
    out = changed(good, data)
    assert write(good) == before
    assert data[2:] or out == good
    assert out == changed(good, data[: 3 * MAX_CHANGES])


@dialects
def test_nearly_every_change_shows(name: str) -> None:
    good = seed("requests", name)
    same = sum(changed(good, bytes([n, 7 * n % 256, n])) == good for n in range(256))
    assert same < 32


def test_what_is_no_object_is_no_document() -> None:
    assert document("requests", "gemini", b"{") is None
    assert document("requests", "gemini", b'{"x":1e2}') == {"x": 100.0}
    assert document("requests", "gemini", b"") == seed("requests", "gemini")
