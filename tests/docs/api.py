"""Prints `docs/reference/translate.md` from the public names of the package."""

from __future__ import annotations

import ast
import enum
import inspect
import textwrap
from collections.abc import Iterator
from typing import Final

import attrs

import cliproxy_core.translate as translate

from .markdown import code, field_rows, prose, table

__all__ = ["page"]

HEAD: Final = """# cliproxy_core.translate

<!-- Generated from cliproxy_core/translate: make bless -->

The public names of the package.
How they go together is in [a how-to](../howto/use-in-your-own-proxy.md).
Names that are not here may change without notice.
"""

# What an embedder meets first; the machinery below them comes after.
FIRST: Final = ("request", "Plan", "ResponseStream", "Whole")


WIDTH: Final = 88


def page() -> str:
    """The whole page."""
    names = [*FIRST, *(n for n in translate.__all__ if n not in FIRST)]
    return "\n".join([HEAD, *(_section(name) for name in names)])


def _section(name: str) -> str:
    found = getattr(translate, name)
    parts = [f"## {name}"]
    if not inspect.isclass(found):
        parts += [_signature(name, found), prose(inspect.getdoc(found))]
        return "\n\n".join(parts) + "\n"
    parts.append(prose(inspect.getdoc(found)))
    if issubclass(found, enum.Enum):
        parts.append("\n".join(f"- `{name}.{member.name}`" for member in found))
    elif attrs.has(found):
        rows = [row for row in field_rows(found) if row[0].strip("`")]
        if rows:
            parts.append(table(["Field", "Type", "Default", "Meaning"], rows))
    elif told := _told(found):
        parts.append(f"It has {', '.join(code(word) for word in told)}.")
    parts += filter(None, _members(name, found))
    return "\n\n".join(parts) + "\n"


def _told(error: type[object]) -> list[str]:
    """What an exception has: the names that its maker sets."""
    made = ast.parse(textwrap.dedent(inspect.getsource(error)))
    return [
        node.attr
        for node in ast.walk(made)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]


def _members(name: str, shape: type) -> Iterator[str]:
    for member, found in vars(shape).items():
        if member.startswith("_"):
            continue
        if isinstance(found, property) and found.fget is not None:
            kind = inspect.signature(found.fget).return_annotation
            yield f"### {name}.{member}"
            yield f"```text\n{member}: {kind}\n```"
            yield prose(inspect.getdoc(found))
        elif inspect.isfunction(found):
            yield f"### {name}.{member}"
            yield _signature(member, found)
            yield prose(inspect.getdoc(found))


def _signature(name: str, function: object) -> str:
    assert callable(function)
    signature = inspect.signature(function)
    given: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in given:
            given.append("*")
        given.append(_parameter(parameter))
    back = str(signature.return_annotation)
    line = f"{name}({', '.join(given)}) -> {back}"
    if len(line) > WIDTH:
        line = f"{name}(\n    " + ",\n    ".join(given) + f",\n) -> {back}"
    return f"```text\n{line}\n```"


def _parameter(parameter: inspect.Parameter) -> str:
    said = f"{parameter.name}: {parameter.annotation}"
    if parameter.default is inspect.Parameter.empty:
        return said
    return f"{said} = {parameter.default!r}"
