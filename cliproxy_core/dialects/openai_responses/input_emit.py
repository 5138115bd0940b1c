"""Neutral turns as the `input` of a request.

What came from this dialect goes back item for item, and a string where one came. From
other dialects:

    system text   `instructions` if it is one plain text before everything else, and an
                  item with its role in its place if not; either way what does not
                  change stands first, which is what prompt caches go by
    a turn        one item after the other in the order of its parts
    content       always a list of parts: there is no server that only takes strings
    assistant     messages as the vendor's SDK types them, with `id`, `status` and
                  `annotations`, which some servers insist on; the id is made of the
                  place, so that it stays when the history grows
    reasoning     only what this API's upstream sealed itself

The vendor refuses a call id twice in a turn, and an output without a call or a second
one for it. Such items are left out, and reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
    Message,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Request,
    Role,
    Text,
    ToolCall,
    ToolKind,
    ToolResult,
)

from .grammar import NAME
from .input import ABSENT, PICTURE, PLACE, emit_summary
from .parts import INPUT, OUTPUT, own_fields
from .parts_emit import Writer
from .results import emit_result

__all__ = ["INSTRUCTIONS", "emit_input"]

INSTRUCTIONS: Final = ".instructions"
"""The path of the message that came as such."""

_ASSISTANT: Final = Role.ASSISTANT
_THOUGHTS: Final = (Reasoning, Redacted)


def emit_input(request: Request, writer: Writer) -> JsonObject:
    """The `input` and `instructions` of a request."""
    out: JsonObject = {}
    messages: Sequence[Message] = request.messages
    first = messages[0] if messages else None
    start = 0
    if first is not None and _instructs(first, len(messages), writer):
        out["instructions"] = _only_words(first)
        messages, start = messages[1:], 1
    words = _only_words(messages[0]) if len(messages) == 1 else None
    if writer.own and words is not None and messages[0].path == PLACE:
        out["input"] = words
    elif messages or not writer.own:
        items = _Items(writer)
        for number, message in enumerate(messages, start):
            items.take(message, message.path or f".messages[{number}]")
        out["input"] = items.out
    return out


def _instructs(message: Message, count: int, writer: Writer) -> bool:
    """Whether a first message is instructions. A request wants some input beside."""
    if writer.own:
        return message.path == INSTRUCTIONS and _only_words(message) is not None
    return (
        message.role is Role.SYSTEM and count > 1 and _only_words(message) is not None
    )


def _only_words(message: Message) -> str | None:
    """The text of a message that is one plain text and nothing else."""
    if len(message.parts) != 1 or not message.plain or message.name is not None:
        return None
    part = message.parts[0]
    if not isinstance(part, Text) or message.extras.fields:
        return None
    extras = part.extras
    bare = part.cache is None and part.signature is None
    return part.text if bare and not extras.fields and extras.raw is None else None


def _words_of(message: Message, writer: Writer) -> Json:
    """The content of a message of one text and nothing else: the common case.

    None if this is no such message; silence of the assistant is none either.
    """
    parts = message.parts
    if len(parts) != 1 or message.name is not None or message.extras.dialect:
        return None
    part = parts[0]
    if not isinstance(part, Text) or part.cache is not None or part.extras.dialect:
        return None
    if not part.text or part.signature is not None or part.citations:
        return None
    if writer.own and message.plain:
        return part.text
    if message.role is not _ASSISTANT:
        return [{"type": INPUT, "text": part.text}]
    if writer.own:
        return [{"type": OUTPUT, "text": part.text}]
    return [{"type": OUTPUT, "text": part.text, "annotations": []}]


@attrs.define
class _Calls:
    """Which calls there are and which wait for their output, in a foreign history."""

    _waiting: set[str] = attrs.field(factory=set, init=False)
    _known: set[str] = attrs.field(factory=set, init=False)
    _twice: set[str] = attrs.field(factory=set, init=False)

    def begin(self, parts: Sequence[Part]) -> None:
        """A turn of calls. An id may come again in a later turn."""
        ids = [part.call_id for part in parts if isinstance(part, ToolCall)]
        if not ids:
            return
        self._known.update(ids)
        self._waiting.update(ids)
        self._twice.difference_update(ids)
        if len(set(ids)) < len(ids):
            self._twice |= {name for name, count in Counter(ids).items() if count > 1}

    def refused(self, part: ToolCall | ToolResult) -> str | None:
        """Why a call or an output must not be there, if so."""
        if part.call_id in self._twice:
            return "two calls of one turn have this id"
        if isinstance(part, ToolCall):
            return None
        if part.call_id in self._waiting:
            self._waiting.remove(part.call_id)
            return None
        if part.call_id in self._known:
            return "its call has an output already"
        return "there is no call with this id before it"


@attrs.define
class _Items:
    """The items so far."""

    writer: Writer
    out: list[Json] = attrs.field(factory=list, init=False)
    _calls: _Calls = attrs.field(factory=_Calls, init=False)

    def take(self, message: Message, path: str) -> None:
        writer = self.writer
        words = _words_of(message, writer)
        if words is not None:
            self._message(message.role, words, None)
            return
        if message.name is not None:
            writer.drop(f"{path}.name", "speakers have no names here")
        fields = _own(message.extras, path, writer)
        if message.role is not _ASSISTANT:
            self._take_turn(message, fields, path)
            return
        if not writer.own:
            self._calls.begin(message.parts)
        items = fields.pop("items", None) if fields else None
        if isinstance(items, list) and _covers(items, message.parts):
            self._take_items(items, message.parts, path)
        elif items is None and writer.own and _is_said(message.parts):
            said = _Said(Role.ASSISTANT, message.plain, fields)
            self._say(said, list(enumerate(message.parts)), path)
        else:
            self._take_runs(_Said(Role.ASSISTANT), message.parts, path)

    def _take_turn(
        self, message: Message, fields: JsonObject | None, path: str
    ) -> None:
        """What somebody else than the assistant says, and outputs of calls."""
        parts = message.parts
        plain = self.writer.own and message.plain
        only = parts[0] if len(parts) == 1 and plain else None
        if isinstance(only, NativePart) and only.dialect == NAME:
            self.out.append(only.raw)
        elif not parts:
            self._say(_Said(message.role, plain, fields), [], path)
        else:
            self._take_runs(_Said(message.role, plain, fields), parts, path)

    def _take_items(
        self, items: Sequence[Json], parts: Sequence[Part], path: str
    ) -> None:
        """A turn of this dialect whose words are spread as they were."""
        at = 0
        for item in items:
            if not isinstance(item, dict):
                self._add(parts[at], f"{path}.content[{at}]")
                at += 1
                continue
            count, fields = _count(item), item.get("fields")
            told = dict(fields) if isinstance(fields, dict) else None
            said = _Said(_ASSISTANT, item.get("plain") is True, told)
            self._say(said, list(enumerate(parts[at : at + count], at)), path)
            at += count

    def _take_runs(self, said: _Said, parts: Sequence[Part], path: str) -> None:
        """A message for all words between two items of other kinds."""
        run: list[tuple[int, Part]] = []
        for entry in enumerate(parts):
            if _is_words(entry[1]) or (
                said.role is not _ASSISTANT and isinstance(entry[1], NativePart)
            ):
                run.append(entry)
                continue
            if run:
                self._say(said, run, path)
                run = []
            place = f"{path}.content[{entry[0]}]"
            if said.role is not _ASSISTANT and isinstance(entry[1], _THOUGHTS):
                self.writer.drop(place, "only the assistant's thinking is kept")
                continue
            self._add(entry[1], place)
        if run:
            self._say(said, run, path)

    def _say(self, said: _Said, run: list[tuple[int, Part]], path: str) -> None:
        """A message, unless nothing is left of it."""
        writer, content = self.writer, []
        words = OUTPUT if said.role is _ASSISTANT else INPUT
        for i, part in run:
            silent = words == OUTPUT and isinstance(part, Text) and not part.text
            if silent and not writer.own:
                continue
            written = writer.part(part, words, f"{path}.content[{i}]")
            if written is not None:
                content.append(written)
        if not content and not writer.own:
            return
        told: Json = content
        if said.plain and len(run) == 1 and isinstance(run[0][1], Text):
            told = run[0][1].text
        self._message(said.role, told, said.fields)

    def _message(self, role: Role, content: Json, fields: JsonObject | None) -> None:
        """A message; `fields` is what else this dialect said of it."""
        if fields is not None:
            self.out.append({**fields, "role": role.word, "content": content})
            return
        item: JsonObject = {"type": "message", "role": role.word, "content": content}
        if role is _ASSISTANT and not self.writer.own:
            item["id"] = f"msg_{len(self.out)}"
            item["status"] = "completed"
        self.out.append(item)

    def _add(self, part: Part, path: str) -> None:
        """An item that is no message."""
        writer = self.writer
        item: JsonObject | None = None
        if isinstance(part, ToolCall | ToolResult):
            refused = None if writer.own else self._calls.refused(part)
            if refused is not None:
                writer.drop(path, refused)
                return
        match part:
            case ToolCall():
                item = _emit_call(part, path, writer)
            case ToolResult():
                item = emit_result(part, path, writer)
            case Reasoning(text=text, signature=signature, extras=extras):
                fields = _own(extras, path, writer)
                item = _emit_thoughts(text, signature, fields)
            case Redacted(sealed=sealed, extras=extras):
                item = _emit_thoughts("", sealed, _own(extras, path, writer))
            case MediaPart(media=media, extras=extras) if _is_picture(part):
                item = {**own_fields(extras), "result": media.data}
            case NativePart(dialect=dialect, raw=raw) if dialect == NAME:
                item = raw
            case _:
                writer.part(part, OUTPUT, path)  # reports it
                return
        if item is None:
            writer.drop(path, "reasoning that this API's upstream did not seal")
        else:
            self.out.append(item)


@attrs.define
class _Said:
    """A message without its content."""

    role: Role
    plain: bool = False
    fields: JsonObject | None = None
    """What else this dialect said of it; None: only that it is a message."""


def _own(extras: Extras, path: str, writer: Writer) -> JsonObject | None:
    """What this dialect said beside, if it was this dialect that spoke."""
    fields = writer.fields(extras, path)
    return fields if extras.dialect == NAME else None


def _is_words(part: Part) -> bool:
    if isinstance(part, MediaPart):
        return not _is_picture(part)
    return isinstance(part, Text | Refusal)


def _is_said(parts: Sequence[Part]) -> bool:
    return all(_is_words(part) for part in parts)


def _is_picture(part: MediaPart) -> bool:
    """Whether the upstream drew it, in an item of its own."""
    extras = part.extras
    return extras.dialect == NAME and own_fields(extras).get("type") == PICTURE


def _covers(items: Sequence[Json], parts: Sequence[Part]) -> bool:
    """Whether nobody has put parts in or taken some out since they were counted."""
    counts = [_count(item) if isinstance(item, dict) else 1 for item in items]
    return sum(counts) == len(parts)


def _count(item: Mapping[str, Json]) -> int:
    count = item.get("parts")
    return count if isinstance(count, int) else 0


# One item each.


def _emit_call(call: ToolCall, path: str, writer: Writer) -> JsonObject:
    if call.signature is not None:
        writer.drop(f"{path}.signature", "signed for another issuer")
    item: JsonObject = {"call_id": call.call_id, "name": call.name}
    if call.kind is ToolKind.CUSTOM:
        item = {"type": "custom_tool_call", **item, "input": call.arguments}
    else:
        arguments = call.arguments if writer.own else call.arguments or "{}"
        item = {"type": "function_call", **item, "arguments": arguments}
    if call.namespace is not None:
        item["namespace"] = call.namespace
    if call.cache is None and not call.extras.dialect:
        return item
    return {
        **item,
        **writer.cached(call.cache, path),
        **writer.fields(call.extras, path),
    }


def _emit_thoughts(
    text: str, signature: Signature | None, fields: JsonObject | None
) -> JsonObject | None:
    """A reasoning item; None where this API's upstream had no part in it."""
    item: JsonObject = {"type": "reasoning", "summary": emit_summary(text)}
    if signature is not None:
        if signature.issuer != NAME:
            return None
        item["encrypted_content"] = signature.text
    elif fields is None:
        return None
    item.update(fields or {})
    if item["summary"] is ABSENT:
        del item["summary"]
    return item
