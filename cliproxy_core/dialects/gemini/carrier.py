"""Opaque state in the one slot that this API has for it, `thoughtSignature`.

State of this API's own travels as it is. What another dialect's upstream made travels
in a carrier, so that the caller brings it back and it finds its issuer again:

    base64("cliproxy1:<issuer>:<format or empty>:<text>")

Thinking that was not shown and thinking that is sealed look alike here; where an issuer
tells them apart, `sealed` in front of the format says so (`sealed`, `sealed/v1`).
The slot holds bytes, so a carrier is base64 like everything else in it. Callers may
bring it back in the other alphabet: the vendor's Python SDK writes the URL-safe one.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.reasoning import Signature

from .grammar import NAME

__all__ = ["is_sealed", "unwrap", "without_foreign", "wrap"]

_PREFIX: Final = "cliproxy1:"
_CARRIER: Final = re.compile(r"cliproxy1:([^:]+):([^:]*):(.+)", re.DOTALL)
_SEALED: Final = "sealed"
_PROOF: Final = "thoughtSignature"

# The prefix is 10 bytes; 12 signs of base64 are the first 9 of them in any case.
_START: Final = base64.b64encode(_PREFIX.encode())[:12].decode()

_SAFE: Final = str.maketrans("-_", "+/")


def wrap(signature: Signature, *, sealed: bool = False) -> str:
    """What stands in the slot for a piece of state."""
    if signature.issuer == NAME:
        return signature.text
    form = (signature.format or "").replace("%", "%25").replace(":", "%3A")
    if sealed:
        form = f"{_SEALED}/{form}" if form else _SEALED
    elif form.partition("/")[0] == _SEALED or form[:1] == "/":
        form = f"/{form}"
    carrier = f"{_PREFIX}{signature.issuer}:{form}:{signature.text}"
    return base64.b64encode(carrier.encode("utf-8", "replace")).decode()


def unwrap(text: str) -> Signature | None:
    """The state in a slot. A spoilt carrier proves nothing."""
    if not text:
        return None
    if not _is_carrier(text):
        return Signature(text, NAME)
    match = _CARRIER.fullmatch(_opened(text))
    if match is None:
        return None
    issuer, form = match[1], match[2]
    mark, slash, rest = form.partition("/")
    if mark == _SEALED or (slash and not mark):
        form = rest
    form = form.replace("%3A", ":").replace("%25", "%")
    # A carrier never holds what needs none: such a thing was made up.
    return None if issuer == NAME else Signature(match[3], issuer, form or None)


def is_sealed(text: str) -> bool:
    """Whether a carrier holds what only its issuer can read."""
    match = _CARRIER.fullmatch(_opened(text)) if _is_carrier(text) else None
    return match is not None and match[2].partition("/")[0] == _SEALED


def without_foreign(contents: Json) -> list[Json] | None:
    """A history without the state that this API's upstreams did not make.

    None when there is nothing to take out, which is the rule: it is there only after
    a conversation went on here that began at an upstream of another kind.
    """
    if not isinstance(contents, list):
        return None
    out = [_own_only(content) for content in contents]
    same = all(new is old for new, old in zip(out, contents, strict=True))
    return None if same else [content for content in out if content is not None]


def _is_carrier(text: str) -> bool:
    # No sign of the prefix in base64 differs between the alphabets.
    return text.startswith(_START)


def _opened(text: str) -> str:
    standard = text.translate(_SAFE).rstrip("=")
    try:
        data = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
        return data.decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _own_only(content: Json) -> Json:
    """The turn, a smaller one, or None where nothing is left of it."""
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(parts, list):
        return content
    if not any(isinstance(part, dict) and _PROOF in part for part in parts):
        return content
    own = [_own_part(part) for part in parts]
    if all(new is old for new, old in zip(own, parts, strict=True)):
        return content
    kept: list[Json] = [part for part in own if part is not None]
    return {**content, "parts": kept} if kept else None


def _own_part(part: Json) -> Json:
    """The part without a carrier; None where it was there for nothing else."""
    proof = part.get(_PROOF) if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(proof, str):
        return part
    if not _is_carrier(proof):
        return part
    rest: JsonObject = {k: v for k, v in part.items() if k != _PROOF}
    if rest.get("thought") or rest.get("text") == "":
        return None
    return rest
