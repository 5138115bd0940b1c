"""The official `openai` SDK as a caller of the Responses API, and what it made of an
answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import attrs
import httpx2
import openai
from openai.types.responses import Response

from .readings import (
    Asked,
    Broken,
    Cut,
    Outcome,
    Part,
    Reading,
    Said,
    Stop,
    Thought,
    Tokens,
)
from .tee import Tee

__all__ = ["ResponsesClient"]

Mode = Literal["whole", "create", "stream"]

SEALED: Final = "reasoning.encrypted_content"


class _FailedError(Exception):
    """The stream said that it is broken. The SDK does not raise for that."""


@attrs.define
class ResponsesClient:
    """A caller who speaks Responses."""

    base_url: str
    key: str
    tee: Tee = attrs.field(factory=Tee, init=False)
    sdk: openai.OpenAI = attrs.field(init=False)

    dialect: Final = "openai_responses"

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
        return {"type": "function", "name": name, "parameters": schema, "strict": False}

    def results(self, answers: Mapping[str, str]) -> list[dict[str, Any]]:
        """What the tools said, by call id."""
        return [
            {"type": "function_call_output", "call_id": call_id, "output": text}
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
        """Send a request and read its answer. A turn is several items; usage comes
        unasked."""
        wanted: dict[str, Any] = {"model": model, "input": _flat(messages)}
        if tools:
            wanted["tools"] = list(tools)
        if thinking:
            wanted |= {"reasoning": {"effort": "low", "summary": "auto"}}
            wanted |= {"include": [SEALED], "store": False}
        if headers:
            wanted["extra_headers"] = headers
        read: Callable[[dict[str, Any], list[str]], Response] = {
            "whole": self._whole,
            "create": self._create,
            "stream": self._stream,
        }[mode]
        said: list[str] = []
        try:
            return _reading(read(wanted, said))
        except openai.APIConnectionError:
            raise  # a connection that broke is no answer in the caller's dialect
        except (openai.APIError, _FailedError) as error:
            return Broken(error=error, said="".join(said))

    def _whole(self, wanted: dict[str, Any], said: list[str]) -> Response:
        answer: Response = self.sdk.responses.create(**wanted)
        return answer

    def _stream(self, wanted: dict[str, Any], said: list[str]) -> Response:
        """The SDK's own accumulator."""
        with self.sdk.responses.stream(**wanted) as stream:
            _listen(stream, said)
            return stream.get_final_response()

    def _create(self, wanted: dict[str, Any], said: list[str]) -> Response:
        """Event by event: what the items were must be what the end repeats."""
        with self.sdk.responses.create(**wanted, stream=True) as stream:
            items, last = _listen(stream, said)
        assert items == last.output
        assert isinstance(last, Response)
        return last


def _flat(messages: Iterable[Any]) -> list[Any]:
    out: list[Any] = []
    for message in messages:
        out += message if isinstance(message, list) else [message]
    return out


def _listen(stream: Iterable[Any], said: list[str]) -> tuple[list[Any], Any]:
    """The items, and the response as the last event has it."""
    items: dict[int, Any] = {}
    failure = ""
    number = -1
    for event in stream:
        assert event.sequence_number > number, "numbers run backwards"
        number = event.sequence_number
        match event.type:
            case "response.output_text.delta":
                said.append(event.delta)
            case "response.output_item.done":
                assert event.output_index not in items
                items[event.output_index] = event.item
            case "error":
                failure = event.message
            case "response.failed":
                assert event.response.error.message == failure, "two stories"
                raise _FailedError(failure)
            case "response.completed" | "response.incomplete":
                assert sorted(items) == list(range(len(items)))
                return [items[index] for index in sorted(items)], event.response
            case _:
                pass  # openings and ends, which the items repeat
    raise _FailedError(f"no end: {failure}")


def _reading(response: Response) -> Reading:
    usage = response.usage
    called = any(item.type == "function_call" for item in response.output)
    cut = response.status == "incomplete"
    return Reading(
        parts=tuple(_parts(response)),
        stop=Stop.LIMIT if cut else Stop.CALLS if called else Stop.END,
        tokens=None
        if usage is None
        else Tokens(
            usage.input_tokens,
            usage.input_tokens_details.cached_tokens,
            usage.output_tokens,
        ),
        turn=[item.to_dict(exclude_none=True) for item in response.output],
    )


def _parts(response: Response) -> Iterator[Part]:
    ids = set()
    for item in response.output:
        match item.type:
            case "reasoning":
                told: Any = [*item.summary, *(item.content or ())]
                text = "\n\n".join(part.text for part in told)
                yield Thought(text, item.encrypted_content or "")
            case "message":
                for part in item.content:
                    assert part.type == "output_text"
                    yield Said(part.text)
            case "function_call":
                assert item.call_id not in ids
                ids.add(item.call_id)
                if item.status == "incomplete":
                    yield Cut(item.name, item.arguments)
                    continue
                yield Asked(item.name, json.loads(item.arguments), item.call_id)
            case other:
                raise AssertionError(f"an item of type {other}")
