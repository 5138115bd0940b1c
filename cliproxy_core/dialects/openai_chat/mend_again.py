"""The ordinary delta once more, with other words: recognised by its bytes.

A pattern belongs to one key of one candidate's delta. It holds until something else
than an ordinary delta comes; whether that candidate may go on is then seen to anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypedDict, cast

import attrs

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.base.value import value
from cliproxy_core.ir.pattern import pattern
from cliproxy_core.wire.sse import SseFrame

from .mend_around import CHUNK, Names
from .mend_delta import Lane, adds, lone

__all__ = ["Again", "Chunk", "Ordinary", "again", "ordinary"]

# The keys of a chunk that says nothing but its choices: those, and four names.
_PLAIN: Final = 5


class Choice(TypedDict):
    """What an ordinary candidate of a chunk looks like; `KeyError` if it does not."""

    index: int
    delta: dict[str, list[JsonObject] | str]
    finish_reason: object


class Chunk(TypedDict):
    """What an ordinary chunk looks like; `KeyError` if it does not."""

    id: str
    object: str
    created: object
    model: str
    choices: list[Choice]
    usage: object


@value
class Ordinary:
    """A delta that may pass as it came."""

    lane: Lane
    key: str
    said: list[JsonObject] | str


def ordinary(
    frame: SseFrame, payload: Chunk, ready: Mapping[int, Lane], names: Names
) -> Ordinary | None:
    """The delta of a chunk with nothing to see to; the lane takes note of it."""
    try:
        (choice,) = payload["choices"]
        delta = choice["delta"]
        (key,) = delta if len(delta) == 1 else lone(delta)
        lane = ready[choice["index"]]
        if (
            payload["id"] == names.id
            and payload["model"] == names.model
            and payload["object"] == CHUNK
            and payload["created"].__class__ is int
            and choice.get("finish_reason") is None
            and (len(payload) == _PLAIN or _says_no_more(payload))
            and not frame.event
            and adds(lane, key, delta[key])
        ):
            return Ordinary(lane, key, delta[key])
    except (AttributeError, KeyError, TypeError, ValueError):
        pass  # not the ordinary delta
    return None


def _says_no_more(payload: Chunk) -> bool:
    """Whether the fields around the choices hold neither usage nor an error."""
    return payload.get("usage") is None and "error" not in payload


@attrs.define
class Again:
    """What every further delta of the kind has around its words."""

    lane: Lane
    key: str
    _payload: JsonObject = attrs.field(repr=False)
    _choice: JsonObject = attrs.field(repr=False)
    _delta: JsonObject = attrs.field(repr=False)
    settled: bool = attrs.field(init=False)
    """Whether the lane need not hear of it: that an answer began, it knows."""
    before: bytes = attrs.field(default=b"", init=False, repr=False)
    after: bytes = attrs.field(default=b"", init=False, repr=False)
    start: int = attrs.field(default=0, init=False)
    stop: int = attrs.field(default=0, init=False)
    """The words' place in the data, counted from its start and from its end."""

    def __attrs_post_init__(self) -> None:
        self.settled = self.key == "content"

    def twin(self, said: str) -> JsonObject:
        """The payload with these words, sharing all else with the first."""
        payload, choice = self._payload.copy(), self._choice.copy()
        choice["delta"] = {**self._delta, self.key: said}
        payload["choices"] = [choice]
        return payload


def again(data: bytes, found: Ordinary, payload: Chunk) -> Again | None:
    """The pattern of an ordinary delta, if it has one."""
    choice = cast("JsonObject", payload["choices"][0])
    delta, said = choice["delta"], found.said
    if not isinstance(delta, dict) or not isinstance(said, str):
        return None
    document = cast("JsonObject", payload)
    same = Again(found.lane, found.key, document, choice, delta)
    place = pattern(data, said, same.twin)
    if place is None:
        return None
    same.before, same.after = place
    same.start, same.stop = len(same.before), -len(same.after)
    return same
