"""Opaque state of other issuers, in the one slot that this API has for it.

The slot is `encrypted_content` of a reasoning item. A proof of this API's own stands
there as it is. One that another dialect's upstream made travels in a carrier, so that
the caller brings it back and it finds its issuer again:

    cliproxy1:<issuer>:<format>:<text>

Words and calls have no slot here. What goes with a call stands in a reasoning item of
its own before it, what goes with words in one after them; such a carrier says so with
`next` or `previous` in front of the format (`next`, `next/v1`). The direction is in
the carrier because callers drop and rewrite ids. An empty slot means that nobody
vouches.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from cliproxy_core.base.jsonval import Json
from cliproxy_core.base.value import value
from cliproxy_core.ir.reasoning import Signature

from .grammar import NAME

__all__ = ["Carried", "Place", "unwrap", "without_foreign", "wrap"]

_PREFIX: Final = "cliproxy1:"
_CARRIER: Final = re.compile(r"cliproxy1:([^:]+):([^:]*):(.+)", re.DOTALL)


class Place(enum.Enum):
    """What a proof belongs to, seen from the item that carries it."""

    OWN = ""
    """The reasoning of the item itself."""
    NEXT = "next"
    """The call that follows."""
    PREVIOUS = "previous"
    """The words before it."""


_PLACES: Final = {place.value: place for place in Place}


@value
class Carried:
    """A proof that came in the slot, and what it belongs to."""

    signature: Signature
    place: Place = Place.OWN


def wrap(signature: Signature | None, place: Place = Place.OWN) -> str:
    """What stands in the slot for a proof."""
    if signature is None or not signature.text:
        return ""
    if signature.issuer == NAME and place is Place.OWN:
        return signature.text
    field = _field(place, signature.format or "")
    return f"{_PREFIX}{signature.issuer}:{field}:{signature.text}"


def unwrap(text: str) -> Carried | None:
    """The proof in a slot. A spoilt carrier proves nothing."""
    if not text:
        return None
    if not text.startswith(_PREFIX):
        return Carried(Signature(text, NAME))
    match = _CARRIER.fullmatch(text)
    if match is None:
        return None
    place, form = _place(match[2])
    if match[1] == NAME and place is Place.OWN:
        return None  # a carrier never holds what needs none: such a thing was made up
    return Carried(Signature(match[3], match[1], form or None), place)


def _field(place: Place, form: str) -> str:
    form = form.replace("%", "%25").replace(":", "%3A")
    if form and (place is not Place.OWN or form.partition("/")[0] in _PLACES):
        return f"{place.value}/{form}"
    return form or place.value


def _place(field: str) -> tuple[Place, str]:
    word, slash, form = field.partition("/")
    if word not in _PLACES:
        word, slash, form = "", "/", field
    form = form if slash else ""
    return _PLACES[word], form.replace("%3A", ":").replace("%25", "%")


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
    return isinstance(proof, str) and (not proof or proof.startswith(_PREFIX))
