"""Where words come from, and how likely they were: notes on what a model wrote."""

from __future__ import annotations

import attrs

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.base.value import value

__all__ = ["Citation", "TokenProb"]


@value(kw_only=True)
class Citation:
    """A source for words of a block. Any dialect can show one that has an address."""

    dialect: str
    raw: JsonObject = attrs.field(repr=False)
    """As its dialect writes it."""
    url: str | None = attrs.field(default=None, repr=False)
    title: str | None = attrs.field(default=None, repr=False)
    quoted: str | None = attrs.field(default=None, repr=False)
    """The words of the source."""
    start: int | None = None
    """First code point of the block's text that it is a source for."""
    end: int | None = None
    """One past the last."""


@value
class TokenProb:
    """One token that was drawn, and what might have been drawn in its place."""

    token: str = attrs.field(repr=False)
    logprob: float | int
    bytes: tuple[int, ...] | None = attrs.field(default=None, repr=False)
    """The token as UTF-8; one token need not be whole characters."""
    top: tuple[TokenProb, ...] = attrs.field(default=(), repr=False)
