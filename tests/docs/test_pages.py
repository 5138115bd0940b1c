"""Every Python block runs, every link leads somewhere, every sentence has its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

FOLDERS = ["adapters", "docs", "fuzz", "tests"]
PAGES = sorted(
    path.relative_to(ROOT)
    for path in [
        *ROOT.glob("*.md"),
        *(p for f in FOLDERS for p in (ROOT / f).rglob("*.md")),
    ]
)
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
NUMBERED = re.compile(r"^ *\d+\. ")
ENDED = re.compile(r"[a-z0-9)`*]{2}[.!?] +[A-Z`]")
ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|vs|etc)\.")


def text_of(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return [code for name, code in BLOCK.findall(text_of(page)) if name == language]


def anchors(page: Path) -> set[str]:
    """What a renderer makes of the headings."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text_of(page)), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_python_blocks_run(page: Path) -> None:
    """In order and in one namespace, as a reader would type them."""
    namespace: dict[str, object] = {"__name__": "page"}
    for code in blocks(page, "python"):
        exec(compile(code, str(page), "exec"), namespace)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(BLOCK.sub("", text_of(page))):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target) if target else page
        if not (ROOT / path).exists() or (anchor and anchor not in anchors(path)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_one_sentence_to_a_line(page: Path) -> None:
    lines = BLOCK.sub("", text_of(page)).splitlines()
    prose = [line for line in lines if not line.startswith(("|", "    ", "<"))]
    crowded = [
        li for li in prose if ENDED.search(ABBREVIATED.sub("", NUMBERED.sub("", li)))
    ]
    assert crowded == []


def test_every_page_can_be_reached_from_the_index() -> None:
    index = Path("docs/index.md")
    reached, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        for link in LINK.findall(text_of(page)):
            path = Path(*_normal((page.parent / link.partition("#")[0]).parts))
            if path in PAGES and path not in reached:
                reached.add(path)
                waiting.append(path)
    docs = {page for page in PAGES if page.parts[0] == "docs"}
    assert sorted(docs - reached) == []


def _normal(parts: tuple[str, ...]) -> list[str]:
    out: list[str] = []
    for part in parts:
        if part == "..":
            out.pop()
        elif part != ".":
            out.append(part)
    return out
