"""Bends of Responses: words and thoughts that come in one place only, or never end."""

from __future__ import annotations

from typing import Any, Final

from tests.interop.readings import Declined, Said, Thought

from .bend import Bend, Breaks, Means
from .responses_frames import (
    BEGIN,
    GREETING,
    HELLO,
    MESSAGE,
    at,
    closed,
    ended,
    limited,
    message,
    opened,
    part,
    reasoning,
    said,
    speech,
    told,
)

__all__ = ["RESPONSES_ITEMS"]

ADDED, PART, _, _, TEXT_DONE, PART_DONE, ITEM_DONE = GREETING
DONE: Final = ended(MESSAGE)
MORE: Final = message("Hel"), message("lo", number=1)

REFUSAL: Final = message(content=[part("I won't.", "refusal")])
DECLINES: Final = Means(parts=(Declined("I won't."),))

SEALED: Final = reasoning("Hmm.", encrypted_content="c2ln")
THOUGHT: Final = Means(parts=(Thought("Hmm.", "c2ln"), Said("Hello")))
AFTER: Final = speech(1, "Hello")

ADDRESS: Final = "https://example.com/a"
CITED: Final = {
    "type": "url_citation",
    "url": ADDRESS,
    "title": "A",
    "start_index": 0,
    "end_index": 5,
}
SOURCED: Final = Means(parts=(Said("Hello"),), sources=(ADDRESS,))
KNOWING: Final = message(content=[part("Hello", annotations=[CITED])])

COMPACT: Final = {"type": "compaction", "id": "cmp_0", "encrypted_content": "eA=="}
SEARCH: Final = {
    "type": "web_search_call",
    "id": "ws_0",
    "status": "completed",
    "action": {"type": "search", "query": "hello"},
}


def refused(kind: str, **fields: Any) -> Any:
    return at(0, f"refusal.{kind}", "msg_0", content_index=0, **fields)


def summary(kind: str, number: int = 0, **fields: Any) -> Any:
    kind = f"reasoning_summary_{kind}"
    return at(0, kind, "rs_0", summary_index=number, **fields)


def thinking(number: int, *pieces: str) -> tuple[Any, ...]:
    """A part of a summary."""
    whole = part("".join(pieces), "summary_text")
    return (
        summary("part.added", number, part=part("", "summary_text")),
        *(summary("text.delta", number, delta=piece) for piece in pieces),
        summary("text.done", number, text=whole["text"]),
        summary("part.done", number, part=whole),
    )


def searching(kind: str) -> Any:
    return at(0, f"web_search_call.{kind}", "ws_0")


RESPONSES_ITEMS: Final = (
    # The least that Codex wants.
    Bend("only the item at its end", told(BEGIN[0], ITEM_DONE, DONE), HELLO),
    Bend("only the output at the end", told(BEGIN[0], DONE), HELLO),
    Bend("only the end", told(DONE), HELLO),
    Bend("only deltas", told(*BEGIN, *said(0, "Hel", "lo"), DONE), HELLO),
    Bend("only deltas, and no output", told(*said(0, "Hel", "lo"), ended()), HELLO),
    Bend("only the text at its end", told(*BEGIN, TEXT_DONE, ended()), HELLO),
    Bend("only the part at its end", told(*BEGIN, PART_DONE, ended()), HELLO),
    Bend(
        "text in the item that opens",
        told(*BEGIN, {**ADDED, "item": MESSAGE}, DONE),
        HELLO,
    ),
    Bend(
        "text in the part that opens",
        told(*BEGIN, ADDED, {**PART, "part": part("Hello")}, *GREETING[4:], DONE),
        HELLO,
    ),
    Bend("no part", told(*BEGIN, ADDED, *GREETING[2:5], ITEM_DONE, DONE), HELLO),
    Bend("no item", told(*BEGIN, *GREETING[1:], DONE), HELLO),
    Bend("never closed", told(*BEGIN, *GREETING[:4], DONE), HELLO),
    Bend("never closed, and no output", told(*BEGIN, *GREETING[:4], ended()), HELLO),
    Bend(
        "item closed, but not its part",
        told(*BEGIN, *GREETING[:4], ITEM_DONE, DONE),
        HELLO,
    ),
    Bend(
        "nothing but deltas and ends of text",
        told(*BEGIN, *GREETING[2:5], ended()),
        HELLO,
    ),
    Bend("opened twice", told(*BEGIN, ADDED, *GREETING, DONE), HELLO),
    Bend("closed twice", told(*BEGIN, *GREETING, ITEM_DONE, DONE), HELLO),
    Bend("part opened twice", told(*BEGIN, *GREETING[:2], *GREETING[1:], DONE), HELLO),
    Bend(
        "the item says less at its end",
        told(*BEGIN, *GREETING[:-1], closed(0, message()), ended(message())),
        HELLO,
    ),
    Bend(
        "the item says more at its end",
        told(*BEGIN, *GREETING[:3], ITEM_DONE, DONE),
        HELLO,
    ),
    Bend(
        "an index left out",
        told(*BEGIN, *speech(0, "Hel"), *speech(2, "lo", number=1), ended(*MORE)),
        Means(parts=(Said("Hel"), Said("lo"))),
    ),
    Bend(
        "every index zero",
        told(*BEGIN, *speech(0, "Hel"), *speech(0, "lo", number=1), ended(*MORE)),
        Means(parts=(Said("Hel"), Said("lo"))),
    ),
    Bend(
        "an empty message",
        told(
            *BEGIN,
            opened(0, message()),
            closed(0, message()),
            *speech(1, "Hello", number=1),
            ended(),
        ),
        HELLO,
    ),
    Bend(
        "an item of nothing",
        told(
            *BEGIN,
            {"type": "response.output_item.added", "output_index": 0},
            *GREETING,
            DONE,
        ),
        HELLO,
    ),
    # Declining.
    Bend(
        "a refusal",
        told(
            *BEGIN,
            opened(0, REFUSAL),
            {**PART, "part": part("", "refusal")},
            refused("delta", delta="I "),
            refused("delta", delta="won't."),
            refused("done", refusal="I won't."),
            {**PART_DONE, "part": REFUSAL["content"][0]},
            closed(0, REFUSAL),
            ended(REFUSAL),
        ),
        DECLINES,
    ),
    Bend(
        "a refusal at its end only",
        told(*BEGIN, refused("done", refusal="I won't."), ended()),
        DECLINES,
    ),
    Bend(
        "a refusal in the item only",
        told(*BEGIN, closed(0, REFUSAL), ended(REFUSAL)),
        DECLINES,
    ),
    # Thinking.
    Bend(
        "reasoning",
        told(
            *BEGIN,
            opened(0, reasoning()),
            *thinking(0, "Hm", "m."),
            closed(0, SEALED),
            *AFTER,
            ended(SEALED, MESSAGE),
        ),
        THOUGHT,
    ),
    Bend(
        "reasoning sealed twice, the last counts",
        told(
            *BEGIN,
            opened(0, reasoning(encrypted_content="b2xk")),
            *thinking(0, "Hmm."),
            closed(0, SEALED),
            *AFTER,
            ended(),
        ),
        THOUGHT,
    ),
    Bend(
        "reasoning sealed when it opens",
        told(
            *BEGIN,
            opened(0, reasoning(encrypted_content="c2ln")),
            *thinking(0, "Hmm."),
            closed(0, reasoning("Hmm.", encrypted_content="c2ln")),
            *AFTER,
            ended(),
        ),
        THOUGHT,
    ),
    Bend(
        "reasoning in two parts",
        told(
            *BEGIN,
            opened(0, reasoning()),
            *thinking(0, "One."),
            *thinking(1, "Two."),
            closed(0, reasoning("One.", "Two.")),
            *AFTER,
            ended(),
        ),
        Means(parts=(Thought("One.\n\nTwo."), Said("Hello"))),
    ),
    Bend(
        "reasoning at its end only",
        told(*BEGIN, closed(0, SEALED), *AFTER, ended()),
        THOUGHT,
    ),
    Bend("reasoning in the output only", told(*BEGIN, ended(SEALED, MESSAGE)), THOUGHT),
    Bend(
        "reasoning never closed",
        told(*BEGIN, opened(0, reasoning()), *thinking(0, "Hmm.")[:2], *AFTER, ended()),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "reasoning that nobody opened",
        told(*BEGIN, summary("text.delta", delta="Hmm."), *AFTER, ended()),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "reasoning in plain words",
        told(
            *BEGIN,
            opened(0, reasoning()),
            at(0, "reasoning_text.delta", "rs_0", content_index=0, delta="Hm"),
            at(0, "reasoning_text.delta", "rs_0", content_index=0, delta="m."),
            at(0, "reasoning_text.done", "rs_0", content_index=0, text="Hmm."),
            closed(0, reasoning(content=[part("Hmm.", "reasoning_text")])),
            *AFTER,
            ended(),
        ),
        Means(parts=(Thought("Hmm."), Said("Hello"))),
    ),
    Bend(
        "reasoning of a proof alone",
        told(*BEGIN, closed(0, reasoning(encrypted_content="c2ln")), *AFTER, ended()),
        Means(parts=(Thought("", "c2ln"), Said("Hello"))),
    ),
    Bend(
        "reasoning of nothing",
        told(*BEGIN, opened(0, reasoning()), closed(0, reasoning()), *AFTER, ended()),
        HELLO,
    ),
    Bend(
        "nothing but reasoning",
        told(
            *BEGIN,
            opened(0, reasoning()),
            *thinking(0, "Hmm."),
            closed(0, reasoning("Hmm.")),
            ended(
                kind="incomplete", incomplete_details={"reason": "max_output_tokens"}
            ),
        ),
        limited(Thought("Hmm.")),
    ),
    # Sources, and the vendor's own tools.
    Bend(
        "sources",
        told(
            *BEGIN,
            *GREETING[:4],
            at(
                0,
                "output_text.annotation.added",
                "msg_0",
                content_index=0,
                annotation_index=0,
                annotation=CITED,
            ),
            TEXT_DONE,
            {**PART_DONE, "part": KNOWING["content"][0]},
            closed(0, KNOWING),
            ended(KNOWING),
        ),
        SOURCED,
    ),
    Bend(
        "sources at the end of the part only",
        told(
            *BEGIN,
            *GREETING[:5],
            {**PART_DONE, "part": KNOWING["content"][0]},
            closed(0, KNOWING),
            ended(KNOWING),
        ),
        SOURCED,
    ),
    Bend(
        "sources in the item only",
        told(*BEGIN, *GREETING[:4], closed(0, KNOWING), ended()),
        SOURCED,
    ),
    Bend(
        "a search",
        told(
            *BEGIN,
            opened(0, SEARCH),
            searching("in_progress"),
            searching("searching"),
            searching("completed"),
            closed(0, SEARCH),
            *AFTER,
            ended(SEARCH, MESSAGE),
        ),
        Means(parts=(Said("Hello"),), own=True),
    ),
    Bend(
        "a search that never ends",
        told(*BEGIN, opened(0, SEARCH), searching("searching"), *AFTER, ended()),
        Means(parts=(Said("Hello"),), own=True),
    ),
    Bend(
        "an item that only new clients know",
        told(
            *BEGIN,
            opened(0, COMPACT),
            at(0, "compaction.compacting", "cmp_0"),
            closed(0, COMPACT),
            *AFTER,
            ended(),
        ),
        Means(parts=(Said("Hello"),), own=True),
    ),
    Bend(
        "a delta that is no text",
        told(*BEGIN, *GREETING[:3], {**GREETING[2], "delta": 7}),
        Breaks(said="Hel"),
    ),
)
