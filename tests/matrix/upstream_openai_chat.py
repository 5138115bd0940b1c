"""Chat Completions, as its vendor and those who are compatible with it write it."""

from __future__ import annotations

from typing import Any, Final

from tests.judges.answers_openai_chat import DONE, around, calls, chunk, made
from tests.judges.sample import Document

from . import scenes
from .scenes import Spoken, events, whole

__all__ = ["SPOKEN"]

USAGE: Final = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
CACHED: Final = {
    "prompt_tokens": 20,
    "completion_tokens": 9,
    "total_tokens": 29,
    "prompt_tokens_details": {"cached_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
ROLE: Final = chunk({"role": "assistant", "content": ""})


def spoken(
    finish: str, *deltas: Document, usage: Document = USAGE, **message: Any
) -> Spoken:
    counted = around("chat.completion.chunk", usage=usage)
    stream = events(ROLE, *map(chunk, deltas), chunk({}, finish), counted) + DONE
    said = {"role": "assistant", "content": None, "refusal": None, **message}
    choice = {"index": 0, "message": said, "finish_reason": finish, "logprobs": None}
    return Spoken(stream, whole(around("chat.completion", choice, usage=usage)))


def words(*pieces: str) -> list[Document]:
    return [{"content": piece} for piece in pieces]


SIGNED: Final = {
    "type": "reasoning.text",
    "index": 0,
    "text": "".join(scenes.THOUGHT),
    "signature": scenes.PROOF,
}
(F, F_TEXT), (G, G_TEXT) = scenes.TWO

SPOKEN: Final = {
    "text": spoken("stop", *words("Hello, ", "wörld."), content="Hello, wörld."),
    "letters": spoken("stop", *words(*scenes.LETTERS), content=scenes.LETTERS),
    "thought": spoken(
        "stop",
        *({"reasoning_content": piece} for piece in scenes.THOUGHT),
        {"reasoning_details": [SIGNED]},
        *words("Yes."),
        content="Yes.",
        reasoning_content="".join(scenes.THOUGHT),
        reasoning_details=[SIGNED],
    ),
    "a call": spoken(
        "tool_calls",
        *words("Let me look."),
        calls((0, "f", "")),
        calls((0, None, scenes.ARGUMENTS[:11])),
        calls((0, None, scenes.ARGUMENTS[11:])),
        content="Let me look.",
        tool_calls=[made("call_0", "f", scenes.ARGUMENTS)],
    ),
    "two calls": spoken(
        "tool_calls",
        calls((0, F, "")),
        calls((1, G, G_TEXT[:5])),
        calls((0, None, F_TEXT[:9]), (1, None, G_TEXT[5:20])),
        calls((1, None, G_TEXT[20:])),
        calls((0, None, F_TEXT[9:])),
        tool_calls=[made("call_0", F, F_TEXT), made("call_1", G, G_TEXT)],
    ),
    "no arguments": spoken(
        "tool_calls",
        calls((0, "f", "")),
        calls((0, None, "{}")),
        tool_calls=[made("call_0", "f", "{}")],
    ),
    "big arguments": spoken(
        "tool_calls",
        calls((0, "f", "")),
        *(calls((0, None, piece)) for piece in scenes.BIG_PIECES),
        tool_calls=[made("call_0", "f", scenes.BIG)],
    ),
    "refusal": spoken(
        "stop",
        *({"refusal": piece} for piece in scenes.REFUSAL),
        refusal="".join(scenes.REFUSAL),
    ),
    "limit": spoken(
        "length",
        calls((0, "f", "")),
        calls((0, None, scenes.CUT_ARGUMENTS)),
        tool_calls=[made("call_0", "f", scenes.CUT_ARGUMENTS)],
    ),
    "cached": spoken("stop", *words("Yes."), usage=CACHED, content="Yes."),
    "error": Spoken(
        events(
            ROLE,
            *map(chunk, words("Hel")),
            {"error": {"message": scenes.BUSY, "type": "server_error", "code": 503}},
        )
    ),
    "cut": Spoken(events(ROLE, *map(chunk, words("Hel")))),
    "cut call": Spoken(events(ROLE, chunk(calls((0, "f", scenes.CUT_ARGUMENTS))))),
}
