"""Whatever legal events come, each encoder says them legally, and as one answer would.

The first byte chooses the place at which the stream breaks; the rest is a sequence of
events (`fuzz.events`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, as_object, loads, write
from cliproxy_core.ir.dialect import Dialect, Sent
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.ir.request import Reasoning, Refusal, Text, ToolCall
from cliproxy_core.ir.response import Candidate, Response, collect
from cliproxy_core.ir.stream import Event
from fuzz.events import BROKEN, Composed, composed
from fuzz.promises import ALL, context, hear, payload_of

__all__ = ["run"]


def run(data: bytes) -> None:
    """Encode whole, event by event and broken off, in every dialect."""
    said = composed(data[1:])
    place = data[0] * len(said.events) // 256 if data else 0
    for dialect in ALL:
        _breaks(dialect, said.events[:place])
        sent = dialect.encoder(context()).feed(said.events)
        encoder = dialect.encoder(context())
        assert sent == [s for event in said.events for s in encoder.feed([event])]
        assert _checked(dialect, sent).complete
        if said.sound:
            _means(dialect, said, b"".join(raw for _, raw in sent))


def _checked(dialect: Dialect, sent: Iterable[Sent]) -> Checker:
    checker = Checker(dialect.grammar)
    for steps, raw in sent:
        violation = checker.check(steps)
        assert violation is None, violation
        assert dialect.classify(payload_of(dialect, raw)) == steps
    return checker


def _breaks(dialect: Dialect, events: Sequence[Event]) -> None:
    encoder = dialect.encoder(context())
    sent = [*encoder.feed(events), *encoder.fail(BROKEN)]
    assert _checked(dialect, sent).complete


def _means(dialect: Dialect, said: Composed, stream: bytes) -> None:
    """The stream needs no repair, and folds to what one document says."""
    heard = hear(dialect, [stream])
    assert (heard.failure, heard.repairs) == (None, {})
    assert heard.native == stream
    streamed, response = collect(heard.events), collect(said.events)
    assert isinstance(streamed, Response)
    assert isinstance(response, Response)
    document = dialect.emit_response(response, context()).payload
    assert dialect.error_in(document) is None
    whole = dialect.parse_response(as_object(loads(write(document)), ""), context())
    if len(response.candidates) == len(whole.candidates):  # else told in any order
        assert [gist(c) for c in streamed.candidates] == [
            gist(c) for c in whole.candidates
        ]


@attrs.frozen
class Gist:
    """What callers go by, however it is cut into parts."""

    words: dict[str, str]
    calls: list[tuple[str, Json]]
    reason: object


def gist(candidate: Candidate) -> Gist:
    words: defaultdict[str, str] = defaultdict(str)
    calls: list[tuple[str, Json]] = []
    for part in candidate.parts:
        match part:
            case Text(text=text) | Refusal(text=text) | Reasoning(text=text):
                words[type(part).__name__] += text
            case ToolCall(name=name, arguments=arguments):
                calls.append((name, _value(arguments)))
            case _:
                pass
    kept = {kind: text for kind, text in words.items() if text}
    return Gist(kept, calls, candidate.reason)


def _value(arguments: str) -> Json:
    """Some documents hold arguments as objects, and nothing as an empty one.

    One of Claude's does not tell that from arguments that were cut.
    """
    try:
        return loads("{}" if arguments in ("", "{") else arguments)
    except DecodeError:
        return arguments  # free text
