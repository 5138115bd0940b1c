"""Opaque state in the one slot that this API has for it.

The slot is `encrypted_content` of a reasoning item; `ir.carrier` tells what stands in
it. What goes with a call or with words stands in a reasoning item of its own. An empty
slot means that nobody vouches.
"""

from __future__ import annotations

from cliproxy_core.base.jsonval import Json
from cliproxy_core.ir.carrier import Carried, Place, is_carrier, load, unload
from cliproxy_core.ir.reasoning import Signature

from .grammar import NAME

__all__ = ["Carried", "Place", "unwrap", "without_foreign", "wrap"]


def wrap(signature: Signature | None, place: Place = Place.OWN) -> str:
    """What stands in the slot for a proof."""
    return load(signature, place, own=NAME)


def unwrap(text: str) -> Carried | None:
    """The proof in a slot. A spoilt carrier proves nothing."""
    if is_carrier(text):
        return unload(text, own=NAME)
    return Carried(Signature(text, NAME)) if text else None


def without_foreign(items: Json) -> list[Json] | None:
    """A history without the reasoning that this API's upstreams did not seal.

    None when there is nothing to take out, which is the rule: it is there only after
    a conversation went on here that began at an upstream of another kind.
    """
    if not isinstance(items, list):
        return None
    own = [item for item in items if not _is_foreign(item)]
    return None if len(own) == len(items) else own


def _is_foreign(item: Json) -> bool:
    if not isinstance(item, dict) or item.get("type") != "reasoning":
        return False
    proof = item.get("encrypted_content")
    return isinstance(proof, str) and (not proof or is_carrier(proof))
