"""A complete response of this API, and the neutral one, both ways.

Whole messages bend the same rules as streams do, so a response is read as the stream
that it would have been: mended by the same lanes, decoded by the same decoder.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_object,
    each,
    need,
    opt_object,
    opt_str,
)
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Legal, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Dropped,
    Emitted,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)
from cliproxy_core.ir.response import Candidate, Response, collect
from cliproxy_core.ir.usage import Usage

from .calls import Item, at, emit_calls
from .decode import ChatDecoder
from .encode import finish_word
from .grammar import NAME
from .media import emit_image
from .mend_delta import FAILED_WORDS, Lane
from .notes import emit_citation, emit_probs
from .parts import Losses
from .thoughts import details_of
from .usage import emit_usage, parse_usage

__all__ = ["emit_response", "parse_response", "skim_response"]

_RESPONSE: Final = frozenset({"id", "object", "created", "model", "choices", "usage"})
_CHOICE: Final = frozenset(
    {"index", "message", "finish_reason", "native_finish_reason", "logprobs"}
)
_MESSAGE: Final = frozenset(
    {
        "role",
        "content",
        "refusal",
        "tool_calls",
        "function_call",
        "reasoning_content",
        "reasoning",
        "reasoning_details",
        "annotations",
        "images",
    }
)


def parse_response(payload: JsonObject, context: StreamContext) -> Response:
    """Raises `DecodeError`; an error object is found by `error_in` before."""
    ident = opt_str(payload, "id", "") or ""
    around: JsonObject = {
        "id": ident,
        "model": opt_str(payload, "model", "") or "",
        "created": _seconds(payload.get("created")),
    }
    usage = opt_object(payload, "usage", "")
    choices = each(as_array(need(payload, "choices", ""), ".choices"), ".choices")
    if not choices:
        raise DecodeError(".choices", "no candidates")
    # Made ids depend on the answer alone, so that reading it twice gives them again.
    ids = Ids(ident.encode()[:64])
    legal: list[Legal] = []
    extras: list[Extras] = []
    for number, (value, path) in enumerate(choices):
        choice = as_object(value, path)
        legal += [
            ({**around, "choices": [delta]}, b"")
            for delta in _deltas(choice, number, path, ids, context.nameless)
        ]
        extras.append(_choice_extras(choice))
    found = collect([*ChatDecoder(context).feed(legal), ev.Ended()])
    if isinstance(found, Failure):
        raise DecodeError("", found.message)
    candidates = (
        attrs.evolve(candidate, extras=extra)
        for candidate, extra in zip(found.candidates, extras, strict=True)
    )
    more = {key: value for key, value in payload.items() if key not in _RESPONSE}
    return attrs.evolve(
        found,
        candidates=tuple(candidates),
        usage=None if usage is None else parse_usage(usage),
        extras=Extras(NAME, more) if more else NO_EXTRAS,
    )


def _seconds(value: Json) -> int | None:
    """Some services write fractions of a second, or text; nobody depends on it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    return None


def skim_response(payload: JsonObject) -> Usage | None:
    """The token counts; raises `DecodeError` for what holds no candidates."""
    if not as_array(need(payload, "choices", ""), ".choices"):
        raise DecodeError(".choices", "no candidates")
    usage = opt_object(payload, "usage", "")
    return None if usage is None else parse_usage(usage)


def _deltas(
    choice: JsonObject, number: int, path: str, ids: Ids, nameless: str | None
) -> list[JsonObject]:
    """A whole message as the deltas of a stream; the last one finishes."""
    message = as_object(need(choice, "message", path), f"{path}.message")
    lane = Lane(number, ids, Counter(), nameless)
    delta, _ = lane.mend({"message": message})
    held = lane.calls.flush()
    word = opt_str(choice, "finish_reason", path) or None
    if word is not None and word.lower() in FAILED_WORDS:
        raise DecodeError(f"{path}.finish_reason", "the upstream broke down")
    legal = lane.conclude(word)
    native = opt_str(choice, "native_finish_reason", path) or word or legal
    last: JsonObject = {"finish_reason": legal, "native_finish_reason": native}
    return [
        {"index": number, "delta": delta, "logprobs": choice.get("logprobs")},
        {"index": number, "delta": {"tool_calls": held}, **last},
    ]


def _choice_extras(choice: JsonObject) -> Extras:
    """What the neutral candidate does not hold, of the choice and its message."""
    fields = {key: value for key, value in choice.items() if key not in _CHOICE}
    if choice.get("logprobs") is not None:
        fields["logprobs"] = choice["logprobs"]
    message = choice.get("message")
    if isinstance(message, dict):
        more = {key: value for key, value in message.items() if key not in _MESSAGE}
        if more:
            fields["message"] = more
    return Extras(NAME, fields) if fields else NO_EXTRAS


def emit_response(response: Response, context: StreamContext) -> Emitted:
    """The whole answer as this API writes it."""
    losses: Losses = []
    created = context.created if response.created is None else response.created
    own = response.extras.fields if response.extras.dialect == NAME else {}
    payload: JsonObject = {
        **own,
        "id": response.id or context.ids("chatcmpl-"),
        "object": "chat.completion",
        "created": created,
        "model": response.model or context.model,
        "choices": [
            _emit_choice(candidate, index, context, losses)
            for index, candidate in enumerate(response.candidates)
        ],
    }
    if response.usage is not None:
        payload["usage"] = emit_usage(response.usage)
    return Emitted(payload, tuple(losses))


def _emit_choice(
    candidate: Candidate, index: int, context: StreamContext, losses: Losses
) -> JsonObject:
    own = dict(candidate.extras.fields) if candidate.extras.dialect == NAME else {}
    more = own.pop("message", None)
    called = any(isinstance(part, ToolCall) for part in candidate.parts)
    word = finish_word(candidate.reason, calls=called)
    native = candidate.native_reason
    writer = _Writer(f".choices[{index}].message", context, losses)
    message = writer.message(candidate.parts, cut=word == "length")
    probs: Json = None
    if candidate.tokens:
        refusing = message["content"] is None and message["refusal"] is not None
        probs = emit_probs(candidate.tokens, refusing=refusing)
    if isinstance(more, dict):
        message = _with_own(more, message)
    return {
        "logprobs": probs,
        **own,
        "index": index,
        "message": message,
        "finish_reason": word,
        **({"native_finish_reason": native} if native not in (None, word) else {}),
    }


def _with_own(more: JsonObject, message: JsonObject) -> JsonObject:
    """With the fields of the upstream's own message; what its sound says, it says."""
    audio = more.get("audio")
    if isinstance(audio, dict) and audio.get("transcript") == message["content"]:
        message = {**message, "content": None}
    return {**message, **more}


@attrs.define
class _Writer:
    """Writes one message of an answer, and notes what has no place in it."""

    path: str
    context: StreamContext
    losses: Losses
    _said: list[str] = attrs.field(factory=list)
    _annotations: list[Json] = attrs.field(factory=list)
    _beside: JsonObject = attrs.field(factory=dict)
    """Pictures and sound."""

    def message(self, parts: tuple[Part, ...], *, cut: bool) -> JsonObject:
        called: list[Item] = []
        for item in ((self.path, i, part) for i, part in enumerate(parts)):
            part = item[2]
            match part:
                case ToolCall():
                    called.append(item)
                case Text():
                    self._text(part, item)
                case MediaPart():
                    self._medium(part, item)
                case NativePart():
                    self._native(part, item)
                case _:
                    pass  # all of one kind have one field
        refusal = "".join(part.text for part in parts if isinstance(part, Refusal))
        thoughts = [part.text for part in parts if isinstance(part, Reasoning)]
        content = "".join(self._said)
        message: JsonObject = {
            "role": "assistant",
            "content": content or (None if called or refusal else ""),
            "refusal": refusal or None,
        }
        if any(thoughts):
            message["reasoning_content"] = "".join(thoughts)
        details = details_of(parts)
        if details:
            message["reasoning_details"] = details
        if self._annotations:
            message["annotations"] = self._annotations
        message.update(self._beside)
        if called:
            # A call that was cut must not look as if it took no arguments.
            empty = "" if cut else "{}"
            message["tool_calls"] = emit_calls(called, self.losses, empty=empty)
        return message

    def _lose(self, item: Item, reason: str, what: str = "") -> None:
        self.losses.append(Dropped(f"{at(item)}{what}", reason))

    def _text(self, part: Text, item: Item) -> None:
        before = sum(map(len, self._said))
        for i, citation in enumerate(part.citations):
            note = emit_citation(citation, before, len(part.text))
            if note is None:
                self._lose(item, "a source without an address", f".citations[{i}]")
            else:
                self._annotations.append(note)
        if part.signature is not None:
            self._lose(item, "words have no place for it", ".signature")
        self._said.append(part.text)

    def _medium(self, part: MediaPart, item: Item) -> None:
        media = part.media
        if media.kind is MediaKind.IMAGE:
            self._picture(emit_image(media), item)
        elif media.kind is MediaKind.AUDIO and "audio" not in self._beside:
            # Nobody keeps it to be referred to: its time is over when it is told.
            self._beside["audio"] = {
                "id": self.context.ids("audio_"),
                "data": media.data or "",
                "expires_at": self.context.created,
                "transcript": "",
            }
        else:
            self._lose(item, f"an answer has no place for {media.kind.value}")

    def _native(self, part: NativePart, item: Item) -> None:
        images = part.raw.get("images") if part.dialect == NAME else None
        if not isinstance(images, list):
            self._lose(item, f"a part that only {part.dialect} knows")
            return
        for image in images:
            self._picture(image, item)

    def _picture(self, image: Json, item: Item) -> None:
        if image is None:
            self._lose(item, "a picture without bytes or address")
            return
        known = self._beside.get("images")
        images = known if isinstance(known, list) else []
        self._beside["images"] = [*images, image]
