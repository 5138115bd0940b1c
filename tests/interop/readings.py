"""What a client understood of an answer, in words that all pairs share.

An expectation is written once, in the order in which the upstream said it. Chat has one
slot for each kind of thing, so its view of an answer is flattened; Claude keeps order.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import attrs

from cliproxy_core.base.jsonval import Json

__all__ = [
    "CHAT_STOPS",
    "CLAUDE_STOPS",
    "VIEWS",
    "Asked",
    "Broken",
    "Cut",
    "Declined",
    "Outcome",
    "Part",
    "Reading",
    "Said",
    "Stop",
    "Thought",
    "Tokens",
]


class Stop(enum.Enum):
    """Why an answer ended, as far as a client acts on it."""

    END = "the model had no more to say"
    CALLS = "the model wants its calls run"
    LIMIT = "the limit of tokens was met"
    REFUSED = "the model or a filter declined"
    PAUSED = "the upstream wants to be asked to go on"
    OTHER = "something went wrong that no limit explains"


CHAT_STOPS: Final[Mapping[str, Stop]] = {
    "stop": Stop.END,
    "tool_calls": Stop.CALLS,
    "length": Stop.LIMIT,
}
CLAUDE_STOPS: Final[Mapping[str, Stop]] = {
    "end_turn": Stop.END,
    "tool_use": Stop.CALLS,
    "max_tokens": Stop.LIMIT,
    "model_context_window_exceeded": Stop.LIMIT,
}


@attrs.frozen
class Said:
    """Words."""

    text: str
    proof: str = attrs.field(default="", eq=False)
    """Opaque state that goes with them."""


@attrs.frozen
class Thought:
    """Visible reasoning, and what proves it."""

    text: str
    proof: str = ""


@attrs.frozen
class Declined:
    """Words in which the model declines, where they are told from others."""

    text: str


@attrs.frozen
class Asked:
    """A tool call. Expectations leave the id open unless the upstream gave one."""

    name: str
    arguments: Json
    """Parsed."""
    id: str = attrs.field(default="", eq=False)
    proof: str = attrs.field(default="", eq=False)
    """Opaque state that goes with the call."""


@attrs.frozen
class Cut:
    """A tool call that is not to be run: its arguments are incomplete."""

    name: str
    text: str = ""
    """What there is of the arguments, as far as the client can tell."""


Part: TypeAlias = Said | Thought | Declined | Asked | Cut


@attrs.frozen
class Tokens:
    """Token counts as both dialects can tell them."""

    prompt: int
    """All of the prompt, cached or not."""
    cached: int
    output: int


@attrs.frozen(kw_only=True)
class Reading:
    """A complete answer."""

    parts: tuple[Part, ...]
    stop: Stop
    tokens: Tokens | None
    turn: Any = attrs.field(default=None, eq=False, repr=False)
    """The answer as the client sends it back as a turn of the conversation."""

    @property
    def calls(self) -> tuple[Asked, ...]:
        return tuple(part for part in self.parts if isinstance(part, Asked))

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Said))


@attrs.frozen(kw_only=True)
class Broken:
    """An answer that the client's SDK reported as an error."""

    error: Exception
    said: str
    """The words that came before."""

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer, where the SDK tells one."""
        for name in ("status_code", "code"):  # the second is Google's
            status = getattr(self.error, name, None)
            if isinstance(status, int):
                return status
        return None

    def header(self, name: str) -> str | None:
        response: Any = getattr(self.error, "response", None)
        return None if response is None else response.headers.get(name)


Outcome: TypeAlias = Reading | Broken


def as_chat(parts: Iterable[Part]) -> tuple[Part, ...]:
    """What Chat can say of it: all thoughts, all words, all calls, no proofs."""
    thought = said = ""
    calls: list[Part] = []
    for part in parts:
        match part:
            case Thought(text=text):
                thought += text
            case Said(text=text) | Declined(text=text):
                said += text
            case Asked() | Cut():
                calls.append(part)
    words: list[Part] = []
    if thought:
        words.append(Thought(thought))
    if said:
        words.append(Said(said))
    return (*words, *calls)


def as_claude(parts: Iterable[Part]) -> tuple[Part, ...]:
    """What Claude can say of it: everything, but a call's input is an object."""
    return tuple(Cut(p.name) if isinstance(p, Cut) else p for p in parts)


def as_gemini(parts: Iterable[Part]) -> tuple[Part, ...]:
    """What Gemini can say of it: words in a row are one part, no cut calls."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        match part:
            case Cut():
                continue
            case Said(text=text) if isinstance(last, Said):
                out[-1] = Said(last.text + text)
            case Thought(text=text) if isinstance(last, Thought):
                out[-1] = Thought(last.text + text)
            case Thought(text=text):
                out.append(Thought(text))
            case _:
                out.append(part)
    return tuple(out)


VIEWS: Final[Mapping[str, Callable[[Iterable[Part]], tuple[Part, ...]]]] = {
    "chat": as_chat,
    "claude": as_claude,
    "responses": tuple,
    "gemini": as_gemini,
}
"""What each caller's dialect can say of an answer."""
