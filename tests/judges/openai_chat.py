"""Chat Completions, judged by the official `openai` SDK.

Chat has one slot for each kind of thing, so parts come in the order of the slots. The
accumulator takes the usage of the last chunk, whatever that chunk is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NotRequired

from typing_extensions import TypedDict

from .player import JSON, SSE, URL, Player
from .reading import Candidate, Fault, Part, Reading, call, other
from .strict import Checker, Extension

if TYPE_CHECKING:
    import openai

__all__ = ["EXTENSIONS", "fold", "request_type", "validate_request", "whole"]

ASK: Final[Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}

# What the SDK and the API reference know of a message; the rest is an extension.
SLOTS: Final = frozenset(
    {"role", "content", "refusal", "tool_calls", "annotations", "parsed"}
)
THOUGHTS: Final = ("reasoning_content", "reasoning")

CACHE: Final = "Anthropic's cache breakpoints, which OpenRouter and others pass on"
THOUGHT: Final = "reasoning of earlier turns: DeepSeek, Kimi, Qwen, GLM, vLLM, SGLang"
DETAILS: Final = "OpenRouter's signed and encrypted reasoning of earlier turns"
SEEN: Final = "tools that return images: taken by Gemini's, Kimi's and other services"


class TextPart(TypedDict):
    """What the SDK lets a tool return."""

    type: Literal["text"]
    text: str


class ImagePart(TypedDict):
    """What tools return as well."""

    type: Literal["image_url"]
    image_url: dict[str, str]


class CacheMark(TypedDict):
    """A cache breakpoint."""

    type: Literal["ephemeral"]
    ttl: NotRequired[str]


class Wish(TypedDict, total=False):
    """What OpenRouter lets a caller say of reasoning."""

    effort: str
    max_tokens: int
    enabled: bool
    exclude: bool


EXTENSIONS: Final = (
    Extension(
        "ChatCompletionToolMessageParam",
        "content",
        str | list[TextPart | ImagePart],
        SEEN,
    ),
    Extension("ChatCompletionAssistantMessageParam", "reasoning_content", str, THOUGHT),
    Extension(
        "ChatCompletionAssistantMessageParam",
        "reasoning_details",
        list[dict[str, Any]],
        DETAILS,
    ),
    Extension(
        "ChatCompletionMessageFunctionToolCallParam",
        "extra_content",
        dict[str, Any],
        "Google's place for thought signatures in its OpenAI-compatible service",
    ),
    *(
        Extension(holder, "cache_control", CacheMark, CACHE)
        for holder in (
            "ChatCompletionContentPartTextParam",
            "ChatCompletionContentPartImageParam",
            "ChatCompletionMessageFunctionToolCallParam",
            "ChatCompletionFunctionToolParam",
        )
    ),
    Extension(
        "CompletionCreateParams",
        "reasoning",
        Wish,
        "OpenRouter's reasoning budget, for callers who wrote it themselves",
    ),
    Extension(
        "CompletionCreateParams",
        "top_k",
        int,
        "a sampling parameter of most compatible services",
    ),
)

PLAYER: Final = Player()


def fold(body: bytes) -> Reading:
    """A stream, as the accumulator of the SDK puts it together."""
    import openai

    PLAYER.play(body, SSE)
    snapshot: Any = None
    fault: Fault | None = None
    with _client().chat.completions.stream(**ASK) as stream:
        try:
            for event in stream:
                if event.type == "chunk":
                    snapshot = event.snapshot
        except openai.APIError as error:
            if type(error) is not openai.APIError:
                raise  # only this one comes from inside a stream
            fault = Fault(error.type, error.code, error.message)
        if snapshot is None and fault is None:
            snapshot = stream.current_completion_snapshot  # which it refuses
    if snapshot is None:
        return Reading(candidates=(), error=fault)
    return _reading(snapshot, fault)


def whole(body: bytes) -> Reading:
    """A complete answer."""
    PLAYER.play(body, JSON)
    return _reading(_client().chat.completions.create(**ASK), None)


def validate_request(document: Any) -> list[str]:
    """What the SDK's types of a request have against a document."""
    return _checker(streamed=document.get("stream") is True).complaints(document)


def request_type(*, streamed: bool = False) -> Any:
    """The SDK's type of a request."""
    from openai.types.chat import completion_create_params as params

    if streamed:
        return params.CompletionCreateParamsStreaming
    return params.CompletionCreateParamsNonStreaming


@cache
def _client() -> openai.OpenAI:
    import openai

    return openai.OpenAI(
        api_key="k", base_url=f"{URL}/v1", max_retries=0, http_client=PLAYER.http
    )


@cache
def _checker(*, streamed: bool) -> Checker:
    return Checker.of(request_type(streamed=streamed), EXTENSIONS)


def _reading(completion: Any, fault: Fault | None) -> Reading:
    usage = completion.usage
    return Reading(
        candidates=tuple(_candidate(choice) for choice in completion.choices),
        usage=None
        if usage is None
        else usage.to_dict(exclude_none=True, warnings=False),
        error=fault,
    )


def _candidate(choice: Any) -> Candidate:
    message = choice.message.to_dict(exclude_none=True, warnings=False)
    return Candidate(
        parts=tuple(_parts(message)),
        finish=choice.finish_reason,
        role=message.get("role", ""),
    )


def _parts(message: dict[str, Any]) -> Iterator[Part]:
    more = {key: value for key, value in message.items() if key not in SLOTS and value}
    for slot in THOUGHTS:
        if slot in more:
            yield ("reasoning", more.pop(slot))
    for detail in more.pop("reasoning_details", ()):
        yield from _detail(detail)
    if message.get("content"):
        yield ("text", message["content"])
    if message.get("annotations"):
        yield other(message["annotations"], "citations")
    if message.get("refusal"):
        yield ("refusal", message["refusal"])
    for key in sorted(more):
        yield other({key: more[key]})
    for made in message.get("tool_calls", ()):
        yield from _call(made)


def _detail(detail: dict[str, Any]) -> Iterator[Part]:
    """The words of a detail are those of the plain slot; its proof is its own."""
    if detail.get("signature"):
        yield ("signature", detail["signature"])
    if detail.get("data"):
        yield ("encrypted", detail["data"])


def _call(made: dict[str, Any]) -> Iterator[Part]:
    match made:
        case {"type": "function", "function": function}:
            yield call(made.get("id"), function.get("name"), function.get("arguments"))
        case {"type": "custom", "custom": custom}:
            named = custom.get("name", ""), custom.get("input", "")
            yield ("custom", made.get("id", ""), *named)
        case _:
            yield other(made)
    if made.get("extra_content"):
        yield other({"extra_content": made["extra_content"]})
