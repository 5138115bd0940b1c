"""Opaque state in the one slot that this API has for it.

The slot is the signature of a thinking block, or the data of a redacted one;
`ir.carrier` tells what stands in it. What goes with a call or with words stands in a
thinking block of its own. An empty slot means that nobody vouches.

Proofs without a carrier that other proxies let through are told by their look
(facts/02, section 3.7.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json
from cliproxy_core.ir.carrier import Carried, Place, is_carrier, load, unload
from cliproxy_core.ir.reasoning import Signature

from .grammar import NAME

__all__ = ["Carried", "Place", "unwrap", "without_foreign", "wrap"]

OPENAI: Final = "openai_responses"
GEMINI: Final = "gemini"

# A Fernet token: what OpenAI seals reasoning in. Its version byte (0x80) and the upper
# bytes of a date in this century make these five letters.
_FERNET: Final = "gAAAA"

# `provider#proof`, as other proxies write it.
_FAMILIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("claude", "anthropic", "cais", "claude-cais", "claude_cais"), NAME
    ),
    **dict.fromkeys(("ccmax", "claude-code-max", "claude_code_max"), NAME),
    **dict.fromkeys(("gemini", "google"), GEMINI),
    **dict.fromkeys(("openai", "gpt", "codex"), OPENAI),
}


def wrap(signature: Signature | None, place: Place = Place.OWN) -> str:
    """What stands in the slot for a proof."""
    return load(signature, place, own=NAME)


def unwrap(text: str) -> Carried | None:
    """The proof in a slot. A spoilt carrier proves nothing."""
    if is_carrier(text):
        return unload(text, own=NAME)
    return _bare(text) if text else None


def _bare(text: str) -> Carried | None:
    """A proof as its issuer wrote it. `#` is no letter of base64."""
    if text.startswith(_FERNET):
        return Carried(Signature(text, OPENAI))
    family, mark, proof = text.partition("#")
    if not mark:
        return Carried(Signature(text, NAME))
    issuer = _FAMILIES.get(family)
    return Carried(Signature(proof, issuer)) if issuer and proof else None


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
    if not isinstance(proof, str):
        return False
    carried = unwrap(proof)
    return carried is None or carried.signature.issuer != NAME
