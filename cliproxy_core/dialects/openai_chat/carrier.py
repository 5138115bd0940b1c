"""Opaque state of other issuers, in the slots that this API has for it.

The slots are `signature` and `data` of an entry of `reasoning_details` (OpenRouter) and
`extra_content.google.thought_signature` of a call (Google). What belongs in a slot
stands there as it is. What another issuer made travels in a carrier, so that the caller
brings it back and it finds its issuer again:

    cliproxy1:<issuer>:<format or empty>:<text>
"""

from __future__ import annotations

import re
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.reasoning import Signature

from .grammar import NAME

__all__ = ["GEMINI", "unwrap", "without_foreign", "wrap"]

GEMINI: Final = "gemini"
"""Whose state goes with calls."""

_PREFIX: Final = "cliproxy1:"
_BEARING: Final = frozenset({"reasoning_details", "tool_calls"})
"""The members of a message that may hold proofs."""
_CARRIER: Final = re.compile(r"cliproxy1:([^:]+):([^:]*):(.+)", re.DOTALL)


def wrap(signature: Signature, owner: str = NAME) -> str:
    """What stands in a slot of the owner's."""
    if signature.issuer == owner:
        return signature.text
    form = (signature.format or "").replace("%", "%25").replace(":", "%3A")
    return f"{_PREFIX}{signature.issuer}:{form}:{signature.text}"


def unwrap(text: str, owner: str, form: str | None = None) -> Signature | None:
    """The proof in a slot of the owner's. A spoilt carrier proves nothing."""
    if not text.startswith(_PREFIX):
        return Signature(text, owner, form)
    match = _CARRIER.fullmatch(text)
    if match is None or match[1] == owner:
        return None  # a carrier never holds what needs none: such a thing was made up
    inner = match[2].replace("%3A", ":").replace("%25", "%")
    return Signature(match[3], match[1], inner or None)


def without_foreign(messages: Json) -> list[Json] | None:
    """A history without the proofs that no upstream of this API can have made.

    None when there is nothing to take out, which is the rule: it is there only after
    a conversation went on here that began at an upstream of another kind.
    """
    if not isinstance(messages, list):
        return None
    out: list[Json] | None = None
    for number, message in enumerate(messages):
        # A megabyte of history has many messages, and few of them bear anything.
        if isinstance(message, dict) and not _BEARING.isdisjoint(message):
            own = _own_only(message)
            if own is not message:
                out = out or list(messages)
                out[number] = own
    return out


def _own_only(message: JsonObject) -> JsonObject:
    fixed: JsonObject = {}
    details, calls = message.get("reasoning_details"), message.get("tool_calls")
    if isinstance(details, list):
        own = [entry for entry in details if not _is_foreign(entry)]
        if len(own) < len(details):
            fixed["reasoning_details"] = own
    if isinstance(calls, list):
        plain = [_unsigned(call) for call in calls]
        if any(new is not old for new, old in zip(plain, calls, strict=True)):
            fixed["tool_calls"] = plain
    out = {**message, **fixed} if fixed else message
    if out.get("reasoning_details") == []:
        del out["reasoning_details"]
    return out


def _is_foreign(entry: Json) -> bool:
    if not isinstance(entry, dict):
        return False
    return any(_is_carrier(entry.get(key)) for key in ("signature", "data"))


def _unsigned(call: Json) -> Json:
    content = call.get("extra_content") if isinstance(call, dict) else None
    google = content.get("google") if isinstance(content, dict) else None
    proof = google.get("thought_signature") if isinstance(google, dict) else None
    if not isinstance(call, dict) or not _is_carrier(proof):
        return call
    return {key: value for key, value in call.items() if key != "extra_content"}


def _is_carrier(text: Json) -> bool:
    return isinstance(text, str) and text.startswith(_PREFIX)
