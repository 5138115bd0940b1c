"""A complete response of this API, and the neutral one, both ways.

Complete answers bend the same rules as streams do, so one is read as the stream of a
single chunk that it could have been: mended by the same lanes, decoded by the same
decoder.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_object,
    each,
    need,
    opt_object,
    opt_str,
)
from cliproxy_core.ir.citation import Citation
from cliproxy_core.ir.dialect import Legal, StreamContext
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Dropped,
    Emitted,
    Extras,
    MediaPart,
    NativePart,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
)
from cliproxy_core.ir.response import Candidate, Response, collect
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage

from .arguments import object_text, parse_object
from .carrier import wrap
from .decode import Decoder
from .emit import NOTHING, finish_word, is_lost, media_part, native_part, words_part
from .errors import is_writable
from .grammar import NAME, block_reason
from .mend_forms import Lane, camel
from .notes import Cited, emit_citations, emit_logprobs
from .usage import emit_usage, parse_usage

__all__ = ["emit_response", "parse_response", "skim_response"]

_RESPONSE: Final = frozenset(
    {"candidates", "usageMetadata", "modelVersion", "responseId"}
)
_CANDIDATE: Final = frozenset({"content", "finishReason", "index", "logprobsResult"})


def parse_response(payload: JsonObject, context: StreamContext) -> Response:
    """Raises `DecodeError`; an error object is found by `error_in` before."""
    payload = _spelled(payload)
    around: JsonObject = {
        "responseId": opt_str(payload, "responseId", ""),
        "modelVersion": opt_str(payload, "modelVersion", ""),
    }
    usage = _usage(payload)
    extras = _extras(payload, _RESPONSE)
    word = block_reason(payload)
    if word is not None and not payload.get("candidates"):
        refused = Candidate(parts=(), reason=Reason.REFUSAL, native_reason=word)
        return Response(
            id=opt_str(payload, "responseId", "") or "",
            model=opt_str(payload, "modelVersion", "") or "",
            candidates=(refused,),
            usage=usage,
            extras=extras,
        )
    candidates = _candidates(payload, context)
    legal: list[Legal] = [({**around, "candidates": [c]}, b"") for c in candidates]
    found = collect(Decoder(context).feed([*legal, (None, b"")]))
    assert isinstance(found, Response)  # nothing here breaks a stream
    return attrs.evolve(
        found,
        candidates=tuple(
            attrs.evolve(parsed, extras=_extras(candidate, _CANDIDATE))
            for parsed, candidate in zip(found.candidates, candidates, strict=True)
        ),
        usage=usage,
        extras=extras,
    )


def skim_response(payload: JsonObject) -> Usage | None:
    """The token counts; raises `DecodeError` for what is no answer."""
    if "usageMetadata" not in payload:
        payload = _spelled(payload)
    if not payload.get("candidates") and block_reason(payload) is None:
        raise DecodeError(".candidates", "no candidates")
    return _usage(payload)


def _spelled(payload: JsonObject) -> JsonObject:
    if not is_writable(payload):
        raise DecodeError("", "nested too deeply")
    spelled = camel(payload)
    return spelled if isinstance(spelled, dict) else payload


def _usage(payload: JsonObject) -> Usage | None:
    counts = opt_object(payload, "usageMetadata", "")
    usage = None if counts is None else parse_usage(counts)
    return None if usage is None or usage.total is None else usage


def _extras(holder: JsonObject, known: frozenset[str]) -> Extras:
    more = {key: value for key, value in holder.items() if key not in known}
    return Extras(NAME, more) if more else NO_EXTRAS


def _candidates(payload: JsonObject, context: StreamContext) -> list[JsonObject]:
    values = as_array(need(payload, "candidates", ""), ".candidates")
    if not values:
        raise DecodeError(".candidates", "no candidates")
    out: list[JsonObject] = []
    for value, path in each(values, ".candidates"):
        lane = Lane(len(out), context.ids, Counter())
        try:
            mended = lane.mend({**as_object(value, ""), "index": lane.number})
        except DecodeError as error:
            raise error.under(path) from None
        if mended.get("finishReason") is None:
            mended = {**mended, "finishReason": "STOP"}
        out.append(mended)
    return out


def emit_response(response: Response, context: StreamContext) -> Emitted:
    """The whole answer as this API writes it."""
    dropped: list[Dropped] = []
    own = response.extras.fields if response.extras.dialect == NAME else {}
    payload: JsonObject = {**own}
    if not _is_block(response, payload):
        payload["candidates"] = [
            _emit_candidate(candidate, index, context, dropped)
            for index, candidate in enumerate(response.candidates)
        ]
    if response.usage is not None:
        payload["usageMetadata"] = emit_usage(response.usage)
    payload["modelVersion"] = response.model or context.model
    payload["responseId"] = response.id or context.ids("resp_")
    return Emitted(payload, tuple(dropped))


def _is_block(response: Response, own: JsonObject) -> bool:
    """Whether the prompt was refused, by an upstream of this dialect."""
    said = any(candidate.parts for candidate in response.candidates)
    return not said and block_reason(own) is not None


def _emit_candidate(
    candidate: Candidate, index: int, context: StreamContext, dropped: list[Dropped]
) -> JsonObject:
    emitter = _Emitter(candidate.reason, f".candidates[{index}].parts", context)
    for place, part in enumerate(candidate.parts):
        emitter.take(part, place)
    dropped += emitter.dropped
    own = candidate.extras.fields if candidate.extras.dialect == NAME else {}
    notes: JsonObject = {}
    if "groundingMetadata" not in own and "citationMetadata" not in own:
        notes, lost = emit_citations(emitter.cited)
        if lost:
            dropped.append(Dropped(emitter.path, "citation without an address"))
    parts: list[Json] = [*emitter.parts] or [NOTHING]
    word = finish_word(
        candidate.reason,
        candidate.native_reason,
        emitter.lost,
        refused=any(isinstance(part, Refusal) for part in candidate.parts),
    )
    return {
        **own,
        **notes,
        **emit_logprobs(candidate.tokens),
        "content": {"parts": parts, "role": "model"},
        "finishReason": word,
        "index": index,
    }


@attrs.define
class _Emitter:
    """The parts of one candidate."""

    reason: Reason
    path: str
    context: StreamContext
    parts: list[JsonObject] = attrs.field(factory=list)
    dropped: list[Dropped] = attrs.field(factory=list)
    cited: list[tuple[Citation, Cited]] = attrs.field(factory=list)
    lost: list[str] = attrs.field(factory=list)
    _before: int = 0

    def take(self, part: Part, place: int) -> None:
        written = self._written(part)
        if isinstance(written, str):
            self.dropped.append(Dropped(f"{self.path}[{place}]", written))
        elif written:
            self.parts.append(written)

    def _written(self, part: Part) -> JsonObject | str | None:
        """A part, nothing, or why it cannot be said."""
        match part:
            case Text(text=text, signature=proof):
                cited = Cited(text, self._before)
                self.cited += [(citation, cited) for citation in part.citations]
                self._before += len(text.encode())
                return words_part(text, proof, thought=False) if text or proof else None
            case Refusal(text=text):
                self._before += len(text.encode())
                return words_part(text, None, thought=False) if text else None
            case Reasoning(text=text, signature=proof):
                return words_part(text, proof, thought=True) if text or proof else None
            case Redacted(sealed=sealed):
                return words_part("", sealed, thought=True, sealed=True)
            case ToolCall():
                return self._call(part)
            case MediaPart(media=media):
                return media_part(media) or "media without data"
            case NativePart(dialect=dialect, raw=raw) if dialect == NAME:
                return native_part(raw)
            case NativePart(dialect=dialect):
                return f"only {dialect} knows it"
            case _:
                return "not part of an answer"

    def _call(self, call: ToolCall) -> JsonObject | str:
        text = object_text(call.arguments, call.kind)
        args = None if text is None else parse_object(text)
        if args is None or is_lost(call.arguments, self.reason):
            self.lost.append(call.arguments)
            return "a call that was cut"
        ident = call.call_id or self.context.ids("call_")
        made: JsonObject = {
            "functionCall": {"id": ident, "name": call.name, "args": args}
        }
        if call.signature is not None:
            made["thoughtSignature"] = wrap(call.signature)
        return made
