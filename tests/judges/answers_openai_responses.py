"""Answers of Responses, by hand."""

from __future__ import annotations

from typing import Any, Final

from .reading import Candidate, ContradictionError, Fault, Part, Reading, other
from .sample import Answer, Document, Illegal, named

__all__ = ["ANSWERS", "ILLEGAL"]

USAGE: Final = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 14,
}


def response(status: str, *output: Document, **more: Any) -> Document:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": "m",
        "output": list(output),
        "error": None,
        "incomplete_details": None,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None if status == "in_progress" else USAGE,
        **more,
    }


def stream(*events: Document) -> bytes:
    """Events in order, numbered."""
    begun = {"type": "response.created", "response": response("in_progress")}
    return named(*({**e, "sequence_number": n} for n, e in enumerate((begun, *events))))


def ended(answer: Document) -> Document:
    return {"type": f"response.{answer['status']}", "response": answer}


def added(index: int, item: Document, **emptied: Any) -> Document:
    item = {**item, "status": "in_progress", **emptied}
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(index: int, item: Document) -> Document:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def delta(kind: str, index: int, text: str, **more: Any) -> Document:
    return {
        "type": f"response.{kind}.delta",
        "item_id": f"item_{index}",
        "output_index": index,
        "delta": text,
        **more,
    }


def words(index: int, text: str) -> Document:
    return delta("output_text", index, text, content_index=0, logprobs=[])


def arguments(index: int, text: str) -> Document:
    return delta("function_call_arguments", index, text)


def part(index: int, content: Document) -> Document:
    where = {"item_id": f"item_{index}", "output_index": index, "content_index": 0}
    return {"type": "response.content_part.added", **where, "part": content}


def said(*content: Document, index: int = 0) -> Document:
    kind = {"type": "message", "role": "assistant", "status": "completed"}
    return {**kind, "id": f"item_{index}", "content": list(content)}


def text(words_: str) -> Document:
    return {"type": "output_text", "text": words_, "annotations": []}


def made(index: int, name: str, given: str) -> Document:
    known = {"type": "function_call", "id": f"item_{index}", "status": "completed"}
    return {**known, "call_id": f"call_{index}", "name": name, "arguments": given}


def telling(index: int, whole: str, *pieces: str) -> list[Document]:
    """The events of a message."""
    message = said(text(whole), index=index)
    return [
        added(index, message, content=[]),
        part(index, text("")),
        *(words(index, piece) for piece in pieces or (whole,)),
        done(index, message),
    ]


def reading(status: str | None, *parts: Part, **more: Any) -> Reading:
    detail = more.pop("detail", None)
    candidate = Candidate(parts, status, detail)
    return Reading(candidates=(candidate,), **{"usage": USAGE, **more})


HELLO: Final = said(text("Hello, wörld."))
WORLD: Final = response("completed", HELLO)
THOUGHT: Final = {
    "type": "reasoning",
    "id": "item_0",
    "summary": [
        {"type": "summary_text", "text": "hmm"},
        {"type": "summary_text", "text": "so"},
    ],
    "content": [{"type": "reasoning_text", "text": "in full"}],
    "encrypted_content": "c2VhbA==",
}
THINKING: Final = response("completed", THOUGHT, said(text("Yes."), index=1))
F: Final = made(0, "f", '{"n":1.0,"b":true}')
G: Final = made(1, "g", '{"x": 12345678901234567890}')
CALLING: Final = response("completed", F, G)
EMPTY: Final = made(0, "f", "{}")
REFUSAL: Final = said({"type": "refusal", "refusal": "I won't."})
CUSTOM: Final = {
    "type": "custom_tool_call",
    "id": "item_0",
    "call_id": "call_0",
    "name": "f",
    "input": "free {text",
}
SEARCH: Final = {
    "type": "web_search_call",
    "id": "item_0",
    "status": "completed",
    "action": {"type": "search", "query": "q"},
}
LIMIT: Final = response(
    "incomplete",
    made(0, "f", '{"x": "ab'),
    incomplete_details={"reason": "max_output_tokens"},
)
BUSY: Final = {"code": "server_error", "message": "all are busy"}
FAILED: Final = response("failed", error=BUSY, usage=None)
FAULT: Final = Fault(None, "server_error", "all are busy")
ERROR: Final = {"type": "error", **BUSY, "param": None}

ANSWERS: Final = {
    "text": Answer(
        stream(*telling(0, "Hello, wörld.", "Hello, ", "wörld."), ended(WORLD)),
        reading("completed", ("text", "Hello, wörld.")),
        WORLD,
    ),
    "reasoning with a signature": Answer(
        stream(
            added(0, THOUGHT, summary=[], content=[], encrypted_content=None),
            delta("reasoning_summary_text", 0, "hm", summary_index=0),
            delta("reasoning_summary_text", 0, "m", summary_index=0),
            delta("reasoning_summary_text", 0, "so", summary_index=1),
            delta("reasoning_text", 0, "in full", content_index=0),
            done(0, THOUGHT),
            *telling(1, "Yes."),
            ended(THINKING),
        ),
        reading(
            "completed",
            ("summary", "hmm"),
            ("summary", "so"),
            ("reasoning", "in full"),
            ("encrypted", "c2VhbA=="),
            ("text", "Yes."),
        ),
        THINKING,
    ),
    "two interleaved calls": Answer(
        stream(
            added(0, F, arguments=""),
            added(1, G, arguments=""),
            arguments(1, '{"x": '),
            arguments(0, '{"n":1.0,'),
            arguments(1, "12345678901234567890}"),
            done(1, G),
            arguments(0, '"b":true}'),
            done(0, F),
            ended(CALLING),
        ),
        reading(
            "completed",
            ("call", "call_0", "f", '{"n":1.0,"b":true}'),
            ("call", "call_1", "g", '{"x":12345678901234567890}'),
        ),
        CALLING,
    ),
    "a call without arguments": Answer(
        stream(
            added(0, EMPTY, arguments=""),
            arguments(0, "{}"),
            done(0, EMPTY),
            ended(response("completed", EMPTY)),
        ),
        reading("completed", ("call", "call_0", "f", "{}")),
        response("completed", EMPTY),
    ),
    "a custom call": Answer(
        stream(
            added(0, CUSTOM, input=""),
            delta("custom_tool_call_input", 0, "free "),
            delta("custom_tool_call_input", 0, "{text"),
            done(0, CUSTOM),
            ended(response("completed", CUSTOM)),
        ),
        reading("completed", ("custom", "call_0", "f", "free {text")),
        response("completed", CUSTOM),
    ),
    "a refusal": Answer(
        stream(
            added(0, REFUSAL, content=[]),
            part(0, {"type": "refusal", "refusal": ""}),
            delta("refusal", 0, "I ", content_index=0),
            delta("refusal", 0, "won't.", content_index=0),
            done(0, REFUSAL),
            ended(response("completed", REFUSAL)),
        ),
        reading("completed", ("refusal", "I won't.")),
        response("completed", REFUSAL),
    ),
    "a search": Answer(
        stream(added(0, SEARCH), done(0, SEARCH), ended(response("completed", SEARCH))),
        reading(
            "completed",
            other({"type": "web_search_call", "action": SEARCH["action"]}),
        ),
        response("completed", SEARCH),
    ),
    "an error": Answer(
        stream(
            added(0, HELLO, content=[]),
            part(0, text("")),
            words(0, "Hel"),
            ERROR,
            ended(FAILED),
        ),
        reading("failed", ("text", "Hel"), usage=None, error=FAULT),
    ),
    "an error at once": Answer(
        stream(ended(FAILED)),
        reading("failed", usage=None, error=FAULT),
        FAILED,
    ),
    "an error event alone": Answer(
        stream(*telling(0, "A"), ERROR),
        reading(None, ("text", "A"), usage=None, error=FAULT),
    ),
    "an error of another shape": Answer(
        stream({"type": "error", "error": {"type": "t", **BUSY}}),
        reading(None, usage=None, error=Fault("t", "server_error", "all are busy")),
    ),
    "a cut text": Answer(
        stream(
            added(0, THOUGHT, summary=[], content=[], encrypted_content=None),
            delta("reasoning_summary_text", 0, "hm", summary_index=0),
            delta("reasoning_text", 0, "in", content_index=0),
            added(1, HELLO, content=[]),
            part(1, text("")),
            words(1, "Hel"),
        ),
        reading(
            None,
            ("summary", "hm"),
            ("reasoning", "in"),
            ("text", "Hel"),
            usage=None,
        ),
    ),
    "a call that was cut": Answer(
        stream(added(0, F, arguments=""), arguments(0, '{"n":')),
        reading(None, ("cut call", "call_0", "f", '{"n":'), usage=None),
    ),
    "a call at the limit": Answer(
        stream(
            added(0, F, arguments=""),
            arguments(0, '{"x": "ab'),
            done(0, LIMIT["output"][0]),
            ended(LIMIT),
        ),
        reading(
            "incomplete",
            ("cut call", "call_0", "f", '{"x": "ab'),
            detail="max_output_tokens",
        ),
        LIMIT,
    ),
}

ILLEGAL: Final[Illegal] = {
    "no created": (named(*telling(0, "A")), RuntimeError, "response.created"),
    "no output_item.added": (stream(words(0, "A")), RuntimeError, "output item"),
    "no content_part.added": (
        stream(added(0, HELLO, content=[]), words(0, "A")),
        IndexError,
        "",
    ),
    "an item twice": (stream(added(0, F), added(0, G)), RuntimeError, "Duplicate"),
    "an end before an item's": (
        stream(added(0, F, arguments=""), ended(response("completed"))),
        RuntimeError,
        "unfinished",
    ),
    "another answer's end": (
        stream(ended(response("completed", id="resp_2"))),
        RuntimeError,
        "identity",
    ),
    "another item's end": (
        stream(added(0, F), done(0, made(0, "f", "{}") | {"call_id": "x"})),
        RuntimeError,
        "identity",
    ),
    "pieces unlike the whole": (
        stream(*telling(0, "Hello", "Hell"), ended(WORLD)),
        ContradictionError,
        "item 0",
    ),
    "a whole without pieces": (
        stream(added(0, F, arguments=""), done(0, F)),
        ContradictionError,
        "item 0",
    ),
    "an end unlike the rest": (
        stream(*telling(0, "Hello"), ended(WORLD)),
        ContradictionError,
        "at the end",
    ),
    "two ends": (
        stream(ended(FAILED), ended(FAILED)),
        ContradictionError,
        "second end",
    ),
    "an end unlike the error": (
        stream(ERROR, ended(response("completed"))),
        ContradictionError,
        "busy",
    ),
    "no JSON": (stream() + b"data: {nope\n\n", ValueError, ""),
}
