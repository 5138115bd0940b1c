"""The parts of a message, written as content blocks of this API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import (
    Dropped,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)

from .arguments import settled
from .grammar import NAME
from .media import emit_source
from .rest import restored

__all__ = ["CallIds", "Writer"]

# Vendor: `tool_use.id` must match ^[a-zA-Z0-9_-]+$.
_ILLEGAL: Final = re.compile(r"[^a-zA-Z0-9_-]")


@attrs.define
class CallIds:
    """Call ids that this API accepts, the same for a call and its result."""

    _legal: dict[str, str] = attrs.field(factory=dict, init=False)
    _taken: set[str] = attrs.field(factory=set, init=False)

    def legal(self, call_id: str) -> str:
        """The id to write; different ones stay different."""
        known = self._legal.get(call_id)
        if known is None:
            stem = name = _ILLEGAL.sub("_", call_id) or "toolu_unnamed"
            count = 1
            while name in self._taken:
                count += 1
                name = f"{stem}_{count}"
            self._taken.add(name)
            self._legal[call_id] = known = name
        return known


@attrs.define
class Writer:
    """Writes parts, and notes what cannot be written."""

    native: bool
    """Whether the request came from this dialect."""
    dropped: list[Dropped]
    marked: bool = attrs.field(default=False, init=False)
    """Whether anything written may have a mark for the prompt cache."""
    _ids: CallIds = attrs.field(factory=CallIds, init=False)

    def drop(self, path: str, reason: str) -> None:
        self.dropped.append(Dropped(path, reason))

    def block(self, part: Part, path: str) -> JsonObject | None:
        """One part as a block; None if it has no place in this API."""
        if isinstance(part, Text):
            return self._text(part, path)
        match part:
            case ToolCall():
                return self._call(part, path)
            case ToolResult():
                return self._result(part, path)
            case Refusal(text=text):
                self.drop(path, "a refusal, sent as plain text")
                return {"type": "text", "text": text} if text.strip() else None
            case MediaPart():
                return self._media(part, path)
            case Reasoning() | Redacted():
                return self._thinking(part, path)
            case NativePart(dialect=dialect, raw=raw):
                if dialect == NAME:
                    self.marked = True
                    return raw if self.native else dict(raw)  # marks may go
                self.drop(path, "only its own API understands it")
                return None

    def _id(self, call_id: str) -> str:
        return call_id if self.native else self._ids.legal(call_id)

    def _text(self, part: Text, path: str) -> JsonObject | None:
        text = part.text
        if part.signature is not None:
            self._unsigned(part.signature, path)
        if not self.native and (not text or text.isspace()):
            if text:
                self.drop(path, "this API refuses a text of blanks")
            return None
        block: JsonObject = {"type": "text", "text": text}
        if part.citations:
            # Any other vendor's sources have no passage that could be asked for again.
            own = [each.raw for each in part.citations if each.dialect == NAME]
            if own:
                block["citations"] = own
            if len(own) < len(part.citations):
                self.drop(f"{path}.citations", "sources that this API did not give")
        if part.cache is None and not part.extras.fields and part.extras.raw is None:
            return block
        return self._finish(block, part.cache, part.extras, path)

    def _unsigned(self, signature: Signature, path: str) -> None:
        reason = f"only {signature.issuer} can read it"
        self.drop(f"{path}.signature", reason)

    def _media(self, part: MediaPart, path: str) -> JsonObject | None:
        media = part.media
        source = emit_source(media, own=self.native)
        if source is None:
            self.drop(path, "this API cannot take this medium")
            return None
        if media.detail not in (None, "auto"):
            self.drop(f"{path}.detail", "this API has no such setting")
        block: JsonObject = {"type": media.kind.value, "source": source}
        if media.filename is not None:
            if media.kind is MediaKind.DOCUMENT:
                block["title"] = media.filename
            else:
                self.drop(f"{path}.filename", "images have no name here")
        whole = part.extras.fields.get("source")
        if part.extras.dialect == NAME and whole is not None:
            block["source"] = whole
        return self._finish(block, part.cache, part.extras, path)

    def _call(self, part: ToolCall, path: str) -> JsonObject:
        if part.signature is not None:
            self._unsigned(part.signature, path)
        block: JsonObject = {
            "type": "tool_use",
            "id": self._id(part.call_id),
            "name": part.name,
            "input": self._input(part, path),
        }
        return self._finish(block, part.cache, part.extras, path)

    def _input(self, part: ToolCall, path: str) -> JsonObject:
        """Arguments as the object that they must be. Empty text means none."""
        value, arguments = settled(part.arguments, part.kind)
        if arguments.cut:
            self.drop(f"{path}.arguments", "cut off, sent as text under `input`")
            return {"input": part.arguments}
        if arguments.broken:
            self.drop(f"{path}.arguments", "not a JSON object, sent under `input`")
        return value

    def _result(self, part: ToolResult, path: str) -> JsonObject:
        block: JsonObject = {
            "type": "tool_result",
            "tool_use_id": self._id(part.call_id),
        }
        content = self._content(part, path)
        if content is not None:
            block["content"] = content
        if part.error is not None:
            block["is_error"] = part.error
        return self._finish(block, part.cache, part.extras, path)

    def _content(self, part: ToolResult, path: str) -> Json:
        if part.plain:
            texts = [each.text for each in part.parts if isinstance(each, Text)]
            if len(texts) == len(part.parts):
                return "".join(texts) if texts else None
        return self.blocks(part.parts, path)

    def blocks(self, parts: Sequence[Part], path: str) -> list[Json]:
        """All parts that can be written."""
        found = (self.block(part, path) for part in parts)
        return [block for block in found if block is not None]

    def _thinking(self, part: Reasoning | Redacted, path: str) -> JsonObject | None:
        """Thinking goes back to those who vouch for it, and to nobody else."""
        block: JsonObject | None = None
        if isinstance(part, Redacted):
            if part.sealed.issuer == NAME:
                block = {"type": "redacted_thinking", "data": part.sealed.text}
        elif part.signature is not None and part.signature.issuer == NAME:
            proof = part.signature.text
            block = {"type": "thinking", "thinking": part.text, "signature": proof}
        if block is None:
            self.drop(path, "thinking that this API did not sign")
            return None
        return self._finish(block, None, part.extras, path)

    def _finish(
        self, block: JsonObject, cache: JsonObject | None, extras: Extras, path: str
    ) -> JsonObject:
        """The cache mark and the fields that came with the part."""
        if cache is not None:
            self.marked = True
            block["cache_control"] = cache
        if not extras.fields and extras.raw is None:
            return block
        if extras.dialect == NAME:
            return restored(block, extras)
        for key, value in extras.fields.items():
            if value is not None:
                self.drop(f"{path}.{key}", "unknown to this API")
        return block
