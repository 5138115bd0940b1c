"""Bends of Responses: how events are framed and numbered, and empty events."""

from __future__ import annotations

from typing import Final

from .bend import Bend, Breaks
from .responses_frames import (
    BEGIN,
    GREETING,
    HELLO,
    MESSAGE,
    Event,
    ended,
    nameless,
    told,
    typeless,
    without,
)

__all__ = ["RESPONSES_FRAMING"]

DONE: Final = ended(MESSAGE)
EVENTS: Final = (*BEGIN, *GREETING, DONE)
ALL: Final = told(*EVENTS)


def changed(**fields: object) -> tuple[bytes, ...]:
    """The same with other numbers; `...` leaves a field out."""

    def change(event: Event) -> Event:
        known = {k: v for k, v in fields.items() if k in event or k[:3] == "seq"}
        return {k: v for k, v in {**event, **known}.items() if v is not ...}

    return told(*map(change, EVENTS))


RESPONSES_FRAMING: Final = (
    Bend("no event lines", nameless(*ALL), HELLO),
    Bend("no types", typeless(*ALL), HELLO),
    Bend(
        "event line of another kind",
        tuple(b"event: message\n" + frame for frame in nameless(*ALL)),
        HELLO,
    ),
    Bend("CRLF", tuple(f.replace(b"\n", b"\r\n") for f in ALL), HELLO),
    Bend("lone CR", tuple(f.replace(b"\n", b"\r") for f in ALL), HELLO),
    Bend(
        "no spaces after colons",
        tuple(
            f.replace(b"data: ", b"data:").replace(b"event: ", b"event:") for f in ALL
        ),
        HELLO,
    ),
    Bend("byte-order mark", (b"\xef\xbb\xbf" + ALL[0], *ALL[1:]), HELLO),
    Bend(
        "comments",
        (b": hello\n\n", ALL[0], b":\n\n", *ALL[1:5], b": x\n" + ALL[5], *ALL[6:]),
        HELLO,
    ),
    Bend(
        "id and retry lines",
        (b"retry: 3000\n\n", *(b"id: 1\n" + frame for frame in ALL)),
        HELLO,
    ),
    Bend("no newline at the end", (*ALL[:-1], ALL[-1].rstrip()), HELLO),
    Bend("no sequence numbers", changed(sequence_number=...), HELLO),
    Bend("every sequence number zero", changed(sequence_number=0), HELLO),
    Bend("no output indexes", changed(output_index=...), HELLO),
    Bend("output indexes from one", changed(output_index=1), HELLO),
    Bend("no content indexes", changed(content_index=...), HELLO),
    Bend("content indexes from one", changed(content_index=1), HELLO),
    Bend("no item ids", changed(item_id=...), HELLO),
    # GitHub's Copilot encrypts ids anew for every event.
    Bend(
        "another item id in every event",
        told(
            *(
                {**e, "item_id": f"x{n}"} if "item_id" in e else e
                for n, e in enumerate(EVENTS)
            )
        ),
        HELLO,
    ),
    Bend(
        "another item id at the end of the item",
        told(
            *BEGIN,
            *GREETING[:-1],
            {**GREETING[-1], "item": {**MESSAGE, "id": "msg_x"}},
            ended({**MESSAGE, "id": "msg_y"}),
        ),
        HELLO,
    ),
    Bend(
        "no log probabilities",
        told(*(without(event, "logprobs") for event in EVENTS)),
        HELLO,
    ),
    Bend(
        "obfuscation",
        told(
            *(
                {**e, "obfuscation": "x7"} if e["type"].endswith("delta") else e
                for e in EVENTS
            )
        ),
        HELLO,
    ),
    Bend(
        "the limits of Codex first",
        told({"type": "codex.rate_limits", "rate_limits": {"a": 1}}, *EVENTS),
        HELLO,
    ),
    Bend(
        "unknown events",
        told(
            *BEGIN,
            {"type": "vendor.trace", "x": 1},
            *GREETING[:4],
            {"type": "keepalive"},
            *GREETING[4:],
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "an event line that ends, over data that does not",
        (
            *ALL[:-1],
            ALL[-1].replace(b'"type": "response.completed"', b'"type": "response.x"'),
        ),
        HELLO,
    ),
    Bend("empty data", (*ALL[:2], b"event: ping\ndata:\n\n", *ALL[2:]), HELLO),
    Bend(
        "empty deltas",
        told(
            *BEGIN,
            *GREETING[:3],
            {**GREETING[2], "delta": ""},
            {**GREETING[2], "delta": None},
            *GREETING[3:],
            DONE,
        ),
        HELLO,
    ),
    Bend(
        "not JSON",
        (*ALL[:5], b"event: response.output_text.delta\ndata: {oops\n\n", *ALL[5:]),
        Breaks(said="Hel"),
    ),
    Bend("not an object", (*ALL[:5], b"data: 17\n\n", *ALL[5:]), Breaks(said="Hel")),
    Bend("not JSON at once", (b"data: oops\n\n",), Breaks()),
    Bend("empty body", (), Breaks()),
    Bend("comments only", (b": a\n\n", b": b\n\n"), Breaks()),
    Bend("cut inside a frame", (*ALL[:5], ALL[5][:-9]), Breaks(said="Hel")),
)
