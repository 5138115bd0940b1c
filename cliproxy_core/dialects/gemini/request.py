"""A request of this API, read into the neutral form.

Neither model nor stream is in the body: its address tells them. What the neutral form
has no word for stays in `extras` at its own level; the document itself stays with the
request's extras, so that emitting it into this dialect again can spell what has not
changed as it came (`request_emit`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    need,
    opt_bool,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.request import Extras, Message, Request

from .config import parse_config
from .contents import parse_contents, parse_system
from .grammar import NAME
from .parts import plain
from .tools import parse_choice, parse_tools

__all__ = ["TIERS", "parse_request"]

# google-genai 3.4, `types.ServiceTier`, and the neutral words.
TIERS: Final[Mapping[str, str]] = {"standard": "default", "unspecified": "auto"}

_KNOWN: Final = frozenset(
    {
        "contents",
        "systemInstruction",
        "tools",
        "toolConfig",
        "generationConfig",
        "serviceTier",
        "store",
        "model",  # repeats the address where it is
    }
)


def parse_request(payload: JsonObject) -> Request:
    """Read a request. Raises `DecodeError` with the path of the fault."""
    document = plain(payload)
    config = parse_config(opt_object(document, "generationConfig", ""))
    choice, choice_rest = parse_choice(opt_object(document, "toolConfig", ""))
    fields = {key: value for key, value in document.items() if key not in _KNOWN}
    if config.rest:
        fields["generationConfig"] = config.rest
    if choice_rest:
        fields["toolConfig"] = choice_rest
    return Request(
        model="",
        messages=tuple(_messages(document)),
        tools=parse_tools(document["tools"]) if "tools" in document else (),
        choice=choice,
        sampling=config.sampling,
        reasoning=config.reasoning,
        format=config.format,
        modalities=config.modalities,
        tier=_tier(document),
        store=opt_bool(document, "store", ""),
        stored=_stored(document),
        extras=Extras(NAME, fields, payload),
    )


def _messages(document: JsonObject) -> list[Message]:
    system: Json = document.get("systemInstruction")
    turns = parse_contents(need(document, "contents", ""))
    return turns if system is None else [parse_system(system), *turns]


def _tier(document: JsonObject) -> str | None:
    word = opt_str(document, "serviceTier", "")
    if word is None:
        return None
    told = word.lower().removeprefix("service_tier_")
    return TIERS.get(told, told)


def _stored(document: JsonObject) -> tuple[str, ...]:
    """What an upstream has kept of a conversation means nothing to any other."""
    return (".cachedContent",) if opt_str(document, "cachedContent", "") else ()
