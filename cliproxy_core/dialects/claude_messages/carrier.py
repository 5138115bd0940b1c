"""Proofs of reasoning in the one slot that this API has for them.

A proof of this API's own travels as it is. One that another dialect's upstream made
travels in a carrier, so that the caller brings it back and it finds its issuer again:

    cliproxy1:<issuer>:<format or empty>:<text>

An empty slot means that nobody vouches.
"""

from __future__ import annotations

import re
from typing import Final

from cliproxy_core.base.jsonval import Json
from cliproxy_core.ir.reasoning import Signature

from .grammar import NAME

__all__ = ["unwrap", "without_foreign", "wrap"]

_PREFIX: Final = "cliproxy1:"
_CARRIER: Final = re.compile(r"cliproxy1:([^:]+):([^:]*):(.+)", re.DOTALL)


def wrap(signature: Signature | None) -> str:
    """What stands in the slot for a proof."""
    if signature is None:
        return ""
    if signature.issuer == NAME:
        return signature.text
    form = (signature.format or "").replace("%", "%25").replace(":", "%3A")
    return f"{_PREFIX}{signature.issuer}:{form}:{signature.text}"


def unwrap(text: str) -> Signature | None:
    """The proof in a slot. A spoilt carrier proves nothing."""
    if not text:
        return None
    if not text.startswith(_PREFIX):
        return Signature(text, NAME)
    match = _CARRIER.fullmatch(text)
    if match is None:
        return None
    issuer, form = match[1], match[2].replace("%3A", ":").replace("%25", "%")
    # A carrier never holds what needs none: such a thing was made up.
    return None if issuer == NAME else Signature(match[3], issuer, form or None)


def without_foreign(messages: Json) -> list[Json] | None:
    """A history without the thinking that this API's upstreams did not sign.

    None when there is nothing to take out, which is the rule: it is there only after
    a conversation went on here that began at an upstream of another kind.
    """
    if not isinstance(messages, list):
        return None
    out = [_own_only(message) for message in messages]
    same = all(new is old for new, old in zip(out, messages, strict=True))
    return None if same else [message for message in out if message is not None]


def _own_only(message: Json) -> Json:
    """The message, a smaller one, or None where nothing is left of it."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(content, list):
        return message
    own = [block for block in content if not _is_foreign(block)]
    if len(own) == len(content):
        return message
    return {**message, "content": own} if own else None


def _is_foreign(block: Json) -> bool:
    if not isinstance(block, dict):
        return False
    match block.get("type"):
        case "thinking":
            proof = block.get("signature", "")
        case "redacted_thinking":
            proof = block.get("data", "")
        case _:
            return False
    return isinstance(proof, str) and (not proof or proof.startswith(_PREFIX))
