"""One candidate as its upstream tells it, and the deltas it should have sent.

A lane knows what was already said, so it can tell what is said twice: the role, the
reasoning under two names, the whole message after its pieces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import Json, JsonObject, write

from .mend_calls import LEGACY, Calls, index_of, is_cut, is_json

__all__ = ["FAILED_WORDS", "Lane", "adds", "is_substance", "lone"]

# Mistral's thinking is a list of parts in a part of a list.
MAX_NESTING: Final = 4

# Reasoning may go on after an answer and by chance say a word again, but not a line;
# only the last chunk repeats anything of any length.
MIN_REPEATED: Final = 32

# Words that upstreams use instead of the five legal ones, in lower case.
_WORDS: Final[Mapping[str, str]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "function_call": "tool_calls",
    "function_calls": "tool_calls",
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "model_context_window_exceeded": "length",
    "safety": "content_filter",
    "recitation": "content_filter",
    "blocklist": "content_filter",
    "prohibited_content": "content_filter",
    "content_filtered": "content_filter",
    "refusal": "content_filter",
    "sensitive": "content_filter",
}

# Which of two finish words tells more.
_RANKS: Final = ("stop", "tool_calls", "content_filter", "length")

FAILED_WORDS: Final = frozenset(
    {"error", "network_error", "insufficient_system_resource"}
)
"""Finish words by which OpenRouter, Zhipu and DeepSeek say that they broke down."""

# Keys of a delta that may be null beside the one that says something.
_NULLABLE: Final = frozenset({"content", "reasoning_content", "reasoning", "refusal"})

_THINKING: Final = ("reasoning_content", "reasoning")
_SUBSTANCE: Final = (
    "content",
    "tool_calls",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "refusal",
    "images",
    "audio",
    "annotations",
)
_LISTS: Final = ("images", "annotations")
"""What stands beside the words, entry by entry."""
_BESIDE: Final = (*_LISTS, "audio")


@attrs.define
class Lane:
    """One candidate."""

    number: int
    """Its index towards the caller: candidates count from 0 as they appear."""
    ids: Ids
    repairs: Counter[str]
    nameless: str | None = None
    """See `StreamContext`."""
    calls: Calls = attrs.field(init=False)
    thoughts: list[str] = attrs.field(factory=list, init=False, repr=False)
    told: bool = attrs.field(default=False, init=False)
    """Whether anything but reasoning was said."""
    spoken: bool = attrs.field(default=False, init=False)
    """Whether the role was said."""
    word: str | None = attrs.field(default=None, init=False)
    """The upstream's finish word, as it came."""
    finished: bool = attrs.field(default=False, init=False)
    """Whether the finish was sent on."""
    beside: set[str] = attrs.field(factory=set, init=False)
    """What stood beside the words so far."""
    entries: Counter[str] = attrs.field(factory=Counter, init=False)
    """How many entries each list of those has had."""
    _legacy_id: str = attrs.field(default="", init=False)
    _bent: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self.calls = Calls(self.ids, self.repairs, self.nameless)

    def mend(self, choice: JsonObject) -> tuple[JsonObject, bool]:
        """The delta to send on, and whether it differs from the one that came."""
        self._bent = False
        delta = choice.get("delta")
        message = choice.get("message")
        if isinstance(message, dict):
            known = delta if isinstance(delta, dict) else {}
            new = {**self._unsaid(message), **known}
            self._mend("whole_message")
        elif isinstance(delta, dict):
            new = delta.copy()
        else:
            new = {}
            self._mend("delta_missing")
        new = self._role(new)
        self._content(new)
        self._reasoning(new, bool(choice.get("finish_reason")))
        if "tool_calls" in new or new.get("function_call") is not None:
            self._calls(new)
        for key in _BESIDE:
            if new.get(key):
                self._number(key, new)
        if new.get("content") or new.get("tool_calls") or new.get("refusal"):
            self.told = True
        return new, self._bent

    def close(self) -> tuple[list[Json], str]:
        """The legal finish word, and the entries that calls lack before it."""
        entries = self.calls.flush()
        word = self.conclude(self.word)
        if word == "tool_calls":  # a call that was cut must not look complete
            entries += self.calls.fill()
        return sorted(entries, key=index_of), word

    def conclude(self, word: str | None) -> str:
        """The legal finish word, given what was said; its native form in `word`."""
        lowered = (word or "stop").lower()
        legal = _WORDS.get(lowered, "stop")
        started = self.calls.started
        texts = [call.text for call in started if not call.custom]
        if legal == "stop" and started:
            legal = "tool_calls" if all(map(is_json, texts)) else "length"
        elif legal == "tool_calls" and not started:
            legal = "stop"
        elif legal == "tool_calls" and any(map(is_cut, texts)):
            legal = "length"
        if legal != word and word is not None:
            self.repairs["finish_word"] += 1
        return legal

    def note_finish(self, word: str) -> None:
        """The upstream said a finish word, maybe not its first."""
        if self.word is None:
            self.word = word
            return
        self.repairs["finish_repeated"] += 1
        self.word = max(self.word, word, key=_rank)

    def _mend(self, repair: str) -> None:
        self.repairs[repair] += 1
        self._bent = True

    def _role(self, delta: JsonObject) -> JsonObject:
        if not self.spoken:
            self.spoken = True
            if delta.get("role") != "assistant":
                self._mend("role_missing")
                delta.pop("role", None)
                return {"role": "assistant", **delta}
        elif "role" in delta:
            self._mend("role_repeated")
            del delta["role"]
        return delta

    def _content(self, delta: JsonObject) -> None:
        for key in ("content", "refusal"):
            value = delta.get(key)
            if value is not None and not isinstance(value, str):
                self._mend("content_not_text")
                nested = isinstance(value, list | dict)
                delta[key] = _texts(value, "text") if nested else write(value).decode()
                thinking = _texts(value, "thinking")
                if thinking and not delta.get("reasoning_content"):
                    delta["reasoning_content"] = thinking

    def _reasoning(self, delta: JsonObject, last: bool) -> None:
        for key in _THINKING:
            value = delta.get(key)
            if value is not None and not isinstance(value, str):
                self._mend("reasoning_not_text")
                delta[key] = _texts(value, "text")
        first, second = delta.get("reasoning_content"), delta.get("reasoning")
        if first and second:
            self._mend("reasoning_twice")
            del delta["reasoning"]
        text = first or second
        if not isinstance(text, str) or not text:
            return
        summary = self.told and (last or len(text) >= MIN_REPEATED)
        if summary and text == "".join(self.thoughts):
            self._mend("reasoning_again")
            delta.pop("reasoning_content", None)
            delta.pop("reasoning", None)
            return
        self.thoughts.append(text)

    def _calls(self, delta: JsonObject) -> None:
        entries = delta.pop("tool_calls", [])
        if isinstance(entries, dict):
            entries = [entries]
        if not isinstance(entries, list):
            self._mend("calls_null")
            entries = []
        legacy = delta.pop("function_call", None)
        if legacy is not None:
            self._mend("legacy_call")
        if isinstance(legacy, dict):
            # The old form has no ids; its only call is given one when it begins.
            self._legacy_id = self._legacy_id or self.ids("call_")
            call: JsonObject = {"id": self._legacy_id, "function": legacy}
            entries = [*entries, {"index": LEGACY, **call}]
        if not entries:
            return
        sent, bent = self.calls.take(entries)
        self._bent = self._bent or bent
        if sent:
            delta["tool_calls"] = sent

    def _number(self, key: str, delta: JsonObject) -> None:
        """Accumulators of vendors' SDKs want a place in every entry of a list."""
        values = delta[key]
        self.beside.add(key)
        if key not in _LISTS:
            return
        given = values if isinstance(values, list) else [values]
        first = self.entries[key]
        entries = [
            entry if isinstance(entry.get("index"), int) else {**entry, "index": place}
            for place, entry in enumerate(given, first)
            if isinstance(entry, dict)
        ]
        self.entries[key] += len(entries)
        if entries != values:
            self._mend(f"{key}_unnumbered")
            delta[key] = entries

    def _unsaid(self, message: JsonObject) -> JsonObject:
        """What a whole message adds to the pieces that were sent before it."""
        new = dict(message)
        if self.told:
            new.pop("content", None)
            new.pop("refusal", None)
        if self.calls.started:
            new.pop("tool_calls", None)
            new.pop("function_call", None)
        if self.thoughts:
            for key in (*_THINKING, "reasoning_details"):
                new.pop(key, None)
        for key in self.beside:
            new.pop(key, None)
        return new


def lone(delta: Mapping[str, object]) -> list[str]:
    """The keys of a delta without those that DeepSeek and Qwen set to null."""
    return [
        key for key, value in delta.items() if value is not None or key not in _NULLABLE
    ]


def adds(lane: Lane, key: str, said: list[JsonObject] | str) -> bool:
    """Whether a delta of one key is an ordinary one; if so, it is noted."""
    if isinstance(said, str):
        if key == "content":
            lane.told = lane.told or bool(said)
            return True
        if not said or lane.told or key not in ("reasoning_content", "reasoning"):
            return False
        lane.thoughts.append(said)
        return True
    if key != "tool_calls":
        return False
    (entry,) = said
    index, function = entry["index"], entry["function"]
    if len(entry) != 2 or not isinstance(index, int) or not isinstance(function, dict):
        return False
    text = function["arguments"]
    call = lane.calls.live[index]
    if len(function) != 1 or not isinstance(text, str) or len(text) == call.size:
        return False
    call.pieces.append(text)
    call.size += len(text)
    return True


def is_substance(delta: JsonObject) -> bool:
    """Whether a delta says anything."""
    return any(delta.get(key) for key in _SUBSTANCE)


def _rank(word: str) -> int:
    return _RANKS.index(_WORDS.get(word.lower(), "stop"))


def _texts(value: Json, key: str, depth: int = MAX_NESTING) -> str:
    """The words under `key` in a string, a part, or a list of either."""
    if isinstance(value, str):
        return value if key == "text" else ""
    if not depth:
        return ""
    if isinstance(value, list):
        return "".join(_texts(item, key, depth - 1) for item in value)
    if isinstance(value, dict) and key in value:
        return _texts(value[key], "text", depth - 1)
    return ""
