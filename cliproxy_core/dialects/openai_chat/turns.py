"""Neutral turns as messages of this API.

Tool results are messages of their own and stand right after the turn that called: in
other dialects something may come between. An assistant's words come before its calls,
whatever their order was. Reasoning goes out as plain text if nobody signed it, and as
it came if this API's upstream did.

A tool's result takes words, and pictures in the form that most services know (Gemini's,
Kimi's, vLLM); its error is said in words, as the vendor has no mark for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.request import (
    Dropped,
    MediaPart,
    Message,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Request,
    Role,
    Text,
    ToolCall,
    ToolResult,
)

from .calls import Item, at, emit_calls, is_call
from .grammar import NAME
from .media import emit_image
from .messages import parse_message
from .parts import Losses, cached, emit_part, is_bare, own_fields, said_of
from .thoughts import details_of

__all__ = ["MARK", "emit_messages"]

MARK: Final = "Error: "
"""Stands before the words of a result that is an error."""

_ASSISTANT: Final = Role.ASSISTANT
_NOTHING: Final = frozenset({"role", "content", "name"})
"""The fields of an assistant's message that say nothing by themselves."""


def emit_messages(request: Request, losses: Losses) -> list[Json]:
    writer = _Writer(
        losses,
        own=request.extras.dialect == NAME,
        signed="gemini" in request.model.lower(),
    )
    return writer.messages(request.messages)


@attrs.define
class _Writer:
    """Writes the messages of one request, and notes what cannot be written."""

    losses: Losses
    own: bool
    """Whether the request came from this dialect, whose callers know its rules."""
    signed: bool
    """Whether the state of calls goes along (see `calls`)."""
    _late: dict[str, list[Item]] = attrs.field(factory=dict, init=False)
    """Results that stand too late, by the id of their call."""
    _early: set[tuple[str, int]] = attrs.field(factory=set, init=False)
    """Results that were written before their turn, by message and number."""

    def messages(self, messages: Sequence[Message]) -> list[Json]:
        if not self.own and _something_between(messages):
            self._late = _late_results(messages)
        out: list[Json] = []
        for number, message in enumerate(messages):
            words = _only_words(message)
            if words:
                out.append({"role": message.role.word, "content": words})
                continue
            path = message.path or f".messages[{number}]"
            raw = message.extras.raw
            if raw is not None and _is_unchanged(message, raw):
                out.append(raw)
            elif message.role is _ASSISTANT:
                self._assistant(message, path, out)
            else:
                self._turn(message, path, out)
        return out

    # Callers' turns, and system text.

    def _turn(self, message: Message, path: str, out: list[Json]) -> None:
        """Results first, then what was said."""
        said: list[Item] = []
        for i, part in enumerate(message.parts):
            item = (path, i, part)
            if isinstance(part, ToolResult):
                if (path, i) not in self._early:
                    out.append(self._result(part, at(item)))
            else:
                said.append(item)
        if not said and message.parts:
            return
        extras = own_fields(message.extras, path, self.losses)
        named: JsonObject = {"name": message.name} if message.name else {}
        content = self._content(said, message.plain, extras)
        if content or not said:
            role = message.role.word
            out.append({**extras, "role": role, **named, "content": content})

    def _content(
        self, said: list[Item], plain: bool, message: JsonObject
    ) -> list[Json] | str:
        """A string where one came, else parts; a lone mark moves to the message."""
        if plain and not said:
            return ""
        part = said[0][2] if said else None
        if plain and len(said) == 1 and isinstance(part, Text):
            if not is_bare(part):
                message.update(said_of(part, at(said[0]), self.losses))
            return part.text
        emitted = (emit_part(item[2], at(item), self.losses) for item in said)
        return [part for part in emitted if part is not None]

    def _result(self, result: ToolResult, path: str) -> JsonObject:
        words = _result_words(result)
        if words is not None and not self.own:
            return {"role": "tool", "tool_call_id": result.call_id, "content": words}
        losses = self.losses
        parts: Sequence[Part] = result.parts
        if result.error:
            losses.append(Dropped(f"{path}.is_error", f"said in words: {MARK!r} first"))
            parts = _marked(parts)
        fields = own_fields(result.extras, path, losses) if result.extras.fields else {}
        said = [(path, i, p) for i, p in enumerate(parts) if self._fits(p, path, i)]
        content = self._content(said, result.plain, fields)
        out: JsonObject = {
            **fields,
            "role": "tool",
            "tool_call_id": result.call_id,
            "content": content or "",
        }
        if result.name is not None and self.own:
            out["name"] = result.name
        if result.cache is not None:
            out.update(cached(result.cache, result.extras, path, losses))
        return out

    def _fits(self, part: Part, path: str, number: int) -> bool:
        """Whether a tool's result takes it: of media, pictures and plain words."""
        if not isinstance(part, MediaPart) or part.extras.dialect == NAME:
            return True
        media = part.media
        if media.kind is MediaKind.IMAGE or media.text is not None:
            return True
        reason = f"a tool's result takes no {media.kind.value} here"
        self.losses.append(Dropped(at((path, number, part)), reason))
        return False

    # The assistant's.

    def _assistant(self, message: Message, path: str, out: list[Json]) -> None:
        turn: JsonObject = {"role": "assistant"}
        if message.extras.fields:
            turn = {**own_fields(message.extras, path, self.losses), **turn}
        if message.name:
            turn["name"] = message.name
        said, called, thought = self._sorted(message, path)
        if thought:
            turn.update(self._thoughts(thought))
        content: list[Json] | str | None = None
        if said:
            if message.plain:
                said = _without_refusals(said, turn)
            said = self._without_pictures(said, turn)
            content = self._content(said, message.plain, turn)
        if called:
            turn["tool_calls"] = emit_calls(called, self.losses, signed=self.signed)
        turn["content"] = content or (None if called or "refusal" in turn else "")
        if content or not message.parts or not turn.keys() <= _NOTHING:
            out.append(turn)
        if self._late:
            self._answer(called, out)

    def _sorted(
        self, message: Message, path: str
    ) -> tuple[list[Item], list[Item], list[Item]]:
        """What was said, called and thought."""
        said: list[Item] = []
        called: list[Item] = []
        thought: list[Item] = []
        for i, part in enumerate(message.parts):
            item = (path, i, part)
            if isinstance(part, Text):
                said.append(item)
                if called:
                    reason = "words after a call are put before it"
                    self.losses.append(Dropped(at(item), reason))
            elif is_call(part):
                called.append(item)
            else:
                thinks = isinstance(part, Reasoning | Redacted)
                (thought if thinks else said).append(item)
        return said, called, thought

    def _answer(self, called: list[Item], out: list[Json]) -> None:
        """The results that stand too late, right after their calls."""
        for _, _, part in called:
            call_id = part.call_id if isinstance(part, ToolCall) else ""
            waiting = self._late.get(call_id)
            if waiting:
                item = waiting.pop(0)
                self._early.add((item[0], item[1]))
                assert isinstance(item[2], ToolResult)
                out.append(self._result(item[2], at(item)))

    def _without_pictures(self, said: list[Item], turn: JsonObject) -> list[Item]:
        """An assistant's pictures have a field of their own."""
        pictures: list[Json] = []
        rest: list[Item] = []
        for item in said:
            part = item[2]
            if not isinstance(part, MediaPart):
                rest.append(item)
                continue
            media = part.media
            picture = emit_image(media) if media.kind is MediaKind.IMAGE else None
            if picture is None:
                reason = f"an assistant says no {media.kind.value} here"
                self.losses.append(Dropped(at(item), reason))
            else:
                pictures.append(picture)
        if pictures:
            turn["images"] = pictures
        return rest

    def _thoughts(self, thought: list[Item]) -> JsonObject:
        plain: list[str] = []
        vouched: list[Part] = []
        for item in thought:
            part = item[2]
            proof = None
            if isinstance(part, Redacted):
                proof = part.sealed
            elif isinstance(part, Reasoning):
                proof = part.signature
                if proof is None and part.text.strip():
                    plain.append(part.text)
            if proof is not None and proof.issuer == NAME:
                vouched.append(part)
            elif proof is not None:
                word = "sealed" if isinstance(part, Redacted) else "signed"
                reason = f"{word} for another issuer"
                self.losses.append(Dropped(at(item), reason))
        thoughts: JsonObject = {}
        if plain:
            thoughts["reasoning_content"] = "\n\n".join(plain)
        if vouched:
            thoughts["reasoning_details"] = details_of(vouched)
        return thoughts


def _only_words(message: Message) -> str | list[Json] | None:
    """The content of a message of one text and nothing else: the common case."""
    parts, extras = message.parts, message.extras
    tagged = extras.fields or extras.raw is not None
    if tagged or len(parts) != 1 or message.name is not None:
        return None
    part = parts[0]
    if not isinstance(part, Text) or not is_bare(part):
        return None
    return part.text if message.plain else [{"type": "text", "text": part.text}]


def _is_unchanged(message: Message, raw: JsonObject) -> bool:
    return (
        message.extras.dialect == NAME and parse_message(raw, message.path) == message
    )


def _something_between(messages: Sequence[Message]) -> bool:
    """Whether anything stands between a call and its result."""
    waiting: set[str] = set()
    for message in messages:
        said = message.role is _ASSISTANT
        if said and not waiting:
            waiting = {p.call_id for p in message.parts if isinstance(p, ToolCall)}
        elif waiting:
            for part in message.parts:
                if isinstance(part, ToolResult):
                    waiting.discard(part.call_id)
                else:
                    said = True
            if said and waiting:
                return True
    return False


def _late_results(messages: Sequence[Message]) -> dict[str, list[Item]]:
    """The results of all calls by id, in order; one without a call stays in place."""
    found: dict[str, list[Item]] = {}
    called: Counter[str] = Counter()
    for number, message in enumerate(messages):
        for i, part in enumerate(message.parts):
            if isinstance(part, ToolCall):
                called[part.call_id] += 1
            elif isinstance(part, ToolResult) and called[part.call_id]:
                called[part.call_id] -= 1
                path = message.path or f".messages[{number}]"
                found.setdefault(part.call_id, []).append((path, i, part))
    return found


def _result_words(result: ToolResult) -> str | None:
    """The words of a result that is nothing else: the common case."""
    parts = result.parts
    if len(parts) != 1 or result.error or not result.plain:
        return None
    part = parts[0]
    tagged = result.cache is not None or result.extras.fields
    if tagged or not isinstance(part, Text) or not is_bare(part):
        return None
    return part.text


def _marked(parts: Sequence[Part]) -> Sequence[Part]:
    """The parts of a result that is an error, so that the model can see that."""
    for i, part in enumerate(parts):
        if isinstance(part, Text):
            if part.text.lower().startswith(MARK.rstrip(": ").lower()):
                return parts
            marked = attrs.evolve(part, text=MARK + part.text)
            return (*parts[:i], marked, *parts[i + 1 :])
    return (Text(MARK.rstrip(": ")), *parts)


def _without_refusals(said: list[Item], turn: JsonObject) -> list[Item]:
    """Beside plain words a refusal has a field of its own."""
    texts = [item for item in said if isinstance(item[2], Text)]
    refusals = [part.text for _, _, part in said if isinstance(part, Refusal)]
    if len(texts) + len(refusals) < len(said):
        return said  # there are parts that are no words: a list it must be
    if refusals:
        turn["refusal"] = "".join(refusals)
    return texts
