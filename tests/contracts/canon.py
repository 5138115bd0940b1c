"""Requests and answers in neutral form that every dialect can say."""

from __future__ import annotations

from cliproxy_core.base.ids import Ids
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    Choice,
    ChoiceMode,
    MediaPart,
    Message,
    Reasoning,
    Refusal,
    Request,
    ResponseFormat,
    Role,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from cliproxy_core.ir.response import Candidate, Response
from cliproxy_core.ir.stream import Reason
from cliproxy_core.ir.usage import Usage

__all__ = ["REQUESTS", "RESPONSES", "context"]


def context(*, usage: bool = True) -> StreamContext:
    return StreamContext(ids=Ids(b"canon"), created=7, model="m", usage=usage)


HI = Message(role=Role.USER, parts=(Text("hi"),))
WEATHER = Tool(
    name="weather",
    description="what it is like",
    schema={"type": "object", "properties": {"city": {"type": "string"}}},
)
CALL = ToolCall(call_id="call_1", name="weather", arguments='{"city":"Rome"}')
OTHER = ToolCall(call_id="call_2", name="other", arguments="{}")
ARGUMENTS = '{"a": [1, 2.50, "\\u00e9"], "b": {"c": null}}'
# What a reader of numbers would change, and more than one read holds.
LONG = '{"z": 12345678901234567890, "a": [1E+2, -0.0], "t": "%s"}' % ("x" * 70_000)
LIMIT = Sampling(max_output=100)

REQUESTS: dict[str, Request] = {
    "plain": Request(model="m", messages=(HI,), sampling=LIMIT),
    "streamed": Request(model="m", messages=(HI,), stream=True, sampling=LIMIT),
    "system": Request(
        model="m",
        messages=(Message(role=Role.SYSTEM, parts=(Text("be kind"),)), HI),
        sampling=LIMIT,
    ),
    "conversation": Request(
        model="m",
        messages=(
            HI,
            Message(role=Role.ASSISTANT, parts=(Text("hello"),)),
            Message(role=Role.USER, parts=(Text("and now?"),)),
        ),
        sampling=LIMIT,
    ),
    "tools": Request(
        model="m",
        messages=(
            HI,
            Message(role=Role.ASSISTANT, parts=(CALL,), plain=False),
            Message(
                role=Role.USER,
                parts=(ToolResult(call_id="call_1", parts=(Text("sunny"),)),),
                plain=False,
            ),
        ),
        tools=(WEATHER,),
        choice=Choice(ChoiceMode.AUTO),
        parallel_tools=False,
        sampling=LIMIT,
    ),
    "named tool": Request(
        model="m",
        messages=(HI,),
        tools=(WEATHER,),
        choice=Choice(ChoiceMode.NAMED, "weather"),
        sampling=LIMIT,
    ),
    "no tool": Request(
        model="m",
        messages=(HI,),
        tools=(WEATHER,),
        choice=Choice(ChoiceMode.NONE),
        sampling=LIMIT,
    ),
    "any tool": Request(
        model="m",
        messages=(HI,),
        tools=(WEATHER, Tool(name="other", schema={"type": "object"})),
        choice=Choice(ChoiceMode.REQUIRED),
        sampling=LIMIT,
    ),
    "parallel calls": Request(
        model="m",
        messages=(
            HI,
            Message(role=Role.ASSISTANT, parts=(Text("both"), CALL, OTHER)),
            Message(
                role=Role.USER,
                parts=(
                    ToolResult(call_id="call_1", name="weather", parts=(Text("sun"),)),
                    ToolResult(call_id="call_2", name="other", parts=(Text("42"),)),
                ),
                plain=False,
            ),
        ),
        tools=(WEATHER, Tool(name="other", schema={"type": "object"})),
        sampling=LIMIT,
    ),
    "picture": Request(
        model="m",
        messages=(
            Message(
                role=Role.USER,
                parts=(
                    Text("what is this?"),
                    MediaPart(
                        Media(kind=MediaKind.IMAGE, mime="image/png", data="aGk=")
                    ),
                ),
                plain=False,
            ),
        ),
        sampling=LIMIT,
    ),
    "document": Request(
        model="m",
        messages=(
            Message(
                role=Role.USER,
                parts=(
                    Text("sum it up"),
                    MediaPart(
                        Media(
                            kind=MediaKind.DOCUMENT,
                            mime="application/pdf",
                            data="aGk=",
                            filename="a.pdf",
                        )
                    ),
                ),
                plain=False,
            ),
        ),
        sampling=LIMIT,
    ),
    "settings": Request(
        model="m",
        messages=(HI,),
        sampling=Sampling(max_output=5, temperature=0.5, top_p=1, stop=("END", "\n\n")),
        user="somebody",
    ),
    "thinking": Request(
        model="m",
        messages=(HI,),
        sampling=Sampling(max_output=4000),
        reasoning=ReasoningWish(effort=Effort.MEDIUM),
    ),
    "format": Request(
        model="m",
        messages=(HI,),
        sampling=LIMIT,
        format=ResponseFormat(
            type="json_schema", name="n", schema={"type": "object"}, strict=True
        ),
    ),
}

USAGE = Usage(input_uncached=10, cache_read=5, output=7)


def response(*parts: object, reason: Reason = Reason.END) -> Response:
    candidate = Candidate(parts=parts, reason=reason)  # type: ignore[arg-type]
    return Response(
        id="id_1", model="m", created=7, candidates=(candidate,), usage=USAGE
    )


RESPONSES: dict[str, Response] = {
    "text": response(Text('Hello wörld \u2028 😀 "quoted"\n')),
    "letters": response(Text("aé日𝄞" * 3 + "\x7f\u2029\\/\t")),
    "a long call": response(
        ToolCall(call_id="call_1", name="f", arguments=LONG), reason=Reason.TOOL_USE
    ),
    "cut short": response(Text("Once upon"), reason=Reason.MAX_OUTPUT),
    "a call": response(CALL, reason=Reason.TOOL_USE),
    "calls": response(
        Text("Let me look."),
        CALL,
        ToolCall(call_id="call_2", name="other", arguments=ARGUMENTS),
        ToolCall(call_id="call_3", name="third", arguments="{}"),
        reason=Reason.TOOL_USE,
    ),
    "thinking": response(Reasoning("Hmm. 100%"), Text("So be it.")),
    "refusal": response(Refusal("I would rather not."), reason=Reason.REFUSAL),
    "nothing": response(),
}
