"""What every generated page is made of: docstrings as prose, tables, fields."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

__all__ = ["cell", "code", "field_rows", "field_words", "prose", "sentences", "table"]

# The end of a sentence inside a line; prose files have one sentence to a line.
_END: Final = re.compile(r"(?<=[a-z0-9)`*][.!?]) +(?=[A-Z`])")
_FACTORY: Final = "made anew"


def sentences(text: str) -> str:
    """One paragraph, one sentence to a line."""
    return _END.sub("\n", " ".join(text.split()))


def prose(docstring: str | None) -> str:
    """A docstring as Markdown: paragraphs, and what is indented as it is."""
    out: list[str] = []
    for paragraph in inspect.cleandoc(docstring or "").split("\n\n"):
        if not paragraph.startswith(" "):
            out.append(sentences(paragraph))
        elif out and out[-1].startswith("```text"):
            inner = textwrap.dedent(paragraph)
            out[-1] = out[-1].removesuffix("\n```") + f"\n\n{inner}\n```"
        else:
            out.append(f"```text\n{textwrap.dedent(paragraph)}\n```")
    return "\n\n".join(out)


def cell(text: str) -> str:
    """Words in a table."""
    return " ".join(text.split()).replace("|", r"\|")


def code(text: str) -> str:
    return f"`{cell(text)}`"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def field_words(shape: type) -> dict[str, str]:
    """What is said under each field. Python does not keep it; the source does."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(shape))).body
    assert isinstance(definition, ast.ClassDef)
    out: dict[str, str] = {}
    for field, following in zip(definition.body, definition.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
        ):
            out[field.target.id] = " ".join(str(following.value.value).split())
    return out


def field_rows(shape: type) -> list[list[str]]:
    """Name, type, default and meaning of each field that may be read."""
    words = field_words(shape)
    return [
        [code(field.name), code(str(field.type)), _default(field.default), cell(said)]
        for field in attrs.fields(shape)
        if not field.name.startswith("_")
        for said in [words.get(field.name, "")]
    ]


def _default(default: object) -> str:
    if default is attrs.NOTHING:
        return ""
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return _FACTORY
    return code(str(default) if not isinstance(default, str) else f'"{default}"')
