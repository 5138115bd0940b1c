"""A deterministic upstream for all dialects: the model's name chooses what happens.

It serves `cliproxy serve --demo` and the tests, and is written from the vendors'
documentation without any of our encoders, so that it can bear witness against them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, as_object, loads

from .demo_chat import CHAT
from .demo_claude import CLAUDE
from .demo_gemini import GEMINI
from .demo_plan import PROMPT_TOKENS, Call, Form, Plan, asked_tool, tool_answer
from .demo_responses import RESPONSES
from .script import (
    End,
    ReceivedRequest,
    Reset,
    Say,
    ScriptStep,
    json_answer,
    sse_answer,
)

__all__ = ["MODELS", "Scenario", "demo_answer"]

# Slow enough to watch, fast enough not to bore.
SLOW: Final = 0.2

# How many tokens come before an accident.
TOKENS_BEFORE_ERROR: Final = 2
TOKENS_BEFORE_CUT: Final = 3

HELLO: Final = ("Hello", " from", " the", " demo", " upstream", ".")
STORY: Final = (
    "Once", " upon", " a", " time", " a", " token", " met", " a", " proxy", ".",
)  # fmt: skip
THOUGHT: Final = ("The", " user", " greets", " me", ".")


class Scenario(enum.Enum):
    """What a model does. The value is the model's name."""

    TEXT = "text"
    TOOL = "tool"
    TOOLS = "tools"
    THINKING = "thinking"
    SLOW = "slow"
    ERROR = "error"
    CUT = "cut"
    RATE = "429"
    SERVER = "500"


MODELS: Final = tuple(scenario.value for scenario in Scenario)

# Where each dialect is asked. Gemini's path names the model and what is wanted.
FORMS: Final = (
    (re.compile(r".*/chat/completions"), CHAT),
    (re.compile(r".*/responses"), RESPONSES),
    (re.compile(r".*/messages(?P<verb>/count_tokens)?"), CLAUDE),
    (re.compile(r".*/models/(?P<model>.+):(?P<verb>\w+)"), GEMINI),
)
COUNTS: Final = frozenset({"/count_tokens", "countTokens"})
STREAMS: Final = "streamGenerateContent"


@attrs.frozen(kw_only=True)
class _Asked:
    """What is wanted, and in which words."""

    form: Form
    model: str
    verb: str
    document: JsonObject

    @property
    def streams(self) -> bool:
        return self.verb == STREAMS or self.document.get("stream") is True


def demo_answer(request: ReceivedRequest) -> Sequence[ScriptStep]:
    """What the demo upstream says to a request."""
    path = unquote(request.target.partition(b"?")[0].decode("utf-8", "replace"))
    places = ((place.fullmatch(path), form) for place, form in FORMS)
    match, form = next((found for found in places if found[0]), (None, CHAT))
    if match is None or request.method != b"POST":
        return json_answer(404, {"error": {"message": "no such place"}})
    try:
        document = as_object(loads(request.body), "")
    except DecodeError as error:
        return _refuse(form, 400, str(error))
    told = match.groupdict()
    name = str(told.get("model") or document.get("model", ""))
    verb = told.get("verb") or ""
    model = name.removeprefix("demo/")
    if model not in MODELS:
        return _refuse(form, 404, "there is no such model")
    return _play(_Asked(form=form, model=model, verb=verb, document=document))


def _play(asked: _Asked) -> Sequence[ScriptStep]:
    scenario, form, document = Scenario(asked.model), asked.form, asked.document
    if scenario is Scenario.RATE:
        return _refuse(form, 429, "one at a time", (b"retry-after", b"1"))
    if scenario is Scenario.SERVER:
        return _refuse(form, 500, "the demo broke down, as asked")
    if form.count is not None and asked.verb in COUNTS:
        return json_answer(200, form.count(PROMPT_TOKENS))
    if scenario is Scenario.THINKING and not form.signatures_are_ours(document):
        return _refuse(form, 400, "Invalid `signature` in `thinking` block")
    plan = _plan(scenario, document)
    if asked.streams:
        return _stream(scenario, form, plan)
    if scenario is Scenario.ERROR:
        return _refuse(form, 500, "the demo broke down, as asked")
    whole = json_answer(200, form.whole(plan))
    return _broken(whole) if scenario is Scenario.CUT else whole


def _plan(scenario: Scenario, document: JsonObject) -> Plan:
    answer = tool_answer(document)
    if scenario in (Scenario.TOOL, Scenario.TOOLS) and answer is not None:
        return Plan(model=scenario.value, text=("The tool said: ", answer))
    match scenario:
        case Scenario.TOOL:
            return Plan(model="tool", text=(), calls=(asked_tool(document),))
        case Scenario.TOOLS:
            calls = (
                Call("get_weather", {"city": "Paris"}),
                Call("get_weather", {"city": "Rome"}),
            )
            return Plan(model="tools", text=("Two", " at", " once", "."), calls=calls)
        case Scenario.THINKING:
            return Plan(model="thinking", thinking=THOUGHT, text=HELLO)
        case Scenario.SLOW:
            return Plan(model="slow", text=STORY)
        case _:
            return Plan(model=scenario.value, text=HELLO)


def _stream(scenario: Scenario, form: Form, plan: Plan) -> Sequence[ScriptStep]:
    match scenario:
        case Scenario.SLOW:
            return sse_answer(tuple(form.frames(plan)), pause=SLOW)
        case Scenario.ERROR:
            started = _until(form, plan, TOKENS_BEFORE_ERROR)
            error = form.error_frame("the demo broke down", len(started))
            return sse_answer((*started, error))
        case Scenario.CUT:
            return sse_answer(_until(form, plan, TOKENS_BEFORE_CUT), end=End.RESET)
        case _:
            return sse_answer(tuple(form.frames(plan)))


def _until(form: Form, plan: Plan, tokens: int) -> tuple[bytes, ...]:
    """The frames of a stream up to and with so many tokens of text."""

    def frames() -> Iterator[bytes]:
        left = tokens
        for frame in form.frames(plan):
            yield frame
            left -= form.text_mark in frame
            if not left:
                return

    return tuple(frames())


def _refuse(
    form: Form, status: int, message: str, *headers: tuple[bytes, bytes]
) -> Sequence[ScriptStep]:
    payload: Json = form.error(status, message)
    return json_answer(status, payload, headers)


def _broken(answer: Sequence[ScriptStep]) -> Sequence[ScriptStep]:
    """The same, but the connection breaks in the middle of the body."""
    said = b"".join(step.data for step in answer if isinstance(step, Say))
    return (Say(said[: len(said) - len(said) // 4]), Reset())
