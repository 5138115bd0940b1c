"""Output items: their numbers, their ids, and what they look like.

An item's place in `output` is its `output_index`, given when it opens. Its id is made
of what it belongs to (`msg_<response>_<index>`, `fc_<call id>`), so that reading the
same answer twice gives the same names, and begins as the vendor demands when it comes
back as input. Everything else here is one item or part each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.request import ToolKind

__all__ = [
    "MAX_ID",
    "Items",
    "call_item",
    "message_item",
    "picture_item",
    "reasoning_item",
    "refusal_part",
    "summary_part",
    "text_part",
]

# OpenAI API reference, "Create a response", `input[].id` (2026-11): longer ids, or ids
# with other characters, are refused when the item comes back.
MAX_ID: Final = 64
_PLAIN: Final = re.compile(r"[a-zA-Z0-9_-]*")

# Enough of a hash that two items of one conversation never share it.
_DIGEST: Final = 12

# `output_format` of an image, by media type; the vendor's list, 2026-11.
_FORMATS: Final = {
    "image/png": "png",
    "image/webp": "webp",
    "image/jpeg": "jpeg",
    "image/gif": "gif",
    "image/svg+xml": "svg",
}


@attrs.define
class Items:
    """The items of one response, by number."""

    _names: set[str] = attrs.field(factory=set, init=False)
    _count: int = attrs.field(default=0, init=False)
    _done: dict[int, JsonObject] = attrs.field(factory=dict, init=False, repr=False)

    def open(self) -> int:
        """The number of the item that opens."""
        self._count += 1
        return self._count - 1

    def done(self, index: int, item: JsonObject) -> None:
        self._done[index] = item

    @property
    def output(self) -> list[Json]:
        """The items that are done, in order."""
        return [item for _, item in sorted(self._done.items())]

    def name(self, prefix: str, owner: str, index: int) -> str:
        """The id of the item `index` of a response."""
        return self._unique(prefix, f"{owner}_{index}", index)

    def call_name(self, kind: ToolKind, call_id: str, index: int) -> str:
        prefix = "fc_" if kind is ToolKind.FUNCTION else "ctc_"
        return self._unique(prefix, call_id, index)

    def _unique(self, prefix: str, rest: str, index: int) -> str:
        name = _fitted(prefix, rest)
        while name in self._names:  # two calls with the same id
            rest = f"{rest}_{index}"
            name = _fitted(prefix, rest)
        self._names.add(name)
        return name


def _fitted(prefix: str, rest: str) -> str:
    if _PLAIN.fullmatch(rest) and len(prefix) + len(rest) <= MAX_ID:
        return prefix + rest
    digest = hashlib.blake2b(rest.encode("utf-8", "replace"), digest_size=_DIGEST)
    return prefix + digest.hexdigest()


# Pure: one item or part each.


def message_item(name: str, content: Sequence[Json], *, done: bool) -> JsonObject:
    return {
        "id": name,
        "type": "message",
        "status": "completed" if done else "in_progress",
        "role": "assistant",
        "content": content,
    }


def text_part(
    text: str, annotations: Sequence[Json] = (), logprobs: Sequence[Json] = ()
) -> JsonObject:
    return {
        "type": "output_text",
        "text": text,
        "annotations": list(annotations),
        "logprobs": list(logprobs),
    }


def refusal_part(text: str) -> JsonObject:
    return {"type": "refusal", "refusal": text}


def reasoning_item(name: str, texts: Sequence[str], proof: str | None) -> JsonObject:
    """`proof` is None while the item is open: what vouches for it comes at the end."""
    item: JsonObject = {
        "id": name,
        "type": "reasoning",
        "summary": [summary_part(text) for text in texts],
    }
    return item if proof is None else {**item, "encrypted_content": proof}


def summary_part(text: str) -> JsonObject:
    return {"type": "summary_text", "text": text}


def call_item(
    name: str, opening: ev.ToolCallStarted, text: str, status: str
) -> JsonObject:
    """A call of either kind."""
    function = opening.kind is ToolKind.FUNCTION
    item: JsonObject = {
        "id": name,
        "type": "function_call" if function else "custom_tool_call",
        "status": status,
        "call_id": opening.call_id,
        "name": opening.name,
        "arguments" if function else "input": text,
    }
    if opening.namespace is not None:
        item["namespace"] = opening.namespace
    return item


def picture_item(
    name: str, mime: str | None, data: str | None, *, done: bool
) -> JsonObject:
    item: JsonObject = {
        "id": name,
        "type": "image_generation_call",
        "status": "completed" if done else "in_progress",
        "result": data,
    }
    if mime in _FORMATS:
        item["output_format"] = _FORMATS[mime]
    return item
