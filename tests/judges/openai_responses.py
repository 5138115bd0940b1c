"""Responses, judged by the official `openai` SDK.

The SDK hands out what the last event says and keeps what the deltas said to itself. A
reading is made of both, and a stream in which they differ is a `ContradictionError`:
some clients show the one, some the other.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from .player import JSON, SSE, URL, Player
from .reading import (
    Candidate,
    ContradictionError,
    Fault,
    Part,
    Reading,
    call,
    other,
)
from .strict import Checker

if TYPE_CHECKING:
    import openai

__all__ = ["fold", "validate_request", "whole"]

ASK: Final[Any] = {"model": "m", "input": "hi"}

# The events that carry a piece of text: the slot that it goes to, and the field that
# tells which of several such slots.
DELTAS: Final[Mapping[str, tuple[str, str]]] = {
    "response.output_text.delta": ("text", "content_index"),
    "response.refusal.delta": ("refusal", "content_index"),
    "response.reasoning_summary_text.delta": ("summary", "summary_index"),
    "response.reasoning_text.delta": ("reasoning", "content_index"),
    "response.function_call_arguments.delta": ("arguments", ""),
    "response.custom_tool_call_input.delta": ("input", ""),
}
TERMINAL: Final = frozenset(
    {"response.completed", "response.incomplete", "response.failed"}
)

# What a stream and a complete answer may name differently, or only one of them tells.
FLEETING: Final = ("id", "status")

Item: TypeAlias = dict[str, Any]
Slot: TypeAlias = tuple[str, int]

PLAYER: Final = Player()


def fold(body: bytes) -> Reading:
    """A stream: the accumulator's words, held against those of the last event."""
    import openai

    PLAYER.play(body, SSE)
    heard = _Heard()
    with _client().responses.stream(**ASK) as stream:
        try:
            for event in stream:
                heard.take(event)
        except openai.APIError as error:
            if type(error) is not openai.APIError:
                raise  # only this one comes from inside a stream
            heard.fault = Fault(error.type, error.code, error.message)
        # Only here does it keep what was said before an answer was cut.
        state: Any = stream._state
    return heard.reading(state._output_items, state._completed_output)


def whole(body: bytes) -> Reading:
    """A complete answer."""
    PLAYER.play(body, JSON)
    answer: Any = _client().responses.create(**ASK)
    return _reading(answer, _items(answer))


def validate_request(document: Any) -> list[str]:
    """What the SDK's types of a request have against a document."""
    return _checker(streamed=document.get("stream") is True).complaints(document)


@cache
def _client() -> openai.OpenAI:
    import openai

    return openai.OpenAI(
        api_key="k", base_url=f"{URL}/v1", max_retries=0, http_client=PLAYER.http
    )


@cache
def _checker(*, streamed: bool) -> Checker:
    from openai.types.responses import response_create_params as params

    if streamed:
        return Checker.of(params.ResponseCreateParamsStreaming)
    return Checker.of(params.ResponseCreateParamsNonStreaming)


@attrs.define
class _Heard:
    """What a stream said, in pieces and at its end."""

    said: dict[int, dict[Slot, str]] = attrs.field(
        factory=lambda: defaultdict(lambda: defaultdict(str))
    )
    answer: Any = None
    fault: Fault | None = None

    def take(self, event: Any) -> None:
        if event.type in DELTAS:
            slot, counter = DELTAS[event.type]
            number = getattr(event, counter) if counter else 0
            self.said[event.output_index][slot, number] += event.delta
        elif event.type in TERMINAL:
            if self.answer is not None:
                raise ContradictionError("a second end")
            self.answer = event.response
        elif event.type == "error":
            self.fault = Fault(None, event.code, event.message)

    def reading(self, begun: Mapping[int, Any], done: Mapping[int, Any]) -> Reading:
        """From the items that began and those that are done, by index."""
        items = [
            self._done(index, done[index].to_dict(warnings=False))
            if index in done
            else self._begun(index, begun[index].to_dict(warnings=False))
            for index in sorted(begun.keys() | done.keys())
        ]
        if self.answer is None:
            candidate = Candidate(_parts(items), None)
            return Reading(candidates=(candidate,), error=self.fault)
        told = _items(self.answer)
        # A failed answer may tell less at its end, but nothing else.
        known = items[: len(told)] if self.answer.status == "failed" else items
        if _parts(told) != _parts(known):
            raise ContradictionError(
                f"in pieces {_parts(items)}, at the end {_parts(told)}"
            )
        reading = _reading(self.answer, items)
        if self.fault is not None:
            last = reading.error
            if last is None or last.message != self.fault.message:
                raise ContradictionError(f"first {self.fault}, at the end {last}")
        return reading

    def _done(self, index: int, item: Item) -> Item:
        """An item as it was told at its end, if it was also told in pieces."""
        pieces = {slot: text for slot, text in self.said[index].items() if text}
        if pieces != dict(_slots(item)):
            raise ContradictionError(
                f"item {index}: in pieces {pieces}, as a whole {dict(_slots(item))}"
            )
        return item

    def _begun(self, index: int, item: Item) -> Item:
        """An item that was cut: what its pieces said."""
        item = copy.deepcopy(item)
        for (slot, number), text in sorted(self.said[index].items()):
            match slot:
                case "text" | "refusal":
                    item["content"][number][slot] = text
                case "summary":
                    item["summary"][number:] = [{"text": text}]
                case "reasoning":
                    item["content"] = [*(item.get("content") or []), {"text": text}]
                case _:
                    item[slot] = text
        return item


def _items(answer: Any) -> list[Item]:
    return [item.to_dict(warnings=False) for item in answer.output or ()]


def _reading(answer: Any, items: list[Item]) -> Reading:
    error, limit = answer.error, answer.incomplete_details
    candidate = Candidate(
        _parts(items), answer.status, None if limit is None else limit.reason
    )
    return Reading(
        candidates=(candidate,),
        usage=answer.usage and answer.usage.to_dict(exclude_none=True, warnings=False),
        error=None if error is None else Fault(None, error.code, error.message),
    )


def _slots(item: Item) -> Iterator[tuple[Slot, str]]:
    """The texts of an item that come in pieces, by their places in it."""
    match item:
        case {"type": "message"}:
            for number, part in enumerate(item["content"]):
                for slot in ("text", "refusal"):
                    if part.get(slot):
                        yield (slot, number), part[slot]
        case {"type": "reasoning"}:
            for slot, field in (("summary", "summary"), ("reasoning", "content")):
                for number, part in enumerate(item.get(field) or ()):
                    if part["text"]:
                        yield (slot, number), part["text"]
        case {"type": "function_call", "arguments": text}:
            yield from ((("arguments", 0), text),) if text else ()
        case {"type": "custom_tool_call", "input": text}:
            yield from ((("input", 0), text),) if text else ()
        case _:
            pass  # others come at once


def _parts(items: Iterable[Item]) -> tuple[Part, ...]:
    return tuple(part for item in items for part in _item(item))


def _item(item: Item) -> Iterator[Part]:
    match item["type"]:
        case "message":
            for part in item["content"]:
                yield from _content(part)
        case "reasoning":
            for kind, field in (("summary", "summary"), ("reasoning", "content")):
                for part in item.get(field) or ():
                    yield (kind, part["text"])
            if item.get("encrypted_content"):
                yield ("encrypted", item["encrypted_content"])
        case "function_call":
            yield call(item["call_id"], item["name"], item["arguments"])
        case "custom_tool_call":
            yield ("custom", item["call_id"], item["name"], item["input"])
        case _:
            yield other({k: v for k, v in item.items() if k not in FLEETING})


def _content(part: Item) -> Iterator[Part]:
    match part:
        case {"type": "output_text", "text": text}:
            yield ("text", text)
            if part.get("annotations"):
                yield other(part["annotations"], "citations")
        case {"type": "refusal", "refusal": text}:
            yield ("refusal", text)
        case _:
            yield other(part)
