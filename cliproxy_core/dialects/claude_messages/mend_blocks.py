"""The blocks of one message, made legal: one open at a time, counted from 0.

Upstreams forget to stop a block, number blocks from 1 or all of them 0, leave parallel
calls open and fill them in turn, or send words without a start. A block that may not
be shown yet waits; nothing is reordered within a block, and blocks keep the order in
which they were started.

An index may carry several blocks of different families, because upstreams that put
everything at index 0 exist: a delta finds its block by index and family.
"""

from __future__ import annotations

import enum
from collections import Counter, deque
from collections.abc import Mapping
from typing import Final, TypeAlias

import attrs

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.ir.dialect import Legal

from .mend_forms import (
    canonical,
    complete_block,
    empty_block,
    index_of,
    is_object,
    new_delta,
    take_arguments,
)

__all__ = ["NOTHING", "Blocks", "Fast"]

Fault: TypeAlias = "str | None"
"""What is wrong beyond repair, in plain words."""

Fast: TypeAlias = "tuple[float, str, str, list[str] | None]"
"""The ordinary delta: its index, its type, its field, and where arguments are kept."""

NOTHING: Final[Fast] = (float("nan"), "", "", None)
"""No ordinary delta: no index equals this one."""


class Family(enum.Enum):
    """Blocks whose deltas are of one kind."""

    TEXT = "text"
    THINKING = "thinking"
    TOOL = "tool_use"
    SEALED = "redacted_thinking"
    NATIVE = "native"


_FAMILIES: Final[Mapping[str, Family]] = {
    family.value: family for family in Family if family is not Family.NATIVE
}

# The family that a delta belongs to, and the field that must be a string.
_DELTAS: Final[Mapping[str, tuple[Family, str]]] = {
    "text_delta": (Family.TEXT, "text"),
    "citations_delta": (Family.TEXT, ""),
    "thinking_delta": (Family.THINKING, "thinking"),
    "signature_delta": (Family.THINKING, "signature"),
    "input_json_delta": (Family.TOOL, "partial_json"),
}

_ORDINARY: Final[Mapping[Family, tuple[str, str]]] = {
    Family.TEXT: ("text_delta", "text"),
    Family.THINKING: ("thinking_delta", "thinking"),
    Family.TOOL: ("input_json_delta", "partial_json"),
}


@attrs.define(eq=False)
class _Block:
    """One block, from its start to its stop."""

    key: int
    """The index that the upstream gave it, else its place in the order of starts."""
    family: Family
    start: JsonObject = attrs.field(repr=False)
    raw: bytes | None = attrs.field(repr=False)
    """Its frame as it came, if that may pass."""
    call: tuple[str, str] = ("", "")
    """Id and name as the upstream wrote them."""
    whole: str = attrs.field(default="", repr=False)
    """Arguments that came with the start."""
    awaits_input: bool = False
    index: int = -1
    pieces: list[str] = attrs.field(factory=list, repr=False)
    waiting: list[JsonObject] = attrs.field(factory=list, repr=False)
    signed: bool = False
    ended: bool = False

    @property
    def arguments(self) -> str:
        """The arguments so far; what comes as deltas is better than what was there."""
        return "".join(self.pieces) or self.whole

    @property
    def separable(self) -> bool:
        """Whether nothing is lost if the block ends here."""
        return not self.awaits_input or is_object(self.arguments)


@attrs.define
class Blocks:
    """What is open, what waits, and what was shown."""

    ids: Ids
    repairs: Counter[str]
    out: list[Legal] = attrs.field(factory=list, init=False, repr=False)
    """Where legal frames go; its owner changes it for each read."""
    content: bool = attrs.field(default=False, init=False)
    """Whether a block was shown to open or to grow; its owner resets it."""
    calls: list[_Block] = attrs.field(factory=list, init=False, repr=False)
    """Every tool call so far."""
    _count: int = attrs.field(default=0, init=False)
    _open: _Block | None = attrs.field(default=None, init=False)
    _begun: int = attrs.field(default=0, init=False)
    _queue: deque[_Block] = attrs.field(factory=deque, init=False)
    _live: dict[tuple[int, Family], _Block] = attrs.field(
        factory=dict, init=False, repr=False
    )
    _thought: set[int | None] = attrs.field(factory=set, init=False)
    """Indexes that have had thinking."""
    _call_ids: set[str] = attrs.field(factory=set, init=False)

    @property
    def fast(self) -> Fast:
        """The delta that may pass unchanged, if there is one."""
        block = self._open
        if block is None or block.key != block.index or block.signed:
            return NOTHING
        if block.family not in _ORDINARY:
            return NOTHING
        kind, field = _ORDINARY[block.family]
        pieces = block.pieces if block.family is Family.TOOL else None
        return block.index, kind, field, pieces

    @property
    def cut_call(self) -> bool:
        """Whether the arguments of some call are incomplete. None at all are legal."""
        texts = (block.arguments for block in self.calls)
        return any(text and not is_object(text) for text in texts)

    def start(self, payload: JsonObject, raw: bytes | None) -> Fault:
        """A `content_block_start` came."""
        given = payload.get("content_block")
        kind = given.get("type") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(kind, str):
            # Words that follow open a block by themselves; arguments are a fault.
            self.repairs["empty_start"] += 1
            return None
        family = _FAMILIES.get(kind, Family.NATIVE)
        block = _Block(self._key(payload), family, payload, raw)
        if block.family is Family.TOOL:
            return self._start_call(block, given)
        block.awaits_input = block.family is Family.NATIVE and "input" in given
        if complete_block(given):
            self.repairs[f"{kind}_field_added"] += 1
            block.raw = None
        return self._replace(block)

    def delta(self, payload: JsonObject, raw: bytes | None) -> Fault:
        """A `content_block_delta` came."""
        delta = payload.get("delta")
        kind = delta.get("type") if isinstance(delta, dict) else None
        if not isinstance(delta, dict) or not isinstance(kind, str):
            self.repairs["empty_delta"] += 1
            return None
        family, field = _DELTAS.get(kind, (Family.NATIVE, ""))
        text = delta.get(field) if field else ""
        if text is None:
            self.repairs["empty_delta"] += 1
            return None
        if not isinstance(text, str):
            return f"a {kind} whose {field} is not a string"
        block = self._find(index_of(payload), family)
        if block is not None and block.signed and kind == "thinking_delta":
            block = None  # the proof covers what came before it and no more
        if block is None:
            block, fault = self._unannounced(payload, kind, family, text)
            if block is None:
                return fault
        if kind == "input_json_delta":
            block.pieces.append(text)
        elif kind == "signature_delta":
            block.signed = True
        self._grow(block, payload, raw)
        return None

    def stop(self, payload: JsonObject, raw: bytes | None) -> None:
        """A `content_block_stop` came."""
        key = index_of(payload)
        if key is None and self._live:
            key = next(reversed(self._live.values())).key
        blocks = self._at(key)
        if not blocks:
            self.repairs["stop_without_block"] += 1
        for block in blocks:
            self._end(block, payload, raw if len(blocks) == 1 else None)

    def close(self, *, cut: bool) -> Fault:
        """The message ends: stop what was not stopped, show what still waits."""
        for block in tuple(self._live.values()):
            if block.ended:
                continue
            arguments = block.arguments if block.family is Family.TOOL else ""
            if arguments and not cut and not is_object(arguments):
                return "incomplete tool arguments"
            self.repairs["stop_added"] += 1
            self._end(block)
        return None

    # A block begins.

    def _start_call(self, block: _Block, given: JsonObject) -> Fault:
        call_id, name = given.get("id"), given.get("name")
        if not isinstance(name, str) or not name:
            return "a tool call without a name"
        call_id = call_id if isinstance(call_id, str) else ""
        block.call = (call_id, name)
        live = self._live.get((block.key, Family.TOOL))
        if live is not None and call_id and live.call == block.call:
            self.repairs["start_repeated"] += 1
            return None
        if not call_id or call_id in self._call_ids:
            self.repairs["call_id_repeated" if call_id else "call_id_added"] += 1
            call_id = given["id"] = self.ids("toolu_")
            block.raw = None
        self._call_ids.add(call_id)
        if given.get("input") != {}:
            block.raw = None
            self.repairs["input_moved" if given.get("input") else "input_added"] += 1
        block.whole = take_arguments(given)
        block.awaits_input = True
        self.calls.append(block)
        return self._replace(block)

    def _replace(self, block: _Block) -> Fault:
        """Begin a block; whatever else has its index is over."""
        for old in self._at(block.key):
            if old.family is Family.TOOL and old.arguments and not old.separable:
                return "incomplete tool arguments"
            self.repairs["stop_added"] += 1
            self._end(old)
        self._begin(block)
        return None

    def _begin(self, block: _Block) -> None:
        self._begun += 1
        self._live[block.key, block.family] = block
        if block.family is Family.THINKING:
            self._thought.add(block.key)
        self._queue.append(block)
        self._advance()

    def _unannounced(
        self, payload: JsonObject, kind: str, family: Family, text: str
    ) -> tuple[_Block | None, Fault]:
        """A delta whose block is not there: words open one, the rest cannot."""
        key = self._key(payload)
        if kind == "signature_delta" and key in self._thought:
            return None, "a signature whose thinking is over"
        if family is Family.TOOL and text.strip():
            return None, "tool arguments without a tool call"
        if family in (Family.TOOL, Family.NATIVE):
            self.repairs["delta_without_block"] += 1
            return None, None
        self.repairs["start_added"] += 1
        block = _Block(key, family, empty_block(family.value, key), None)
        self._begin(block)
        return block, None

    # A block grows and ends.

    def _key(self, payload: JsonObject) -> int:
        key = index_of(payload)
        return self._begun if key is None else key

    def _at(self, key: int | None) -> list[_Block]:
        """Everything that is live at an index."""
        if key is None:
            return []
        found = (self._live.get((key, family)) for family in Family)
        return [block for block in found if block is not None]

    def _find(self, key: int | None, family: Family) -> _Block | None:
        """The live block that a delta is for; without an index the newest."""
        if key is not None and family is Family.NATIVE:
            return next(iter(self._at(key)), None)
        if key is not None:
            found = self._live.get((key, family))
            return found or self._live.get((key, Family.NATIVE))
        for block in reversed(self._live.values()):
            if block.family is family or block.family is Family.NATIVE:
                return block
        return None

    def _grow(self, block: _Block, payload: JsonObject, raw: bytes | None) -> None:
        if block is self._open:
            self._put(block, payload, raw)
        else:
            self.repairs["waited"] += 1
            block.waiting.append(payload)

    def _end(
        self, block: _Block, stop: JsonObject | None = None, raw: bytes | None = None
    ) -> None:
        """Stop a block, with the upstream's own frame if it sent one."""
        self._retire(block)
        if block is self._open:
            self._stop(block, stop, raw)
            self._advance()

    def _advance(self) -> None:
        """Show what may be shown: up to the first block that is not over."""
        while True:
            block = self._open
            if block is not None:
                if not block.ended:
                    if not (self._queue and block.separable):
                        return
                    self.repairs["stop_added"] += 1
                    self._retire(block)
                self._stop(block, None, None)
            if not self._queue:
                return
            self._show(self._queue.popleft())

    def _retire(self, block: _Block) -> None:
        block.ended = True
        if self._live.get((block.key, block.family)) is block:
            del self._live[block.key, block.family]

    def _show(self, block: _Block) -> None:
        self._open = block
        block.index = self._count
        self._count += 1
        self._put(block, block.start, block.raw)
        for payload in block.waiting:
            self._put(block, payload, None)
        block.waiting.clear()

    def _stop(self, block: _Block, stop: JsonObject | None, raw: bytes | None) -> None:
        if block.whole and not any(block.pieces):
            self._put(block, new_delta(block.index, block.whole), None)
        if stop is None:
            stop = {"type": "content_block_stop", "index": block.index}
        self._put(block, stop, raw)
        self._open = None

    def _put(self, block: _Block, payload: JsonObject, raw: bytes | None) -> None:
        """One frame of the open block, under the number that callers know it by."""
        self.content = True
        if index_of(payload) != block.index:
            payload["index"] = block.index
            self.repairs["renumbered"] += 1
            raw = None
        self.out.append((payload, canonical(payload) if raw is None else raw))
