"""Free text as a function's arguments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.translate.free_text import unwrap, wrap


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_there_and_back(text: str) -> None:
    assert unwrap(wrap(text)) == text


@pytest.mark.parametrize(
    "text", ["*** Begin Patch", '{"input":1}', '{"input":"a","b":1}', '["a"]', ""]
)
def test_what_is_no_wrapper_is_the_text(text: str) -> None:
    assert unwrap(text) == text
