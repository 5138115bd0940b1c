"""Names and ids that an upstream takes, made of the caller's, and back again.

A name that fits stays. One that does not is cut and ends in a hash of the whole, so
that it depends on nothing but itself: a tool list that grows between two requests
renames nothing, and the upstream's prompt cache still meets what it knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from cliproxy_core.base.value import value
from cliproxy_core.ir.dialect import ToolLimits
from cliproxy_core.ir.request import Tool, ToolKind

__all__ = ["NO_NAMES", "Identity", "ToolNames", "fit_id", "fit_name", "qualified"]

# Eight hexadecimal digits tell 10,000 tools apart with a chance of 99 %; nobody has
# that many names of equal beginnings.
HASH_DIGITS: Final = 8
# Ids are many and must never meet.
ID_HASH_DIGITS: Final = 16

_STRANGE: Final = re.compile(r"[^a-zA-Z0-9_-]")
_JOINT: Final = "__"


@value
class Identity:
    """A tool as its caller knows it."""

    name: str
    namespace: str | None = None
    kind: ToolKind = ToolKind.FUNCTION


def qualified(namespace: str | None, name: str) -> str:
    """One name for a tool in a group, the way that MCP clients write it."""
    if not namespace:
        return name
    if name.startswith(namespace.removesuffix(_JOINT) + _JOINT):
        return name
    return namespace + ("" if namespace.endswith(_JOINT) else _JOINT) + name


def _digest(text: str, digits: int) -> str:
    import hashlib  # loads OpenSSL for what is seldom needed

    return hashlib.blake2b(text.encode("utf-8", "replace")).hexdigest()[:digits]


def fit_name(name: str, limits: ToolLimits) -> str:
    """A name that the upstream takes; the same one if it does."""
    if len(name) <= limits.name_length and limits.name.fullmatch(name):
        return name
    clean = _STRANGE.sub("_", name)
    if not limits.name.fullmatch(clean):  # the first letter is special, or none is left
        clean = "_" + clean
    keep = limits.name_length - HASH_DIGITS - 1
    return f"{clean[:keep]}_{_digest(name, HASH_DIGITS)}"


def fit_id(call_id: str, limits: ToolLimits, taken: Iterable[str]) -> str:
    """An id that the upstream takes and that no other call has."""
    clean = _STRANGE.sub("_", call_id)
    if len(clean) <= limits.call_id_length and clean not in taken:
        return clean
    keep = min(limits.call_id_length, len(clean) + ID_HASH_DIGITS + 1)
    keep -= ID_HASH_DIGITS + 1
    return f"{clean[:keep]}_{_digest(call_id, ID_HASH_DIGITS)}"


def _folded(name: str) -> str:
    """What models get wrong about a name: its case and its frills."""
    return name.strip().lstrip("_").lower()


@value(kw_only=True)
class ToolNames:
    """How the tools of one request are called upstream."""

    wire: Mapping[tuple[str | None, str], str] = attrs.field(factory=dict)
    """Upstream names by the caller's namespace and name."""
    back: Mapping[str, Identity] = attrs.field(factory=dict)
    folded: Mapping[str, Identity | None] = attrs.field(factory=dict)
    """The same by what is left of a name without case; None where several fit."""

    @classmethod
    def of(cls, tools: Iterable[tuple[Tool, str]]) -> ToolNames:
        """From the caller's tools and their names upstream."""
        wire: dict[tuple[str | None, str], str] = {}
        back: dict[str, Identity] = {}
        folded: dict[str, Identity | None] = {}
        for tool, name in tools:
            identity = Identity(tool.name, tool.namespace, tool.kind)
            wire[tool.namespace, tool.name] = name
            back[name] = identity
            key = _folded(name)
            folded[key] = None if key in folded else identity
        return cls(wire=wire, back=back, folded=folded)

    def __bool__(self) -> bool:
        return bool(self.back)

    @property
    def nameless(self) -> str | None:
        """What a call without a name means: the only tool that takes free text.

        Such tools are new to most upstreams, which forget the name now and then.
        """
        free = [n for n, tool in self.back.items() if tool.kind is ToolKind.CUSTOM]
        return free[0] if len(free) == 1 else None

    def meant(self, name: str) -> Identity | None:
        """The tool that an upstream means; None for one that was not declared."""
        found = self.back.get(name)
        if found is not None:
            return found
        return self.folded.get(_folded(name))


NO_NAMES: Final = ToolNames()
