"""The mender: what upstreams really send in, legal chunks out.

The ordinary chunk, more words of a candidate that has begun, is recognised by a few
comparisons and passed on as it came. All else takes the long way, where a frame is
written anew only if it bends a rule.

No frame says that a stream is over. Only when the upstream closes is it certain, so
that last chunks wait for that (`mend_ends`), and a candidate that has not finished by
then was cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs
import orjson

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads, loads_exact
from cliproxy_core.ir.dialect import Frame, Mended, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import Comment, Oversize, SseFrame, Truncated

from .errors import error_in, fail, is_writable, parse_error
from .grammar import block_reason
from .mend_ends import Ends, Ledger, written
from .mend_forms import Lane, camel, notes_of, says
from .mend_ordinary import PLAIN, is_ordinary
from .usage import REASONS

__all__ = ["Mender"]

# Google's `candidateCount` ends at 8. An upstream that numbers far beyond has lost its
# way, and each candidate costs memory.
MAX_CANDIDATES: Final = 128

# orjson writes 254 levels; with fewer brackets than this nothing can be that deep.
SURE_DEPTH: Final = 240

_ERROR_EVENTS: Final = frozenset({"error", "response.error", "response.failed"})
_NAMES: Final = ("responseId", "modelVersion")


@attrs.define
class Mender:
    """Transducer from an upstream's frames to legal ones."""

    context: StreamContext
    repairs: Counter[str] = attrs.field(factory=Counter, init=False)
    complete: bool = attrs.field(default=False, init=False)
    _failed: bool = attrs.field(default=False, init=False)
    _heard: bool = attrs.field(default=False, init=False)
    _blocked: bool = attrs.field(default=False, init=False)
    _lanes: dict[int, Lane] = attrs.field(factory=dict, init=False)
    _ready: set[int] = attrs.field(factory=set, init=False)
    """Candidates whose plain words may pass: they began, and did not finish."""
    _ledger: Ledger = attrs.field(factory=Ledger, init=False)
    _ends: Ends = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._ends = Ends(self._ledger, self.repairs)

    @property
    def usage(self) -> Usage | None:
        """The latest token counts."""
        return self._ledger.usage

    def feed(self, frames: Sequence[Frame]) -> Mended:
        """Take the frames of one read."""
        mended = Mended([])
        append, parse, ready = mended.legal.append, orjson.loads, self._ready
        for frame in frames:
            if type(frame) is SseFrame and ready:
                try:
                    payload = parse(frame.data)
                    if is_ordinary(frame, payload, ready):
                        self._ledger.count(payload.get("usageMetadata"))
                        append((payload, frame.raw))
                        mended.content = True
                        continue
                except (AttributeError, KeyError, TypeError, ValueError):
                    pass  # not the ordinary chunk
            self._take(frame, mended)
        return mended

    def finish(self) -> Mended:
        """The upstream closed."""
        mended = Mended([])
        if not self.complete and not self._failed:
            self._end(mended)
        return mended

    def fail(self, failure: Failure) -> bytes:
        """The last frame of a stream that is broken."""
        return fail(failure)

    def _end(self, mended: Mended) -> None:
        lanes = self._lanes.values()
        if not self._heard:
            self._fail(mended, Kind.EMPTY, "upstream closed without sending anything")
        elif not lanes and not self._blocked:
            self._fail(mended, Kind.EMPTY, "the upstream ended without an answer")
        elif any(lane.word is None for lane in lanes):
            self._fail(
                mended, Kind.TRUNCATED, "upstream closed before its answer was complete"
            )
        else:
            self._fill_gaps()
            mended.legal += [*self._ends.release(), (None, b"")]
            mended.content = self.complete = True

    def _fail(self, mended: Mended, kind: Kind, message: str) -> None:
        self._broke(mended, Failure(kind=kind, status=502, message=message))

    def _broke(self, mended: Mended, failure: Failure) -> None:
        mended.failure, self._failed = failure, True
        self._ready.clear()

    def _take(self, frame: Frame, mended: Mended) -> None:
        """The long way: whatever it is, and if it is a chunk, what is wrong with it."""
        if isinstance(frame, Comment):
            return
        if self.complete or self._failed:
            self.repairs["after_end"] += 1
        elif isinstance(frame, Oversize):
            self._fail(mended, Kind.MALFORMED, "an event of the upstream is too long")
        elif isinstance(frame, Truncated):
            if frame.frame is not None and _is_whole(frame.frame.data):
                self._take(frame.frame, mended)
        else:
            self._heard = True
            self._event(frame, mended)

    def _event(self, frame: SseFrame, mended: Mended) -> None:
        data, raw = frame.data.strip(), frame.raw
        if frame.event == "ping":
            self.repairs["ping"] += 1
        elif frame.event in _ERROR_EVENTS:
            self._broke(mended, parse_error(0, b"" if data == b"[DONE]" else data))
        elif data == b"[DONE]":
            self.repairs["end_mark"] += 1
            self._end(mended)
        else:
            if frame.event:
                self.repairs["event_name"] += 1
                raw = b""
            elif b"\n" in data:
                self.repairs["line_breaks"] += 1
                raw = b""
            try:
                self._payload(data, raw, mended)
            except DecodeError as error:
                why = f"an event of the upstream is odd: {error}"
                self._fail(mended, Kind.MALFORMED, why)

    def _payload(self, data: bytes, raw: bytes, mended: Mended) -> None:
        """A document; `raw` is empty where its frame cannot stay as it is."""
        try:
            payload = loads_exact(data)
        except DecodeError:
            self._fail(mended, Kind.MALFORMED, "an event of the upstream is not JSON")
            return
        if isinstance(payload, list) and _has_error(payload):
            self._broke(mended, parse_error(0, data))
            return
        if not isinstance(payload, dict):
            self._fail(
                mended, Kind.MALFORMED, "an event of the upstream is not an object"
            )
            return
        deep = data.count(b"[") + data.count(b"{") > SURE_DEPTH
        if deep and not is_writable(payload):
            self._fail(mended, Kind.MALFORMED, "an event is nested too deeply")
            return
        failure = error_in(payload)
        if failure is not None:
            self._broke(mended, failure)
            return
        spelled = self._names(self._spelled(payload))
        if spelled is not payload:
            raw = b""
        self._ledger.count(spelled.get("usageMetadata"))
        candidates = spelled.get("candidates")
        if candidates:
            self._chunk(spelled, candidates, raw, mended)
        else:
            self._aside(spelled, raw, mended)

    def _spelled(self, payload: JsonObject) -> JsonObject:
        spelled = camel(payload)
        if spelled is payload or not isinstance(spelled, dict):
            return payload
        self.repairs["keys_fixed"] += 1
        return spelled

    def _names(self, payload: JsonObject) -> JsonObject:
        odd = [k for k in _NAMES if not isinstance(payload.get(k, ""), str)]
        for key in odd:
            self.repairs[f"{key}_odd"] += 1
        return {k: v for k, v in payload.items() if k not in odd} if odd else payload

    def _aside(self, payload: JsonObject, raw: bytes, mended: Mended) -> None:
        """A chunk of no candidate: a refusal, token counts, something of no content."""
        word = block_reason(payload)
        if self._blocked or any(lane.word for lane in self._lanes.values()):
            self.repairs["after_finish"] += 1
            self._ends.loose = self._ends.loose or "usageMetadata" in payload
        elif word is not None and not self._lanes:
            self._blocked = True
            self._ends.hold(payload, raw or written(payload), [])
        elif word is not None:
            self.repairs["block_late"] += 1
            self._stop_all(payload, word if word in REASONS else "SAFETY")
        elif payload.keys() <= PLAIN:
            self.repairs["chunk_empty"] += 1
            self._ends.loose = self._ends.loose or "usageMetadata" in payload
        else:
            mended.legal.append((payload, raw or written(payload)))

    def _stop_all(self, payload: JsonObject, word: str) -> None:
        """What was begun is refused after all."""
        self._ready.clear()
        lanes = [lane for lane in self._lanes.values() if lane.word is None]
        candidates: list[Json] = [
            {
                "content": {"role": "model", "parts": [{"text": ""}]},
                "finishReason": lane.note_finish(word),
                "index": lane.number,
            }
            for lane in lanes
        ]
        payload = {**payload, "candidates": candidates}
        self._ends.hold(payload, written(payload), lanes)

    def _chunk(
        self, payload: JsonObject, candidates: Json, raw: bytes, mended: Mended
    ) -> None:
        if isinstance(candidates, dict):
            candidates = [candidates]
        if not isinstance(candidates, list):
            raise DecodeError(".candidates", "expected an array")
        if self._blocked:
            self.repairs["after_finish"] += 1
            return
        goes_on: list[Json] = []
        ends: list[Json] = []
        lanes: list[Lane] = []
        met: list[Lane] = []
        for candidate in candidates:
            if not isinstance(candidate, dict):
                raise DecodeError(".candidates", "expected objects")
            lane = self._lane(candidate.get("index"), met)
            met.append(lane)
            fixed = self._meet(lane, candidate, mended)
            if fixed is None:
                self._ends.loose = self._ends.loose or "usageMetadata" in payload
            elif lane.word is None:
                goes_on.append(fixed)
            else:
                ends.append(fixed)
                lanes.append(lane)
        self._send(payload, raw, goes_on, ends, lanes, mended)
        self._note_ready()

    def _send(
        self,
        payload: JsonObject,
        raw: bytes,
        goes_on: list[Json],
        ends: list[Json],
        lanes: list[Lane],
        mended: Mended,
    ) -> None:
        if goes_on and ends:
            self.repairs["candidates_split"] += 1
            rest = {k: v for k, v in payload.items() if k != "usageMetadata"}
            self._say({**rest, "candidates": goes_on}, mended)
            goes_on = []
        kept = goes_on or ends
        if not kept:
            return
        known = payload["candidates"]
        if not isinstance(known, list) or not _same(kept, known):
            payload, raw = {**payload, "candidates": kept}, b""
        if ends:
            self._ends.hold(payload, raw or written(payload), lanes)
        else:
            self._say(payload, mended, raw)

    def _meet(
        self, lane: Lane, candidate: JsonObject, mended: Mended
    ) -> JsonObject | None:
        """A candidate as it is to be sent on, if it is."""
        fixed = lane.mend(candidate)
        word = fixed.get("finishReason")
        if lane.word is None:
            if isinstance(word, str):
                lane.note_finish(word)
            elif not says(fixed) and not notes_of(fixed) and not _has_parts(fixed):
                self.repairs["chunk_empty"] += 1
                return None
            return fixed
        if isinstance(word, str):
            lane.note_finish(word)
        if not says(fixed):
            self.repairs["after_finish"] += 1
            self._ends.note(lane, fixed)
            return None
        self.repairs["finish_moved"] += 1
        notes, before = self._ends.resume(lane)
        if before is not None:
            self._say(before, mended)
        return {**notes, **fixed, "finishReason": lane.word}

    def _say(self, payload: JsonObject, mended: Mended, raw: bytes = b"") -> None:
        mended.legal.append((payload, raw or written(payload)))
        candidates = payload["candidates"]
        assert isinstance(candidates, list)
        content = any(isinstance(c, dict) and says(c) for c in candidates)
        mended.content = mended.content or content

    def _lane(self, index: Json, met: list[Lane]) -> Lane:
        """Whose chunk it is; without an index that of its place among the others."""
        number = index if type(index) is int else len(met)
        if not 0 <= number < MAX_CANDIDATES:
            raise DecodeError(".candidates", "an index out of any range")
        lane = self._lanes.get(number)
        if lane is None:
            lane = Lane(number, self.context.ids, self.repairs)
            self._lanes[number] = lane
        elif lane in met:
            raise DecodeError(".candidates", "two of the same index")
        return lane

    def _fill_gaps(self) -> None:
        """Candidates that were left out: others are counted as if they were there."""
        for number in range(max(self._lanes, default=0)):
            if number not in self._lanes:
                self.repairs["candidate_missing"] += 1
                silent: JsonObject = {"finishReason": "OTHER", "index": number}
                payload: JsonObject = {"candidates": [silent]}
                self._ends.hold(payload, written(payload), [])

    def _note_ready(self) -> None:
        self._ready.clear()
        self._ready.update(
            number
            for number, lane in self._lanes.items()
            if lane.said and lane.word is None
        )


def _same(kept: list[Json], candidates: list[Json]) -> bool:
    return len(kept) == len(candidates) and all(
        new is old for new, old in zip(kept, candidates, strict=True)
    )


def _has_parts(candidate: JsonObject) -> bool:
    content = candidate.get("content")
    return isinstance(content, dict) and bool(content.get("parts"))


def _has_error(items: Sequence[Json]) -> bool:
    return any(isinstance(item, dict) and item.get("error") for item in items)


def _is_whole(data: bytes) -> bool:
    """Whether the data of an event that lost its end is all there."""
    try:
        loads(data)
    except DecodeError:
        return data.strip() == b"[DONE]"
    return True
