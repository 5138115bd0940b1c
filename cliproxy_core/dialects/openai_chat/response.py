"""A complete response of this API, and the neutral one, both ways.

Whole messages bend the same rules as streams do, so a response is read as the stream
that it would have been: mended by the same lanes, decoded by the same decoder.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
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
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Legal, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Emitted,
    Extras,
    Part,
    Reasoning,
    Redacted,
    Refusal,
    Text,
    ToolCall,
)
from cliproxy_core.ir.response import Candidate, Response, collect
from cliproxy_core.ir.usage import Usage

from .decode import ChatDecoder
from .encode import finish_word, sealed_entry, signed_entry
from .grammar import NAME
from .mend_delta import FAILED_WORDS, Lane
from .turns import emit_calls
from .usage import emit_usage, parse_usage

__all__ = ["emit_response", "parse_response", "skim_response"]

_RESPONSE: Final = frozenset({"id", "object", "created", "model", "choices", "usage"})
_CHOICE: Final = frozenset(
    {"index", "message", "finish_reason", "native_finish_reason", "logprobs"}
)
_MESSAGE: Final = frozenset(
    {
        "role",
        "content",
        "refusal",
        "tool_calls",
        "function_call",
        "reasoning_content",
        "reasoning",
        "reasoning_details",
    }
)


def parse_response(payload: JsonObject, context: StreamContext) -> Response:
    """Raises `DecodeError`; an error object is found by `error_in` before."""
    ident = opt_str(payload, "id", "") or ""
    around: JsonObject = {
        "id": ident,
        "model": opt_str(payload, "model", "") or "",
        "created": _seconds(payload.get("created")),
    }
    usage = opt_object(payload, "usage", "")
    choices = each(as_array(need(payload, "choices", ""), ".choices"), ".choices")
    if not choices:
        raise DecodeError(".choices", "no candidates")
    # Made ids depend on the answer alone, so that reading it twice gives them again.
    ids = Ids(ident.encode()[:64])
    legal: list[Legal] = []
    extras: list[Extras] = []
    for number, (value, path) in enumerate(choices):
        choice = as_object(value, path)
        legal += [
            ({**around, "choices": [delta]}, b"")
            for delta in _deltas(choice, number, path, ids)
        ]
        extras.append(_choice_extras(choice))
    found = collect([*ChatDecoder(context).feed(legal), ev.Ended()])
    if isinstance(found, Failure):
        raise DecodeError("", found.message)
    candidates = (
        attrs.evolve(candidate, extras=extra)
        for candidate, extra in zip(found.candidates, extras, strict=True)
    )
    more = {key: value for key, value in payload.items() if key not in _RESPONSE}
    return attrs.evolve(
        found,
        candidates=tuple(candidates),
        usage=None if usage is None else parse_usage(usage),
        extras=Extras(NAME, more) if more else NO_EXTRAS,
    )


def _seconds(value: Json) -> int | None:
    """Some services write fractions of a second, or text; nobody depends on it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    return None


def skim_response(payload: JsonObject) -> Usage | None:
    """The token counts; raises `DecodeError` for what holds no candidates."""
    if not as_array(need(payload, "choices", ""), ".choices"):
        raise DecodeError(".choices", "no candidates")
    usage = opt_object(payload, "usage", "")
    return None if usage is None else parse_usage(usage)


def _deltas(choice: JsonObject, number: int, path: str, ids: Ids) -> list[JsonObject]:
    """A whole message as the deltas of a stream; the last one finishes."""
    message = as_object(need(choice, "message", path), f"{path}.message")
    lane = Lane(number, ids, Counter())
    delta, _ = lane.mend({"message": message})
    held = lane.calls.flush()
    word = opt_str(choice, "finish_reason", path) or None
    if word is not None and word.lower() in FAILED_WORDS:
        raise DecodeError(f"{path}.finish_reason", "the upstream broke down")
    legal = lane.conclude(word)
    native = opt_str(choice, "native_finish_reason", path) or word or legal
    last: JsonObject = {"finish_reason": legal, "native_finish_reason": native}
    return [
        {"index": number, "delta": delta},
        {"index": number, "delta": {"tool_calls": held}, **last},
    ]


def _choice_extras(choice: JsonObject) -> Extras:
    """What the neutral candidate does not hold, of the choice and its message."""
    fields = {key: value for key, value in choice.items() if key not in _CHOICE}
    if choice.get("logprobs") is not None:
        fields["logprobs"] = choice["logprobs"]
    message = choice.get("message")
    if isinstance(message, dict):
        more = {key: value for key, value in message.items() if key not in _MESSAGE}
        if more:
            fields["message"] = more
    return Extras(NAME, fields) if fields else NO_EXTRAS


def emit_response(response: Response, context: StreamContext) -> Emitted:
    """The whole answer as this API writes it."""
    created = context.created if response.created is None else response.created
    own = response.extras.fields if response.extras.dialect == NAME else {}
    payload: JsonObject = {
        **own,
        "id": response.id or context.ids("chatcmpl-"),
        "object": "chat.completion",
        "created": created,
        "model": response.model or context.model,
        "choices": [_emit_choice(c, i) for i, c in enumerate(response.candidates)],
    }
    if response.usage is not None:
        payload["usage"] = emit_usage(response.usage)
    return Emitted(payload)


def _emit_choice(candidate: Candidate, index: int) -> JsonObject:
    own = dict(candidate.extras.fields) if candidate.extras.dialect == NAME else {}
    more = own.pop("message", None)
    called = any(isinstance(part, ToolCall) for part in candidate.parts)
    word = finish_word(candidate.reason, calls=called)
    native = candidate.native_reason
    message = _emit_message(candidate.parts, cut=word == "length")
    return {
        "logprobs": None,
        **own,
        "index": index,
        "message": {**(more if isinstance(more, dict) else {}), **message},
        "finish_reason": word,
        **({"native_finish_reason": native} if native not in (None, word) else {}),
    }


def _emit_message(parts: tuple[Part, ...], *, cut: bool) -> JsonObject:
    texts = [part.text for part in parts if isinstance(part, Text)]
    refusals = [part.text for part in parts if isinstance(part, Refusal)]
    thoughts = [part.text for part in parts if isinstance(part, Reasoning)]
    called = [item for item in enumerate(parts) if isinstance(item[1], ToolCall)]
    content = "".join(texts)
    message: JsonObject = {
        "role": "assistant",
        "content": content or (None if called or refusals else ""),
        "refusal": "".join(refusals) or None,
    }
    if any(thoughts):
        message["reasoning_content"] = "".join(thoughts)
    details = _emit_details(parts)
    if details:
        message["reasoning_details"] = details
    if called:
        # A call that was cut must not look as if it took no arguments.
        message["tool_calls"] = emit_calls(called, "", [], empty="" if cut else "{}")
    return message


def _emit_details(parts: tuple[Part, ...]) -> list[Json]:
    out: list[Json] = []
    for part in parts:
        if isinstance(part, Redacted):
            out.append(sealed_entry(len(out), part.sealed))
        elif isinstance(part, Reasoning) and part.signature is not None:
            out.append(signed_entry(len(out), part.text, part.signature))
    return out
