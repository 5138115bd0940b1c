"""Reasoning in a message, in each form that it comes in, and as this API tells it.

Best first: OpenRouter's `reasoning_details` with proofs, LiteLLM's `thinking_blocks`,
and plain `reasoning_content`, which nobody vouches for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_str,
    each,
    need_str,
    opt_array,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import Part, Reasoning, Redacted

from .carrier import unwrap, wrap
from .grammar import NAME

__all__ = [
    "details_of",
    "parse_thoughts",
    "sealed_entry",
    "signature_of",
    "signed_entry",
]

CLAUDE: Final = "claude_messages"
_ANTHROPIC: Final = "anthropic"
"""How their formats begin."""

_NOTHING: Final = Reasoning("")

_PLAIN: Final = ("reasoning_content", "reasoning")

# What the issuers of proofs are called in `reasoning_details` (OpenRouter, "Reasoning
# tokens", 2026-11).
_FORMATS: Final[Mapping[str, str]] = {
    CLAUDE: "anthropic-claude-v1",
    "gemini": "google-gemini-v1",
    "openai_responses": "openai-responses-v1",
}


# What callers send.


def parse_thoughts(message: JsonObject) -> list[Reasoning | Redacted] | None:
    """None if there are details of a kind that only their upstream understands."""
    details = opt_array(message, "reasoning_details", "")
    if details:
        entries = parse_each(details, ".reasoning_details", _parse_detail)
        known = [entry for entry in entries if entry is not None]
        if len(known) < len(entries):
            return None
        known = [entry for entry in known if entry != _NOTHING]
        if any(isinstance(entry, Reasoning) for entry in known):
            return known
        return [*_parse_plain(message), *known]
    blocks = opt_array(message, "thinking_blocks", "")
    if blocks:
        return parse_each(blocks, ".thinking_blocks", _parse_block)
    return list(_parse_plain(message))


def _parse_detail(entry: JsonObject) -> Reasoning | Redacted | None:
    kind, form = opt_str(entry, "type", ""), opt_str(entry, "format", "")
    if kind == "reasoning.encrypted":
        sealed = _proof(need_str(entry, "data", ""), form)
        return _NOTHING if sealed is None else Redacted(sealed)
    if kind == "reasoning.text":
        proof = opt_str(entry, "signature", "")
        signature = _proof(proof, form) if proof else None
        return Reasoning(opt_str(entry, "text", "") or "", signature)
    if kind == "reasoning.summary":
        return Reasoning(opt_str(entry, "summary", "") or "")
    return None


def _proof(text: str, form: str | None) -> Signature | None:
    """Whose it is. OpenRouter hands Claude's on as they are."""
    proof = unwrap(text, NAME, form)
    if proof is None or proof.issuer != NAME or form is None:
        return proof
    return Signature(text, CLAUDE, form) if form.startswith(_ANTHROPIC) else proof


def _parse_block(block: JsonObject) -> Reasoning | Redacted:
    if block.get("type") == "redacted_thinking":
        return Redacted(Signature(need_str(block, "data", ""), CLAUDE))
    if block.get("type") != "thinking":
        raise DecodeError(".type", "neither thinking nor redacted_thinking")
    proof = opt_str(block, "signature", "")
    text = need_str(block, "thinking", "")
    return Reasoning(text, Signature(proof, CLAUDE) if proof else None)


def _parse_plain(message: JsonObject) -> list[Reasoning]:
    """`reasoning_content`: a string, or pieces of one."""
    for key in _PLAIN:
        value, where = message.get(key), f".{key}"
        if isinstance(value, list):
            pieces = each(as_array(value, where), where)
            value = "".join(_piece(piece, at) for piece, at in pieces)
        if value is not None and (text := as_str(value, where)):
            return [Reasoning(text)]
    return []


def _piece(value: Json, path: str) -> str:
    if isinstance(value, dict):
        return need_str(value, "text", path)
    return as_str(value, path)


# What upstreams answer, and what is told of it.


def signature_of(entry: JsonObject, key: str) -> Signature | None:
    """The proof in an entry of `reasoning_details`; only its upstream gets it back."""
    text, kind = entry.get(key), entry.get("format")
    if not isinstance(text, str) or not text:
        return None
    return Signature(text, NAME, kind if isinstance(kind, str) else None)


def signed_entry(index: int, text: str, signature: Signature) -> JsonObject:
    """An entry of `reasoning_details` for reasoning that somebody vouches for."""
    return {
        "type": "reasoning.text",
        "index": index,
        "text": text,
        "signature": wrap(signature),
        "format": _format(signature),
    }


def sealed_entry(index: int, sealed: Signature) -> JsonObject:
    """An entry of `reasoning_details` for reasoning that only its issuer can read."""
    return {
        "type": "reasoning.encrypted",
        "index": index,
        "data": wrap(sealed),
        "format": _format(sealed),
    }


def details_of(parts: Iterable[Part]) -> list[Json]:
    """The entries for all reasoning that somebody vouches for."""
    out: list[Json] = []
    for part in parts:
        if isinstance(part, Redacted):
            out.append(sealed_entry(len(out), part.sealed))
        elif isinstance(part, Reasoning) and part.signature is not None:
            out.append(signed_entry(len(out), part.text, part.signature))
    return out


def _format(signature: Signature) -> str:
    return signature.format or _FORMATS.get(signature.issuer, "unknown")
