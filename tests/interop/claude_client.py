"""The official `anthropic` SDK as a caller, and what it made of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import anthropic
import attrs
import httpx2
from anthropic.types import Message

from .readings import (
    CLAUDE_STOPS,
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

__all__ = ["ClaudeClient"]

Mode = Literal["whole", "create", "stream"]

MAX_TOKENS: Final = 2048
THINKING: Final = {"type": "enabled", "budget_tokens": 1024}


@attrs.define
class ClaudeClient:
    """A caller who speaks Claude Messages."""

    base_url: str
    key: str
    tee: Tee = attrs.field(factory=Tee, init=False)
    sdk: anthropic.Anthropic = attrs.field(init=False)

    dialect: Final = "claude_messages"

    def __attrs_post_init__(self) -> None:
        self.sdk = anthropic.Anthropic(
            api_key=self.key,
            base_url=self.base_url,
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
        return {"name": name, "input_schema": schema}

    def results(self, answers: Mapping[str, str]) -> list[dict[str, Any]]:
        """What the tools said, by call id."""
        blocks = [
            {"type": "tool_result", "tool_use_id": call_id, "content": text}
            for call_id, text in answers.items()
        ]
        return [{"role": "user", "content": blocks}]

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
        """Send a request and read its answer with the SDK. Usage comes unasked."""
        wanted: dict[str, Any] = {
            "model": model,
            "messages": list(messages),
            "max_tokens": MAX_TOKENS,
        }
        if tools:
            wanted["tools"] = list(tools)
        if thinking:
            wanted["thinking"] = THINKING
        if headers:
            wanted["extra_headers"] = headers
        read: Callable[[dict[str, Any], list[str]], Message] = {
            "whole": self._whole,
            "create": self._create,
            "stream": self._stream,
        }[mode]
        said: list[str] = []
        try:
            return _reading(read(wanted, said))
        except anthropic.APIConnectionError:
            raise  # a connection that broke is no answer in the caller's dialect
        except anthropic.APIError as error:
            return Broken(error=error, said="".join(said))

    def _whole(self, wanted: dict[str, Any], said: list[str]) -> Message:
        answer: Message = self.sdk.messages.create(**wanted)
        return answer

    def _stream(self, wanted: dict[str, Any], said: list[str]) -> Message:
        """The SDK's own accumulator."""
        with self.sdk.messages.stream(**wanted) as stream:
            said.extend(stream.text_stream)
            return stream.get_final_message()

    def _create(self, wanted: dict[str, Any], said: list[str]) -> Message:
        """Event by event, as many programs do it."""
        gathered = _Gathered(said)
        with self.sdk.messages.create(**wanted, stream=True) as stream:
            for event in stream:
                gathered.take(event)
        assert gathered.stopped, "no message_stop"
        return Message.model_validate(gathered.message)


@attrs.define
class _Gathered:
    """Events added up by the letter of the API reference."""

    said: list[str]
    message: dict[str, Any] = attrs.field(factory=dict)
    json_text: str = ""
    stopped: bool = False

    def take(self, event: Any) -> None:
        assert not self.stopped, "an event after message_stop"
        match event.type:
            case "message_start":
                self.message = event.message.to_dict()
            case "content_block_start":
                assert event.index == len(self.message["content"])
                self.message["content"].append(event.content_block.to_dict())
                self.json_text = ""
            case "content_block_delta":
                self._delta(self.message["content"][event.index], event.delta)
            case "content_block_stop":
                block = self.message["content"][event.index]
                if block["type"] == "tool_use":
                    block["input"] = _parsed(self.json_text)
            case "message_delta":
                self.message |= event.delta.to_dict()
                told = event.usage.to_dict()
                self.message["usage"] |= {
                    k: v for k, v in told.items() if v is not None
                }
            case "message_stop":
                self.stopped = True
            case _:
                pass  # newer than this SDK

    def _delta(self, block: dict[str, Any], delta: Any) -> None:
        match delta.type:
            case "text_delta":
                self.said.append(delta.text)
                block["text"] += delta.text
            case "thinking_delta":
                block["thinking"] += delta.thinking
            case "signature_delta":
                block["signature"] = delta.signature
            case "input_json_delta":
                self.json_text += delta.partial_json
            case _:
                pass  # newer than this SDK


def _parsed(text: str) -> Any:
    """A call's input; one that was cut is left empty."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return {}


def _reading(message: Message) -> Reading:
    assert message.role == "assistant"
    assert message.type == "message"
    usage = message.usage
    cached = usage.cache_read_input_tokens or 0
    written = usage.cache_creation_input_tokens or 0
    assert message.stop_reason is not None
    return Reading(
        parts=tuple(_parts(message)),
        stop=CLAUDE_STOPS[message.stop_reason],
        tokens=Tokens(
            usage.input_tokens + cached + written, cached, usage.output_tokens
        ),
        turn={
            "role": "assistant",
            "content": [block.to_dict() for block in message.content],
        },
    )


def _parts(message: Message) -> Iterator[Part]:
    ids = set()
    limited = message.stop_reason == "max_tokens"
    for block in message.content:
        if block.type == "text":
            yield Said(block.text)
        elif block.type == "thinking":
            yield Thought(block.thinking, block.signature)
        elif block.type == "redacted_thinking":
            yield Thought("", block.data)
        elif block.type == "tool_use":
            assert block.id not in ids
            ids.add(block.id)
            given: Any = block.input
            assert isinstance(given, dict)
            if limited and block is message.content[-1]:
                yield Cut(block.name)
            else:
                yield Asked(block.name, given, block.id)
