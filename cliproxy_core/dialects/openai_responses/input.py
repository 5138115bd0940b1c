"""The `input` of a request: items, as neutral turns.

    reasoning, message of the assistant, calls   one turn of the assistant, in order
    message of anybody else, output of a call    a turn each
    an item that only this API understands       a native part, on its maker's side

Most of what an item says is in its part. A turn of several items remembers how its
parts were spread over messages (`items`, one entry for each item) where that is not
the usual way: a message for all words between two other items.

A message as the vendor writes it, with `type` and without an id, leaves no extras; one
without `type` leaves the empty extras of this dialect, so that it goes back without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_object,
    as_str,
    kind_of,
    need,
    need_str,
    opt_array,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Extras,
    MediaPart,
    Message,
    NativePart,
    NativeTool,
    Part,
    Reasoning,
    Redacted,
    Role,
    Text,
    Tool,
    ToolCall,
    ToolKind,
    ToolResult,
)

from .carrier import Place, unwrap
from .grammar import NAME
from .parts import (
    INPUT,
    OUTPUT,
    extras_of,
    kept,
    own_fields,
    parse_content,
    rest_of,
)
from .results import OUTPUTS, parse_result
from .tools import parse_tools

__all__ = [
    "ABSENT",
    "PICTURE",
    "PLACE",
    "Input",
    "emit_summary",
    "parse_input",
]

PLACE: Final = ".input"
"""Where the items are; of a message itself where `input` is only a string."""

BETWEEN: Final = "\n\n"
"""What stands between two parts of one item's reasoning."""

ABSENT: Final = False
"""Stands as the extra `summary` of reasoning that came without one."""

PICTURE: Final = "image_generation_call"

_ROLES: Final[Mapping[str, Role]] = {
    "user": Role.USER,
    "system": Role.SYSTEM,
    "developer": Role.DEVELOPER,
}

_CALLS: Final[Mapping[str, tuple[ToolKind, str]]] = {
    "function_call": (ToolKind.FUNCTION, "arguments"),
    "custom_tool_call": (ToolKind.CUSTOM, "input"),
}

# Further items that a model or its upstream makes; all others are the caller's. The
# types of tomorrow are told by their ending.
_MADE: Final = frozenset(
    {"mcp_list_tools", "mcp_approval_request", "program", "compaction"}
)
_MADE_ENDING: Final = "_call"

_MESSAGE: Final = frozenset({"type", "role", "content"})
_REASONING: Final = frozenset({"type", "summary", "encrypted_content"})
_CALL: Final = frozenset({"type", "call_id", "name", "namespace", "cache_control"})
_RESULT: Final = frozenset({"result"})

_BARE_MESSAGE: Final = 3
_BARE_CALL: Final = 4
"""How many fields items have that hold what they must and nothing else."""


@attrs.frozen
class Input:
    """What the items of a request come to."""

    messages: list[Message]
    stored: list[str] = attrs.field(factory=list)
    """Paths of the items that an upstream has kept."""
    tools: list[Tool | NativeTool] = attrs.field(factory=list)
    """Tools that were declared among the items."""


def parse_input(value: Json) -> Input:
    """The items, or the one string that stands for a message of the user."""
    if isinstance(value, str):
        message = Message(role=Role.USER, parts=(Text(value),), path=PLACE)
        return Input([message])
    if not isinstance(value, list):
        reason = f"expected a string or an array, got {kind_of(value)}"
        raise DecodeError(PLACE, reason)
    reader = _Reader()
    path = PLACE
    try:
        for number, item in enumerate(value):
            path = f"{PLACE}[{number}]"
            reader.take(as_object(item, ""), path)
    except DecodeError as error:
        raise error.under(path) from None
    reader.end_turn()
    return reader.read


@attrs.define
class _Reader:
    """Takes items one after the other, and makes turns of them."""

    read: Input = attrs.field(factory=lambda: Input([]))
    _turn: _Turn | None = None

    def take(self, item: JsonObject, path: str) -> None:
        told = item.get("type")
        kind = _untyped(item) if told is None else as_str(told, ".type")
        if kind == "message":
            self._take_message(item, path)
        elif kind in _CALLS:
            self._open(path).take_call(item, *_CALLS[kind])
        elif kind in OUTPUTS:
            self._add(parse_result(item, OUTPUTS[kind]), path)
        elif kind == "reasoning":
            self._open(path).take_reasoning(item)
        elif kind == PICTURE:
            self._open(path).take_picture(item)
        elif kind in _MADE or kind.endswith(_MADE_ENDING):
            self._open(path).take_other(NativePart(NAME, item))
        else:
            self._take_other(kind, item, path)

    def end_turn(self) -> None:
        if self._turn is not None and self._turn.items:
            self.read.messages.append(self._turn.message())
        self._turn = None

    def _open(self, path: str) -> _Turn:
        if self._turn is None:
            self._turn = _Turn(path)
        return self._turn

    def _add(self, part: ToolResult | NativePart, path: str) -> None:
        """An item of the caller's that is no message. `plain` tells it from one."""
        self.end_turn()
        message = Message(role=Role.USER, parts=(part,), path=path)
        self.read.messages.append(message)

    def _take_message(self, item: JsonObject, path: str) -> None:
        word = need_str(item, "role", "")
        if word == Role.ASSISTANT.word:
            self._open(path).take_message(item)
            return
        role = _ROLES.get(word)
        if role is None:
            raise DecodeError(".role", "not a role of this API")
        self.end_turn()
        parts, plain = _parse_said(item, INPUT)
        extras = _item_extras(item)
        self.read.messages.append(
            Message(role=role, parts=parts, plain=plain, path=path, extras=extras)
        )

    def _take_other(self, kind: str, item: JsonObject, path: str) -> None:
        if kind == "item_reference":
            self.read.stored.append(path)
        elif kind == "additional_tools":
            tools = as_array(need(item, "tools", ""), ".tools")
            self.read.tools.extend(parse_tools(tools, ".tools"))
        declares = kind == "additional_tools"
        self._add(NativePart(NAME, item, declares), path)


def _untyped(item: JsonObject) -> str:
    """Messages and references may go without `type`."""
    if "role" in item:
        return "message"
    if "id" in item:
        return "item_reference"
    raise DecodeError(".type", "required")


def _parse_said(item: JsonObject, words: str) -> tuple[tuple[Part, ...], bool]:
    """The content of a message, and whether it was a string."""
    content = need(item, "content", "")
    try:
        return tuple(parse_content(content, words)), isinstance(content, str)
    except DecodeError as error:
        raise error.under(".content") from None


def _item_extras(item: JsonObject) -> Extras:
    if len(item) == _BARE_MESSAGE and item.get("type") is not None:
        return NO_EXTRAS
    fields = rest_of(item, _MESSAGE)
    if item.get("type") is None:
        return kept(fields)
    return kept({"type": "message", **fields}) if fields else NO_EXTRAS


# The assistant's side.


@attrs.define
class _Turn:
    """What the assistant says and does until somebody else has a word."""

    path: str
    parts: list[Part] = attrs.field(factory=list)
    items: list[JsonObject | None] = attrs.field(factory=list)
    """How many parts each message has and what else it says; None: another item."""
    _unusual: bool = attrs.field(default=False, init=False)
    _lost: JsonObject = attrs.field(factory=dict, init=False)
    """What its messages say that is a loss to other dialects."""
    _waiting: Signature | None = attrs.field(default=None, init=False)
    """A proof for the call that follows."""

    def message(self) -> Message:
        first = self.items[0]
        if len(self.items) == 1 and first is not None and not _holds_native(self.parts):
            fields, plain = first["fields"], first["plain"] is True
            extras = kept(fields) if isinstance(fields, dict) else NO_EXTRAS
        else:
            plain = False
            items: JsonObject = {"items": list(self.items)}
            lost = self._lost
            extras = Extras(NAME, lost, items) if self._unusual else NO_EXTRAS
        return Message(
            role=Role.ASSISTANT,
            parts=tuple(self.parts),
            plain=plain,
            path=self.path,
            extras=extras,
        )

    def take_message(self, item: JsonObject) -> None:
        parts, plain = _parse_said(item, OUTPUT)
        extras = _item_extras(item)
        odd = plain or not parts or extras.dialect == NAME
        odd = odd or _holds_native(parts)
        if odd or (self.items and self.items[-1] is not None):
            self._unusual = True
        fields = dict(own_fields(extras)) if extras.dialect == NAME else None
        self._lost.update(extras.fields)
        self.items.append({"parts": len(parts), "plain": plain, "fields": fields})
        self.parts += parts

    def take_other(self, part: Part) -> None:
        self.items.append(None)
        self.parts.append(part)

    def take_call(self, item: JsonObject, kind: ToolKind, key: str) -> None:
        bare = len(item) == _BARE_CALL
        call = ToolCall(
            call_id=need_str(item, "call_id", ""),
            name=need_str(item, "name", ""),
            arguments=need_str(item, key, ""),
            kind=kind,
            namespace=None if bare else opt_str(item, "namespace", ""),
            signature=self._waiting,
            cache=None if bare else opt_object(item, "cache_control", ""),
            extras=NO_EXTRAS if bare else extras_of(item, _CALL | {key}),
        )
        self._waiting = None
        self.take_other(call)

    def take_picture(self, item: JsonObject) -> None:
        """What the upstream drew is a picture elsewhere too."""
        drawn = opt_str(item, "result", "")
        if drawn is None:
            self.take_other(NativePart(NAME, item))
            return
        form = opt_str(item, "output_format", "") or "png"
        media = Media(kind=MediaKind.IMAGE, mime=f"image/{form}", data=drawn)
        self.take_other(MediaPart(media, None, extras_of(item, _RESULT)))

    def take_reasoning(self, item: JsonObject) -> None:
        """Reasoning, or a carrier for the proof of something else."""
        sealed = opt_str(item, "encrypted_content", "")
        carried = unwrap(sealed) if sealed else None
        signature = carried.signature if carried else None
        foreign = bool(sealed) and (signature is None or signature.issuer != NAME)
        if carried is not None and carried.place is not Place.OWN:
            self._bind(carried.signature, carried.place)
            signature = None
        text, extras = _parse_thoughts(item, sealed)
        if foreign:
            extras = NO_EXTRAS  # nothing of it may go upstream here
        # Thinking that was signed and not shown has a summary, an empty one.
        hidden = foreign and signature is not None and bool(item.get("summary"))
        if text or hidden:
            self.take_other(Reasoning(text, signature, extras))
        elif signature is not None:
            self.take_other(Redacted(signature, extras))
        elif not foreign:
            self.take_other(NativePart(NAME, item))  # its upstream knows more of it

    def _bind(self, signature: Signature, place: Place) -> None:
        if place is Place.NEXT:
            self._waiting = signature
            return
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Text):
            self.parts[-1] = attrs.evolve(last, signature=signature)


def _holds_native(parts: Iterable[Part]) -> bool:
    """Whether there is a part that could be taken for an item."""
    return any(isinstance(part, NativePart) for part in parts)


def _parse_thoughts(item: JsonObject, sealed: str | None) -> tuple[str, Extras]:
    """What may be read of a reasoning item, and what emitting that would not say."""
    summary = opt_array(item, "summary", "")
    content = opt_array(item, "content", "")
    said = parse_each(summary or (), ".summary", _thought)
    thought = parse_each(content or (), ".content", _thought)
    text = BETWEEN.join(said or thought)
    fields = rest_of(item, _REASONING)
    if "summary" not in item:
        fields["summary"] = ABSENT
    elif summary is not None and summary != emit_summary(text):
        fields["summary"] = summary
    if sealed == "":
        fields["encrypted_content"] = sealed
    return text, kept(fields)


def _thought(piece: JsonObject) -> str:
    return need_str(piece, "text", "")


def emit_summary(text: str) -> list[Json]:
    return [{"type": "summary_text", "text": text}] if text else []
