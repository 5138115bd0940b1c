"""A string that does not show itself."""

from __future__ import annotations

import attrs

__all__ = ["Secret"]


@attrs.frozen(repr=False)
class Secret:
    """A key or token. `repr`, `str` and format show nothing of it."""

    _text: str

    def reveal(self) -> str:
        """The text itself, for the one place that sends or compares it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(***)" if self._text else "Secret()"

    __str__ = __repr__
