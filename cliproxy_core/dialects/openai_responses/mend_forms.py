"""What the events of a stream look like: their names, their fields, made ones.

Functions that complete change a payload in place and tell what was put in; where that
is nothing, the frame may pass as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, as_object, loads, write
from cliproxy_core.ir.dialect import StreamContext

__all__ = [
    "CALLS",
    "EVENTS",
    "LISTINGS",
    "REASONING",
    "Form",
    "arguments_of",
    "canonical",
    "complete_item",
    "complete_response",
    "complete_usage",
    "fits",
    "form_of",
    "id_prefix",
    "index_of",
    "is_object",
    "is_word",
    "objects",
    "words_of",
]


@attrs.frozen(kw_only=True)
class Form:
    """How a kind of part is told of."""

    item: str
    """The type of the items that have such parts."""
    part: str
    """Its type; empty for one that nobody here knows."""
    listing: str
    """The field of the item that lists such parts."""
    text: str = ""
    """What the types of the events with its text begin with."""
    field: str = ""
    """Its field for all of the text."""

    @property
    def index(self) -> str:
        """The field that says which part is meant."""
        return f"{self.listing}_index"

    @property
    def around(self) -> str:
        """What the types of the events around it begin with."""
        return _AROUND[self.listing]

    def empty(self) -> JsonObject:
        """The part before its first word; nothing for one that nobody knows."""
        if not self.part:
            return {}
        part: JsonObject = {"type": self.part, self.field: ""}
        if self.part == "output_text":
            part["annotations"] = []
        return part


LISTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "message": ("content",),
    "reasoning": ("summary", "content"),
}
"""The fields of an item that list its parts, in the order in which those are told."""

_AROUND: Final = {
    "content": "response.content_part",
    "summary": "response.reasoning_summary_part",
}

REASONING: Final = Form(
    item="reasoning",
    part="reasoning_text",
    listing="content",
    text="response.reasoning_text",
    field="text",
)
_FORMS: Final = (
    Form(
        item="message",
        part="output_text",
        listing="content",
        text="response.output_text",
        field="text",
    ),
    Form(
        item="message",
        part="refusal",
        listing="content",
        text="response.refusal",
        field="refusal",
    ),
    REASONING,
    Form(
        item="reasoning",
        part="summary_text",
        listing="summary",
        text="response.reasoning_summary_text",
        field="text",
    ),
)
_BY_PART: Final[Mapping[str, Form]] = {form.part: form for form in _FORMS}

# What a part without a usable type is.
_USUAL: Final = {
    ("message", "content"): "output_text",
    ("reasoning", "content"): "reasoning_text",
    ("reasoning", "summary"): "summary_text",
}

EVENTS: Final[Mapping[str, Form]] = {form.text: form for form in _FORMS}
"""The parts by what the types of the events with their text begin with."""

CALLS: Final[Mapping[str, tuple[str, str]]] = {
    "function_call": ("response.function_call_arguments", "arguments"),
    "custom_tool_call": ("response.custom_tool_call_input", "input"),
}
"""Calls: what the types of their events begin with, and their field for the text."""

# Codex takes item ids that begin with these only (facts/02, section 2.3).
_PREFIXES: Final[Mapping[str, str]] = {
    "message": "msg_",
    "reasoning": "rs_",
    "function_call": "fc_",
    "custom_tool_call": "ctc_",
}

# The least that a response has that nobody described: what typed readers insist on.
_RESPONSE: Final = (
    b'{"error":null,"incomplete_details":null,"instructions":null,"metadata":{},'
    b'"parallel_tool_calls":true,"temperature":null,"tool_choice":"auto","tools":[],'
    b'"top_p":null}'
)

_COUNTS: Final = ("input_tokens", "output_tokens")
# The first count of each is as old as this API; the others only new clients know, so
# that an upstream may leave them out.
_DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "input_tokens_details": ("cached_tokens", "cache_write_tokens"),
    "output_tokens_details": ("reasoning_tokens",),
}


def canonical(payload: JsonObject) -> bytes:
    """The frame of a payload. Raises `DecodeError` for what is nested too deeply."""
    return b"event: %b\ndata: %b\n\n" % (str(payload["type"]).encode(), write(payload))


def form_of(part: Json, item: str, listing: str = "content") -> Form:
    """The form of a part of an item. Text in a reasoning item is reasoning, even where
    an upstream calls it `output_text` (vllm-project/vllm, pull request 24788)."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind is None or kind in ("text", "output_text"):
        kind = _USUAL.get((item, listing), "output_text")
    known = _BY_PART.get(kind) if isinstance(kind, str) else None
    if known is not None and known.listing == listing and fits(item, known.item):
        return known
    return Form(item=item, part="", listing=listing)


def fits(item: str, wanted: str) -> bool:
    """Whether an item of one type may be meant by an event about another.

    Types of tomorrow may have parts and arguments like those of today.
    """
    return item == wanted or not (item in LISTINGS or item in CALLS)


def id_prefix(kind: str) -> str:
    """What the id of an item begins with."""
    return _PREFIXES.get(kind, "item_")


def index_of(payload: JsonObject, key: str) -> int | None:
    """An index, if it is one."""
    index = payload.get(key)
    return index if type(index) is int and index >= 0 else None


def is_word(value: Json) -> bool:
    """Whether it can serve as a name."""
    return isinstance(value, str) and value != ""


def is_object(text: str) -> bool:
    """Whether a text is one complete JSON object."""
    try:
        return isinstance(loads(text), dict)
    except DecodeError:
        return False


def objects(value: Json) -> list[JsonObject]:
    """The objects in a list, if it is one."""
    items = value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, dict)]


def arguments_of(value: Json) -> str | None:
    """The text of a call, which some upstreams write as an object."""
    if isinstance(value, str):
        return value
    return write(value).decode() if isinstance(value, dict) else None


def words_of(delta: Json) -> str | None:
    """The words of a delta, which some upstreams write like a part."""
    words = delta.get("text") if isinstance(delta, dict) else delta
    return words if isinstance(words, str) else None


def complete_response(
    response: JsonObject, status: str, context: StreamContext, known: JsonObject
) -> list[str]:
    """Make the response of an event whole; the names of what was put in.

    `known` is what was told of it before. Its id must not change: the vendor's SDKs
    take that for another response.
    """
    fixes = []
    if known and response.get("id") != known["id"]:
        response["id"] = known["id"]
        fixes.append("response_id_corrected")
    elif not is_word(response.get("id")):
        response["id"] = context.ids("resp_")
        fixes.append("response_id_added")
    if not is_word(response.get("model")):
        response["model"] = known.get("model", context.model)
        fixes.append("model_added")
    if type(response.get("created_at")) not in (int, float):
        response["created_at"] = known.get("created_at", context.created)
        fixes.append("created_at_added")
    if response.get("object") != "response":
        fixes.append("response_completed")
        least = as_object(loads(_RESPONSE), "")
        response.update({**least, **response, "object": "response"})
    told = response.get("status")
    if told != status and not (status == "in_progress" and told == "queued"):
        response["status"] = status
        fixes.append("status_corrected")
    if complete_usage(response.get("usage")):
        fixes.append("usage_completed")
    return fixes


def complete_usage(usage: Json) -> bool:
    """Put in the counts that strict clients need; whether any was missing."""
    if not isinstance(usage, dict):
        return False
    missing = [key for key in _COUNTS if type(usage.get(key)) is not int]
    for key in missing:
        usage[key] = 0
    if type(usage.get("total_tokens")) is not int:
        missing.append("total_tokens")
        usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
    for holder, keys in _DETAILS.items():
        details = usage.get(holder)
        if not isinstance(details, dict) or type(details.get(keys[0])) is not int:
            known = details if isinstance(details, dict) else {}
            usage[holder] = {**dict.fromkeys(keys, 0), **known, keys[0]: 0}
            missing.append(holder)
    return bool(missing)


def complete_item(item: JsonObject, status: str) -> bool:
    """Put in the fields that readers of an item count on; whether any was missing."""
    kind = str(item["type"])
    least: JsonObject = {}
    if kind == "message":
        least = {"role": "assistant", "content": [], "status": status}
    elif kind == "reasoning":
        least = {"summary": []}
    elif kind in CALLS:
        least = {CALLS[kind][1]: ""}
    missing = {k: v for k, v in least.items() if type(item.get(k)) is not type(v)}
    item.update(missing)
    return bool(missing)
