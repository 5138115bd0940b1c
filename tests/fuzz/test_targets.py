"""The fuzz targets over their corpus, what was once found, and a few random inputs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import run as runner

KEPT = [
    (name, path)
    for name in runner.targets()
    for path in [*runner.corpus_of(name), *runner.findings_of(name)]
]


@pytest.mark.parametrize("name", runner.targets())
def test_there_is_something_to_start_from(name: str) -> None:
    assert runner.corpus_of(name)


@pytest.mark.parametrize(
    ("name", "path"), KEPT, ids=[f"{name}-{path.name}" for name, path in KEPT]
)
def test_what_was_kept_holds(name: str, path: Path) -> None:
    runner.load(name)(path.read_bytes())


@pytest.mark.parametrize("name", runner.targets())
def test_random_bytes_hold(name: str) -> None:
    run, profile = runner.load(name), settings()

    @settings(max_examples=profile.max_examples * 2 // 5, database=None)
    @given(st.binary(max_size=512))
    def holds(data: bytes) -> None:
        run(data)

    holds()


@pytest.mark.parametrize("name", runner.targets())
def test_mutations_of_the_corpus_hold(name: str) -> None:
    run, dice = runner.load(name), random.Random(0)
    seeds = [path.read_bytes() for path in runner.corpus_of(name)]
    for seed in (seeds * 5)[:40]:
        run(runner.mutated(seed, seeds, dice))


def test_a_finding_is_made_small() -> None:
    def run(data: bytes) -> None:
        assert b"x" not in data

    found = runner.smaller(run, b"a long story with an x in it", AssertionError)
    assert found == b"x"
