"""The official `openai` SDK as a caller, and what it made of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import attrs
import httpx2
import openai
from openai.types.chat import ChatCompletionMessage

from .readings import (
    CHAT_STOPS,
    Asked,
    Broken,
    Cut,
    Outcome,
    Part,
    Reading,
    Said,
    Thought,
    Tokens,
)
from .tee import Tee

__all__ = ["ChatClient"]

Mode = Literal["whole", "create", "stream"]

ASK_FOR_USAGE: Final = {"include_usage": True}


@attrs.define
class ChatClient:
    """A caller who speaks Chat Completions."""

    base_url: str
    key: str
    tee: Tee = attrs.field(factory=Tee, init=False)
    sdk: openai.OpenAI = attrs.field(init=False)

    dialect: Final = "openai_chat"

    def __attrs_post_init__(self) -> None:
        self.sdk = openai.OpenAI(
            api_key=self.key,
            base_url=f"{self.base_url}/v1",
            max_retries=0,
            timeout=20,
            http_client=httpx2.Client(transport=self.tee),
        )

    def close(self) -> None:
        self.sdk.close()

    @property
    def heard(self) -> bytes:
        """The body of the latest answer."""
        return bytes(self.tee.heard)

    # Requests.

    def user(self, text: str) -> dict[str, Any]:
        return {"role": "user", "content": text}

    def tool(self, name: str, *properties: str) -> dict[str, Any]:
        schema = {
            "type": "object",
            "properties": {name: {"type": "string"} for name in properties},
        }
        return {"type": "function", "function": {"name": name, "parameters": schema}}

    def results(self, answers: Mapping[str, str]) -> list[dict[str, Any]]:
        """What the tools said, by call id."""
        return [
            {"role": "tool", "tool_call_id": call_id, "content": text}
            for call_id, text in answers.items()
        ]

    def ask(
        self,
        mode: Mode,
        model: str,
        messages: Sequence[Any],
        *,
        tools: Sequence[Any] = (),
        usage: bool = True,
        headers: Mapping[str, str] | None = None,
        thinking: bool = False,
    ) -> Outcome:
        """Send a request and read its answer with the SDK."""
        wanted: dict[str, Any] = {"model": model, "messages": list(messages)}
        if tools:
            wanted["tools"] = list(tools)
        if thinking:
            wanted["reasoning_effort"] = "low"
        if usage and mode != "whole":
            wanted["stream_options"] = ASK_FOR_USAGE
        if headers:
            wanted["extra_headers"] = headers
        read: Callable[[dict[str, Any], list[str]], Any] = {
            "whole": self._whole,
            "create": self._create,
            "stream": self._stream,
        }[mode]
        said: list[str] = []
        try:
            return _reading(*read(wanted, said))
        except openai.APIConnectionError:
            raise  # a connection that broke is no answer in the caller's dialect
        except openai.APIError as error:
            return Broken(error=error, said="".join(said))

    def _whole(
        self, wanted: dict[str, Any], said: list[str]
    ) -> tuple[ChatCompletionMessage, Any, Any]:
        answer = self.sdk.chat.completions.create(**wanted)
        (choice,) = answer.choices
        return choice.message, choice.finish_reason, answer.usage

    def _stream(
        self, wanted: dict[str, Any], said: list[str]
    ) -> tuple[ChatCompletionMessage, Any, Any]:
        """The SDK's own accumulator."""
        with self.sdk.chat.completions.stream(**wanted) as stream:
            said.extend(e.delta for e in stream if e.type == "content.delta")
            # `get_final_completion` refuses tools that are not strict.
            answer = stream.current_completion_snapshot
        (choice,) = answer.choices
        return choice.message, choice.finish_reason, answer.usage

    def _create(
        self, wanted: dict[str, Any], said: list[str]
    ) -> tuple[ChatCompletionMessage, Any, Any]:
        """Chunk by chunk, as most programs do it."""
        gathered = _Gathered(said)
        with self.sdk.chat.completions.create(**wanted, stream=True) as stream:
            for chunk in stream:
                gathered.take(chunk)
        return gathered.message(), gathered.finish, gathered.usage


@attrs.define
class _Gathered:
    """Chunks added up by the letter of the API reference."""

    said: list[str]
    finish: Any = None
    usage: Any = None
    extra: dict[str, Any] = attrs.field(factory=dict)
    calls: list[dict[str, Any]] = attrs.field(factory=list)
    role: str = ""

    def take(self, chunk: Any) -> None:
        if chunk.usage is not None:
            assert self.usage is None, "usage twice"
            self.usage = chunk.usage
        for choice in chunk.choices:
            assert choice.index == 0
            assert self.finish is None, "a choice after its finish"
            self._delta(choice.delta)
            self.finish = choice.finish_reason

    def _delta(self, delta: Any) -> None:
        if delta.role:
            self.role += delta.role
        if delta.content:
            self.said.append(delta.content)
        extra = delta.model_extra or {}
        thought = extra.get("reasoning_content") or extra.get("reasoning")
        if thought:
            known = self.extra.get("reasoning_content", "")
            self.extra["reasoning_content"] = known + thought
        for entry in extra.get("reasoning_details") or ():
            self.extra.setdefault("reasoning_details", []).append(entry)
        for call in delta.tool_calls or ():
            if call.index == len(self.calls):
                self.calls.append(call.to_dict())
                del self.calls[-1]["index"]
            else:
                assert call.id is None
                function = self.calls[call.index]["function"]
                function["arguments"] += call.function.arguments

    def message(self) -> ChatCompletionMessage:
        fields: dict[str, Any] = {
            "role": self.role,
            "content": "".join(self.said) or None,
            **self.extra,
        }
        if self.calls:
            fields["tool_calls"] = self.calls
        return ChatCompletionMessage.model_validate(fields)


def _reading(message: ChatCompletionMessage, finish: Any, usage: Any) -> Reading:
    assert message.role == "assistant"
    turn: dict[str, Any] = message.to_dict()
    turn.pop("parsed", None)
    for call in turn.get("tool_calls") or ():
        call["function"].pop("parsed_arguments", None)
    stop = CHAT_STOPS[finish]
    return Reading(
        parts=tuple(_parts(message, cut=finish == "length")),
        stop=stop,
        tokens=_tokens(usage),
        turn=turn,
    )


def _parts(message: ChatCompletionMessage, *, cut: bool) -> Iterator[Part]:
    extra = message.model_extra or {}
    thought = extra.get("reasoning_content") or extra.get("reasoning")
    if thought:
        yield Thought(thought)
    if message.content:
        yield Said(message.content)
    ids = set()
    for call in message.tool_calls or ():
        assert call.type == "function"
        assert call.id not in ids
        ids.add(call.id)
        text = call.function.arguments
        if cut and not _is_json(text):
            yield Cut(call.function.name, text)
        else:
            yield Asked(call.function.name, json.loads(text), call.id)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _tokens(usage: Any) -> Tokens | None:
    if usage is None:
        return None
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens if details else None) or 0
    return Tokens(usage.prompt_tokens, cached, usage.completion_tokens)
