"""Cutting loses nothing and adds nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.testing.cuts import bytewise, cut, every_cut


@given(st.binary(max_size=60), st.lists(st.integers(0, 500)))
def test_the_pieces_are_the_whole(data: bytes, at: list[int]) -> None:
    assert b"".join(cut(data, at)) == data
    assert all(cut(data, at))
    assert b"".join(bytewise(data)) == data
    assert all(len(piece) == 1 for piece in bytewise(data))
    assert all(a + b == data for a, b in every_cut(data))
    assert len(list(every_cut(data))) == len(data) + 1


def test_where_it_is_cut() -> None:
    assert cut(b"abcdef", [4, 2, 2]) == [b"ab", b"cd", b"ef"]
    assert cut(b"abcdef", []) == [b"abcdef"]
    assert cut(b"abcdef", [6, 8]) == [b"ab", b"cdef"]
    assert cut(b"", [1, 2]) == []
