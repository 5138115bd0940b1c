"""Responses, as its vendor writes it: everything is told in pieces and as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from tests.judges.answers_openai_responses import response
from tests.judges.sample import Document

from . import scenes
from .scenes import Spoken, events, whole

__all__ = ["SPOKEN"]

USAGE: Final = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 18,
}
CACHED: Final = {
    "input_tokens": 20,
    "input_tokens_details": {"cached_tokens": 5},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 29,
}

Told: TypeAlias = tuple[Document, Callable[[int], list[Document]]]
"""An item as it is at its end, and the events that lead there, by its index."""


def numbered(*payloads: Document) -> bytes:
    return events(
        *({**p, "sequence_number": n} for n, p in enumerate(payloads)), named=True
    )


def begun() -> list[Document]:
    opening = response("in_progress")
    return [
        {"type": "response.created", "response": opening},
        {"type": "response.in_progress", "response": opening},
    ]


def spoken(
    *items: Told, status: str = "completed", usage: Document = USAGE, **more: Any
) -> Spoken:
    inside = [event for n, (_, tell) in enumerate(items) for event in tell(n)]
    return around(inside, [item for item, _ in items], status, usage, **more)


def around(
    inside: list[Document],
    items: list[Document],
    status: str = "completed",
    usage: Document = USAGE,
    **more: Any,
) -> Spoken:
    answer = response(status, *items, usage=usage, **more)
    last = {"type": f"response.{status}", "response": answer}
    return Spoken(numbered(*begun(), *inside, last), whole(answer))


def event(kind: str, index: int, item: str, **more: Any) -> Document:
    where = {"item_id": item, "output_index": index}
    return {"type": f"response.{kind}", **where, **more}


def framed(index: int, item: Document, empty: Document, *inside: Document) -> Any:
    opened = {"type": "response.output_item.added", "output_index": index}
    closed = {"type": "response.output_item.done", "output_index": index}
    first = {**item, **empty}
    if "status" in item:
        first["status"] = "in_progress"
    return [{**opened, "item": first}, *inside, {**closed, "item": item}]


def content(*pieces: str, kind: str = "output_text", number: int = 0) -> Told:
    """A message of one part."""
    slot = "text" if kind == "output_text" else "refusal"
    more: Document = {"annotations": []} if kind == "output_text" else {}
    extra: Document = {"logprobs": []} if kind == "output_text" else {}
    full = {"type": kind, slot: "".join(pieces), **more}
    name = f"msg_{number}"
    item = {
        "type": "message",
        "id": name,
        "status": "completed",
        "role": "assistant",
        "content": [full],
    }

    def tell(index: int) -> list[Document]:
        def at(kind: str, **more: Any) -> Document:
            return event(kind, index, name, content_index=0, **more)

        done: list[Document] = framed(
            index,
            item,
            {"content": []},
            at("content_part.added", part={**full, slot: ""}),
            *(at(f"{kind}.delta", delta=piece, **extra) for piece in pieces),
            at(f"{kind}.done", **{slot: "".join(pieces)}, **extra),
            at("content_part.done", part=full),
        )
        return done

    return item, tell


def thought(*pieces: str) -> Told:
    """Reasoning with a summary, sealed."""
    full = {"type": "summary_text", "text": "".join(pieces)}
    item = {
        "type": "reasoning",
        "id": "rs_0",
        "summary": [full],
        "encrypted_content": scenes.PROOF,
    }

    def tell(index: int) -> list[Document]:
        def at(kind: str, **more: Any) -> Document:
            kind = f"reasoning_summary_{kind}"
            return event(kind, index, "rs_0", summary_index=0, **more)

        done: list[Document] = framed(
            index,
            item,
            {"summary": [], "encrypted_content": ""},
            at("part.added", part={**full, "text": ""}),
            *(at("text.delta", delta=piece) for piece in pieces),
            at("text.done", text=full["text"]),
            at("part.done", part=full),
        )
        return done

    return item, tell


def call(number: int, name: str, *pieces: str, status: str = "completed") -> Told:
    text = "".join(pieces)
    item = {
        "type": "function_call",
        "id": f"fc_{number}",
        "status": status,
        "call_id": f"call_{number}",
        "name": name,
        "arguments": text,
    }

    def tell(index: int) -> list[Document]:
        def at(kind: str, **more: Any) -> Document:
            return event(
                f"function_call_arguments.{kind}", index, f"fc_{number}", **more
            )

        done: list[Document] = framed(
            index,
            item,
            {"arguments": ""},
            *(at("delta", delta=piece) for piece in pieces),
            at("done", arguments=text, name=name),
        )
        return done

    return item, tell


def interleaved(one: Told, other: Told) -> Spoken:
    """Two items whose events take turns."""
    left, right = one[1](0), other[1](1)
    mixed = [left.pop(0), right.pop(0)]
    while left or right:
        mixed += [*right[:1], *left[:1]]
        left, right = left[1:], right[1:]
    return around(mixed, [one[0], other[0]])


(F, F_TEXT), (G, G_TEXT) = scenes.TWO
HEL: Final = [*begun(), *content("Hel")[1](0)[:3]]
BUSY: Final = {"code": "server_error", "message": scenes.BUSY}

SPOKEN: Final = {
    "text": spoken(content("Hello, ", "wörld.")),
    "letters": spoken(content(*scenes.LETTERS)),
    "thought": spoken(thought(*scenes.THOUGHT), content("Yes.", number=1)),
    "a call": spoken(
        content("Let me look."),
        call(0, "f", scenes.ARGUMENTS[:11], scenes.ARGUMENTS[11:]),
    ),
    "two calls": interleaved(
        call(0, F, F_TEXT[:9], F_TEXT[9:]),
        call(1, G, G_TEXT[:5], G_TEXT[5:20], G_TEXT[20:]),
    ),
    "no arguments": spoken(call(0, "f", "{}")),
    "big arguments": spoken(call(0, "f", *scenes.BIG_PIECES)),
    "refusal": spoken(content(*scenes.REFUSAL, kind="refusal")),
    "limit": spoken(
        call(0, "f", scenes.CUT_ARGUMENTS, status="incomplete"),
        status="incomplete",
        incomplete_details={"reason": "max_output_tokens"},
    ),
    "cached": spoken(content("Yes."), usage=CACHED),
    "error": Spoken(
        numbered(
            *HEL[:5],
            {
                "type": "response.failed",
                "response": response("failed", error=BUSY, usage=None),
            },
        )
    ),
    "cut": Spoken(numbered(*HEL[:5])),
    "cut call": Spoken(
        numbered(*begun(), *call(0, "f", scenes.CUT_ARGUMENTS)[1](0)[:2])
    ),
}
