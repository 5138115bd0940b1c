"""One folder for each public API format; they do not know each other.

A dialect is loaded when it is first asked for: who translates between two of them does
not pay for the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

import attrs

from cliproxy_core.ir.dialect import Dialect

__all__ = ["DIALECTS"]

NAMES: Final = ("openai_chat", "openai_responses", "claude_messages", "gemini")


@attrs.define
class _Registry(Mapping[str, Dialect]):
    """The dialects by name, in a fixed order."""

    _loaded: dict[str, Dialect] = attrs.field(factory=dict, init=False)

    def __getitem__(self, name: str) -> Dialect:
        loaded = self._loaded.get(name)
        if loaded is None:
            if name not in NAMES:
                raise KeyError(name)
            found: Dialect = import_module(f"{__name__}.{name}").DIALECT
            loaded = self._loaded[name] = found
        return loaded

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


DIALECTS: Final[Mapping[str, Dialect]] = _Registry()
