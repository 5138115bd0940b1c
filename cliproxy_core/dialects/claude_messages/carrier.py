"""Proofs of reasoning in the one slot that this API has for them.

A proof of this API's own travels as it is. One that another dialect's upstream made
travels in a carrier, so that the caller brings it back and it finds its issuer again:

    cliproxy1:<issuer>:<format or empty>:<text>

An empty slot means that nobody vouches.
"""

from __future__ import annotations

import re
from typing import Final

from cliproxy_core.ir.reasoning import Signature

from .grammar import NAME

__all__ = ["unwrap", "wrap"]

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
