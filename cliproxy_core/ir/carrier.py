"""Opaque state of one issuer on its way through callers of another dialect.

A slot that a dialect has for proofs holds its own as they are. One that another
dialect's upstream made travels in a carrier, so that the caller brings it back and it
finds its issuer again:

    cliproxy1:<issuer>:<format>:<text>

Where words and calls have no slot of their own, what goes with a call stands in a slot
before it, what goes with words in one after them; such a carrier says so with `next` or
`previous` in front of the format (`next`, `next/v1`). The direction is in the carrier
because callers drop and rewrite ids.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from cliproxy_core.base.value import value

from .reasoning import Signature

__all__ = ["Carried", "Place", "is_carrier", "load", "unload"]

_PREFIX: Final = "cliproxy1:"
_CARRIER: Final = re.compile(r"cliproxy1:([^:]+):([^:]*):(.+)", re.DOTALL)


class Place(enum.Enum):
    """What a proof belongs to, seen from the slot that carries it."""

    OWN = ""
    """The thinking in the slot's own block or item."""
    NEXT = "next"
    """The call that follows."""
    PREVIOUS = "previous"
    """The words before it."""


_PLACES: Final = {place.value: place for place in Place}


@value
class Carried:
    """A proof that came in a slot, and what it belongs to."""

    signature: Signature
    place: Place = Place.OWN


def load(signature: Signature | None, place: Place, *, own: str) -> str:
    """What stands for a proof in a slot of the dialect `own`; empty: nobody vouches."""
    if signature is None or not signature.text:
        return ""
    if signature.issuer == own and place is Place.OWN:
        return signature.text
    field = _field(place, signature.format or "")
    return f"{_PREFIX}{signature.issuer}:{field}:{signature.text}"


def is_carrier(text: str) -> bool:
    """Whether it is, or was meant to be, a carrier of ours."""
    return text.startswith(_PREFIX)


def unload(text: str, *, own: str) -> Carried | None:
    """The proof in a carrier. A spoilt one proves nothing."""
    match = _CARRIER.fullmatch(text)
    if match is None:
        return None
    place, form = _place(match[2])
    if match[1] == own and place is Place.OWN:
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
