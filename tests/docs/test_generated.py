"""Pages that are generated are what would be generated today."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cliproxy_core.dialects import DIALECTS
from tests.architecture.sources import ROOT
from tests.docs import api, dropped, events, grammars, reference, repairs

DECISIONS = ROOT / "docs" / "decisions"


def compare(path: Path, text: str, bless: bool) -> None:
    if bless:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "make bless writes it anew"


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("config", reference.page),
        ("dropped", dropped.page),
        ("events", events.page),
        ("grammars", grammars.page),
        ("repairs", repairs.page),
        ("translate", api.page),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_the_reference(name: str, page: Callable[[], str], bless: bool) -> None:
    compare(ROOT / "docs" / "reference" / f"{name}.md", page(), bless)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_repair_that_is_made_is_listed(dialect: str) -> None:
    listed = repairs.named(dialect)
    assert listed
    for found in repairs.made(dialect):
        assert any(repairs.fits(found, repair) for repair in listed), found


def test_the_list_of_decisions(bless: bool) -> None:
    lines = ["# Decisions", "", "<!-- Generated from the pages: make bless -->", ""]
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.name})")
    compare(DECISIONS / "index.md", "\n".join(lines) + "\n", bless)


def test_decisions_have_the_four_sections() -> None:
    wanted = ["Context", "Decision", "Consequences", "What would make us change it"]
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [li.removeprefix("## ") for li in lines if li.startswith("## ")]
        assert found == wanted, path.name
        assert lines[0].startswith(f"# {path.name[:4]}: ")
