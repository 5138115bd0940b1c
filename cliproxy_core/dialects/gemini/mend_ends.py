"""What waits until the upstream closes: last chunks, and token counts.

Some upstreams say more after a finish reason, most tell their token counts again; a
caller shall hear of either before the end. So a chunk that finishes a candidate is held
until nothing can follow it.
"""

from __future__ import annotations

from collections import Counter

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject, write
from cliproxy_core.ir.dialect import Legal
from cliproxy_core.ir.usage import Usage

from .mend_forms import Lane, notes_of, says
from .usage import parse_usage

__all__ = ["Ends", "Ledger", "written"]


def written(payload: JsonObject) -> bytes:
    """The frame of a payload. Raises `DecodeError` for one that is too deep."""
    return b"data: %b\n\n" % write(payload)


@attrs.define
class Ledger:
    """The token counts so far; nearly every chunk tells all of them again."""

    _latest: JsonObject = attrs.field(factory=dict, init=False)
    """The last report, which may tell all that those before it told."""
    _before: JsonObject = attrs.field(factory=dict, init=False)
    _usage: Usage | None = attrs.field(default=None, init=False)

    @property
    def counts(self) -> JsonObject:
        """A later report replaces what it tells again, and only that."""
        known = {k: v for k, v in self._latest.items() if v is not None}
        return {**self._before, **known}

    @property
    def usage(self) -> Usage | None:
        if self._usage is None and self._latest:
            self._usage = parse_usage(self.counts)
        return self._usage

    def count(self, counts: Json) -> None:
        if isinstance(counts, dict):
            self._usage = None
            if counts.keys() != self._latest.keys() or None in counts.values():
                self._before = self.counts
            self._latest = counts


@attrs.define(eq=False)
class _Held:
    """A chunk in which candidates finish."""

    payload: JsonObject
    raw: bytes
    lanes: list[Lane]


@attrs.define
class Ends:
    """The chunks that wait, in the order in which they came."""

    ledger: Ledger
    repairs: Counter[str]
    loose: bool = attrs.field(default=False, init=False)
    """Whether counts came in a chunk that is not sent on."""
    _held: list[_Held] = attrs.field(factory=list, init=False)

    def hold(self, payload: JsonObject, raw: bytes, lanes: list[Lane]) -> None:
        self._held.append(_Held(payload, raw, lanes))

    def note(self, lane: Lane, candidate: JsonObject) -> None:
        """More about a candidate that has finished, but no words."""
        held, place = self._find(lane)
        candidates = _candidates(held.payload)
        known = candidates[place]
        candidates[place] = {**known, **notes_of(candidate), "finishReason": lane.word}
        if candidates[place] != known:
            held.payload = {**held.payload, "candidates": candidates}
            held.raw = written(held.payload)

    def resume(self, lane: Lane) -> tuple[JsonObject, JsonObject | None]:
        """A finish that was none: what was noted beside it, and its chunk without it.

        The chunk is None where it says nothing.
        """
        held, place = self._find(lane)
        candidates = _candidates(held.payload)
        known = candidates.pop(place)
        held.lanes.remove(lane)
        around = {k: v for k, v in held.payload.items() if k != "usageMetadata"}
        if candidates:
            held.payload = {**held.payload, "candidates": candidates}
            held.raw = written(held.payload)
        else:
            self._held.remove(held)
            self.loose = self.loose or "usageMetadata" in held.payload
        if not says(known):
            return notes_of(known), None
        rest = {k: v for k, v in known.items() if k != "finishReason"}
        return {}, {**around, "candidates": [rest]}

    def release(self) -> list[Legal]:
        """All that waits; the last of it tells all the counts there are."""
        last = self._held[-1]
        if self.loose and last.payload.get("usageMetadata") != self.ledger.counts:
            self.repairs["usage_moved"] += 1
            last.payload = {**last.payload, "usageMetadata": self.ledger.counts}
            last.raw = written(last.payload)
        return [(held.payload, held.raw) for held in self._held]

    def _find(self, lane: Lane) -> tuple[_Held, int]:
        held = next(held for held in self._held if lane in held.lanes)
        return held, held.lanes.index(lane)


def _candidates(payload: JsonObject) -> list[JsonObject]:
    """The candidates of a chunk that is held: one for each of its lanes."""
    candidates = payload["candidates"]
    assert isinstance(candidates, list)
    return [candidate for candidate in candidates if isinstance(candidate, dict)]
