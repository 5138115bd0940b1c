"""A neutral request, written as a request of this API.

A request that came from this dialect goes back as it came, member by member: what has
not changed since it was read keeps its spelling, what has is written anew. One that
came from another dialect is brought under the vendor's rules. Whatever does not cross
is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import (
    Dropped,
    Emitted,
    Reasoning,
    Redacted,
    Request,
    Text,
    ToolCall,
)

from .carrier import without_foreign
from .config import emit_config
from .contents import SYSTEM
from .contents_emit import emit_foreign, emit_own
from .grammar import NAME
from .parts import plain
from .parts_emit import Writer
from .request import TIERS, parse_request
from .tools import emit_choice, emit_tools

__all__ = ["emit_request"]

# The neutral words, and how google-genai 3.4 (`types.ServiceTier`) spells them. `auto`
# is what happens where nothing is said.
_TIERS: Final[Mapping[str, str]] = {
    **{neutral: word for word, neutral in TIERS.items()},
    "flex": "flex",
    "priority": "priority",
}


def emit_request(request: Request) -> Emitted:
    """Write a request; the second part of the answer is what did not cross."""
    if request.extras.dialect == NAME and request.extras.raw is not None:
        return _as_it_came(request, request.extras.raw)
    dropped: list[Dropped] = []
    own = request.extras.dialect == NAME
    return Emitted(_document(request, Writer(dropped, own)), tuple(dropped))


def _document(request: Request, writer: Writer) -> JsonObject:
    """Everything written anew."""
    emit = emit_own if writer.own else emit_foreign
    payload = emit(request.messages, writer)
    tools = emit_tools(request.tools, request.choice, writer)
    if tools:
        payload["tools"] = tools
    if request.choice is not None:
        config = emit_choice(request.choice, request.tools, writer)
        if config:
            payload["toolConfig"] = config
    settings = emit_config(request, writer.dropped)
    if settings:
        payload["generationConfig"] = settings
    if request.store is not None:
        payload["store"] = request.store
    tier = _tier(request, writer)
    if tier is not None:
        payload["serviceTier"] = tier
    _report(request, writer)
    for key, value in writer.fields(request.extras, "").items():
        payload[key] = _joined(payload[key], value) if key in payload else value
    return payload


def _tier(request: Request, writer: Writer) -> str | None:
    word = request.tier
    if word is None or writer.own:
        return None if word is None else _TIERS.get(word, word)
    if word not in _TIERS:
        writer.drop(".tier", "not a tier of this API")
        return None
    return None if word == "auto" else _TIERS[word]


def _report(request: Request, writer: Writer) -> None:
    """Settings that have no place here."""
    single = request.tools and request.parallel_tools is False
    for key, value, reason in (
        ("parallel_tools", single or None, "this API has no switch for it"),
        ("verbosity", request.verbosity, "this API has no such setting"),
        ("user", request.user, "this API is not told who asks"),
        ("metadata", request.metadata, "only Vertex takes labels"),
        ("cache_key", request.cache_key, "this API finds common prefixes by itself"),
        ("cache_retention", request.cache_retention, "this API has no such setting"),
    ):
        if value is not None:
            writer.drop(f".{key}", reason)


def _joined(known: Json, rest: Json) -> Json:
    """What was written, with the unknown part of the same object."""
    if not isinstance(known, dict) or not isinstance(rest, dict):
        return known
    both = {key: _joined(known[key], rest[key]) for key in known if key in rest}
    return {**known, **rest, **both}


# As it came.

# What of a request each member of the document tells.
_SAYS: Final[Mapping[str, Callable[[Request], object]]] = {
    "systemInstruction": lambda r: [m for m in r.messages if m.path == SYSTEM],
    "contents": lambda r: [m for m in r.messages if m.path != SYSTEM],
    "tools": lambda r: r.tools,
    "toolConfig": lambda r: r.choice,
    "generationConfig": lambda r: (r.sampling, r.reasoning, r.format, r.modalities),
    "serviceTier": lambda r: r.tier,
    "store": lambda r: r.store,
}


def _as_it_came(request: Request, raw: JsonObject) -> Emitted:
    """The document that was read, but for what has changed."""
    foreign = _holds_foreign(request, raw)
    before = parse_request(raw)
    unchanged = attrs.evolve(before, model=request.model, stream=request.stream)
    if request == unchanged and not foreign:
        return Emitted(dict(raw))
    dropped: list[Dropped] = []
    written = _document(request, Writer(dropped, own=True))
    out: JsonObject = {}
    for key, value in raw.items():
        name = next(iter(plain({key: True})))
        fresh = written.pop(name, None)
        if _says(name, before) == _says(name, request):
            out[key] = fresh if name == "contents" and foreign else value
        elif fresh is not None:
            out[key] = fresh
    return Emitted({**out, **written}, tuple(dropped))


def _says(name: str, request: Request) -> object:
    """What of a request a member of the document tells."""
    says = _SAYS.get(name)
    rest = request.extras.fields.get(name)
    return rest if says is None else (says(request), rest)


def _holds_foreign(request: Request, raw: JsonObject) -> bool:
    """Whether there is state in it that other upstreams made, or a spoilt carrier."""
    return without_foreign(raw.get("contents")) is not None or any(
        isinstance(part, Text | Reasoning | ToolCall | Redacted) and _is_foreign(part)
        for message in request.messages
        for part in message.parts
    )


def _is_foreign(part: Text | Reasoning | ToolCall | Redacted) -> bool:
    state = part.sealed if isinstance(part, Redacted) else part.signature
    return state is not None and state.issuer != NAME
