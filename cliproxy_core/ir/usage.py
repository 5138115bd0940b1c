"""Token counts that do not overlap, and their arithmetic.

Vendors count differently: Chat's `prompt_tokens` includes what came from the cache,
Claude's `input_tokens` does not. The ledger keeps one number per kind of token, so
that every total is a plain sum, and unknown (`None`) is never zero.
"""

from __future__ import annotations

import attrs

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.base.value import value

__all__ = ["Usage"]


def _sum(*counts: int | None) -> int | None:
    """Sum of what is known; unknown only when nothing is known."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


@value(kw_only=True)
class Usage:
    """What one response cost, in tokens. `None`: the upstream did not say."""

    input_uncached: int | None = None
    """Prompt tokens that neither came from a cache nor were written to one."""
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    cache_write_other: int | None = None
    """Written to a cache of a lifetime that was not told."""
    output: int | None = None
    """Generated tokens without the `reasoning` ones."""
    reasoning: int | None = None
    """Generated reasoning tokens. `None` also where they are inside `output`."""
    raw: JsonObject | None = attrs.field(default=None, eq=False)
    """The upstream's own object, merged the same way."""

    @property
    def cache_write(self) -> int | None:
        return _sum(self.cache_write_5m, self.cache_write_1h, self.cache_write_other)

    @property
    def input_total(self) -> int | None:
        """Every prompt token, cached or not."""
        return _sum(self.input_uncached, self.cache_read, self.cache_write)

    @property
    def output_total(self) -> int | None:
        """Every generated token, reasoning included."""
        return _sum(self.output, self.reasoning)

    @property
    def total(self) -> int | None:
        return _sum(self.input_total, self.output_total)

    def merged(self, later: Usage) -> Usage:
        """Both reports as one. Counts are cumulative: the later known one wins."""
        old, new = attrs.asdict(self, recurse=False), attrs.asdict(later, recurse=False)
        known = {name: count for name, count in new.items() if count is not None}
        if self.raw is not None and later.raw is not None:
            known["raw"] = {**self.raw, **later.raw}
        return Usage(**{**old, **known})
