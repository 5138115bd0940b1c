"""What we send, as the vendor's own client puts it together."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.ir.failure import Failure, Kind
from tests.core.dialects.openai_chat.streams import (
    DONE,
    call,
    chunk,
    context,
    data,
    finish,
    send,
)
from tests.core.dialects.openai_chat.test_mend import LEGAL, MENDED

ASK: Any = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def heard(body: bytes) -> Any:
    """The final completion of the SDK's accumulator."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        head = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=head, content=body)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    with (
        openai.OpenAI(api_key="k", base_url="http://x/v1", http_client=http) as client,
        client.chat.completions.stream(**ASK) as stream,
    ):
        # `get_final_completion` would refuse answers that were cut.
        stream.until_done()
        return stream.current_completion_snapshot


def summary(completion: Any) -> list[Any]:
    out = []
    for choice in completion.choices:
        calls = [
            (c.id, c.type, c.function.name, c.function.arguments)
            for c in choice.message.tool_calls or []
        ]
        message = choice.message
        words = (message.role, message.content or "", message.refusal)
        out.append((choice.index, *words, calls, choice.finish_reason))
    return out


def expected(stream: list[bytes]) -> list[Any]:
    """The same from the neutral response, written as a whole answer."""
    whole: Any = DIALECT.emit_response(send(*stream).response, context()).payload
    out = []
    for choice in whole["choices"]:
        message = choice["message"]
        calls = [
            (c["id"], c["type"], c["function"]["name"], c["function"]["arguments"])
            for c in message.get("tool_calls", [])
        ]
        words = (message["role"], message["content"] or "", message["refusal"])
        out.append((choice["index"], *words, calls, choice["finish_reason"]))
    return out


STREAMS = {**LEGAL, **{name: case[0] for name, case in MENDED.items()}}
# The SDK has no words for free-text tools in a stream.
del STREAMS["custom tool"]
del STREAMS["stop after a call"]  # natively no arguments stay none
del STREAMS["sound"]  # natively what is said aloud is no content


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_the_sdk_hears_what_was_said_on_both_lanes(stream: list[bytes]) -> None:
    out = send(*stream)
    translated = DIALECT.encoder(context()).feed(out.events)
    for body in (out.native, b"".join(raw for _, raw in translated)):
        assert summary(heard(body)) == expected(stream)


def test_usage_and_reasoning_arrive() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14}
    out = send(
        chunk({"role": "assistant", "reasoning_content": "th"}),
        chunk({"reasoning_content": "ink"}),
        chunk({"reasoning_details": [{"type": "reasoning.text", "signature": "s"}]}),
        chunk({"content": "hi"}),
        finish(usage=usage),
        DONE,
    )
    body = b"".join(raw for _, raw in DIALECT.encoder(context()).feed(out.events))
    completion = heard(body)
    message = completion.choices[0].message
    assert completion.usage.total_tokens == 14
    assert message.content == "hi"
    assert message.reasoning_content == "think"
    (detail,) = message.reasoning_details
    assert (detail["text"], detail["signature"]) == ("think", "s")


def test_calls_with_no_arguments_parse() -> None:
    entry = call(0, "", id="a", type="function", name="f")
    out = send(chunk({"tool_calls": [entry]}), finish("tool_calls"), DONE)
    body = b"".join(raw for _, raw in DIALECT.encoder(context()).feed(out.events))
    (made,) = heard(body).choices[0].message.tool_calls
    assert (made.function.name, made.function.arguments) == ("f", "{}")


def test_an_error_inside_a_stream_is_raised() -> None:
    failure = Failure(kind=Kind.OVERLOADED, status=529, message="all are busy")
    body = chunk({"role": "assistant", "content": "h"}) + DIALECT.fail(failure)
    with pytest.raises(openai.APIError, match="all are busy"):
        heard(body)


def test_an_error_of_the_upstream_is_raised() -> None:
    out = send(chunk({"content": "h"}), data({"error": {"message": "no", "code": 429}}))
    assert out.failure is not None
    with pytest.raises(openai.APIError, match="no"):
        heard(out.native + DIALECT.fail(out.failure))
