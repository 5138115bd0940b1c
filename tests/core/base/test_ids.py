"""Names: reproducible from the seed, never twice, and silent about the seed."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.ids import Ids


@given(st.binary(min_size=1, max_size=64))
def test_the_same_seed_gives_the_same_names(seed: bytes) -> None:
    first, second = Ids(seed), Ids(seed)
    assert [first("a_") for _ in range(5)] == [second("a_") for _ in range(5)]


@given(st.permutations(["a_", "a_", "b_", "c_", "c_", "c_"]))
def test_the_order_of_different_kinds_does_not_show(order: list[str]) -> None:
    ids, sorted_ids = Ids(b"seed"), Ids(b"seed")
    assert sorted(map(ids, order)) == sorted(map(sorted_ids, sorted(order)))


def test_names_differ() -> None:
    ids = Ids(b"seed")
    names = [ids("") for _ in range(1000)] + [Ids(b"other")("")]
    assert len(set(names)) == 1001


def test_a_name_is_its_prefix_and_24_hexadecimal_digits() -> None:
    assert re.fullmatch(r"msg_[0-9a-f]{24}", Ids(b"seed")("msg_"))


def test_the_seed_does_not_show() -> None:
    assert "seed" not in repr(Ids(b"canary")).replace("Ids(", "")
    assert "canary" not in repr(Ids(b"canary"))
