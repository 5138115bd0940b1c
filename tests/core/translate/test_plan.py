"""The public way in, as an embedder uses it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

import cliproxy_core.translate as translate
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.testing.cuts import bytewise
from cliproxy_core.translate import DecodeError, LossError, UpstreamError

ASK: dict[str, Any] = {
    "model": "caller's",
    "max_completion_tokens": 9,
    "stream": True,
    "messages": [{"role": "user", "content": "hi"}],
}
SEED_ASK = ASK | {"seed": 3}

CLAUDE_STREAM = b"""event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message",\
"role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,\
"usage":{"input_tokens":3,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},\
"usage":{"output_tokens":2}}

event: message_stop
data: {"type":"message_stop"}

"""
CLAUDE_WHOLE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-x",
    "content": [{"type": "text", "text": "hi"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 2},
}


def plan(document: dict[str, Any] = ASK, **more: Any) -> translate.Plan:
    where: Any = {
        "source": "openai_chat",
        "target": "claude_messages",
        "model": "claude-x",
    }
    return translate.request(orjson.dumps(document), **where, **more)


def test_a_request() -> None:
    made = plan(SEED_ASK)
    sent = orjson.loads(made.body)
    assert (sent["model"], sent["max_tokens"], sent["stream"]) == ("claude-x", 9, True)
    assert [item.path for item in made.dropped] == [".seed"]
    assert made.headers == {
        "content-type": "application/json",
        "accept": "text/event-stream",
        "anthropic-version": "2023-06-01",
    }
    assert made.path == "/v1/messages"
    assert made.stream


def test_a_body_may_be_text_or_a_document() -> None:
    where: Any = {"source": "openai_chat", "target": "claude_messages", "model": "x"}
    texts = {
        translate.request(body, **where).body
        for body in (orjson.dumps(ASK), orjson.dumps(ASK).decode(), ASK)
    }
    assert len(texts) == 1


def test_to_its_own_dialect_nothing_but_the_model_changes() -> None:
    where: Any = {"source": "openai_chat", "target": "openai_chat", "model": "b"}
    body = b'{"messages": [ ], "unknown":1.0,\n"model" : "a"}'
    made = translate.request(body, **where)
    assert made.body == body.replace(b'"a"', b'"b"')
    assert not made.stream
    assert made.headers["accept"] == "application/json"


def test_a_stream_however_it_is_cut() -> None:
    whole = plan().response_stream()
    said = whole.feed(CLAUDE_STREAM)
    assert (whole.done, whole.failure, whole.finish()) == (True, None, b"")
    assert said.endswith(b"data: [DONE]\n\n")
    assert b'"content":"hi"' in said
    cut = plan().response_stream()
    assert b"".join(cut.feed(piece) for piece in bytewise(CLAUDE_STREAM)) == said
    assert cut.usage == whole.usage
    assert whole.usage is not None
    assert (whole.usage.input_total, whole.usage.output_total) == (3, 2)
    assert (whole.dropped, whole.repairs) == ((), {})


def test_a_stream_that_breaks_says_so_and_ends() -> None:
    stream = plan().response_stream()
    said = stream.feed(CLAUDE_STREAM[:500]) + stream.finish()
    assert stream.failure is not None
    assert stream.failure.kind is Kind.TRUNCATED
    assert stream.done
    last = said.strip().rpartition(b"data: ")[2]
    assert "error" in orjson.loads(last)
    assert stream.feed(CLAUDE_STREAM) == b""


def test_an_embedder_may_give_up() -> None:
    stream = plan().response_stream()
    said = stream.feed(CLAUDE_STREAM[:700])
    failure = Failure(kind=Kind.TIMEOUT, status=504, message="too slow")
    said += stream.fail(failure)
    assert (stream.done, stream.failure) == (True, failure)
    last = said.strip().rpartition(b"data: ")[2]
    assert orjson.loads(last)["error"]["message"] == "too slow"
    assert stream.feed(CLAUDE_STREAM) == stream.finish() == stream.fail(failure) == b""


def test_a_stream_as_one_array() -> None:
    body: Any = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    made = translate.request(
        body, source="gemini", target="claude_messages", model="claude-x", stream=True
    )
    stream = made.response_stream(array=True)
    chunks = orjson.loads(stream.feed(CLAUDE_STREAM) + stream.finish())
    words = [
        p.get("text") for c in chunks for p in c["candidates"][0]["content"]["parts"]
    ]
    assert "".join(words) == "hi"


def test_its_own_dialect_gets_no_proofs_of_others() -> None:
    text = {"type": "text", "text": "a"}
    proof = "cliproxy1:gemini::AA"
    thought = {"type": "thinking", "thinking": "t", "signature": proof}
    said: Any = {"role": "assistant", "content": [thought, text]}
    made = translate.request(
        {"model": "a", "max_tokens": 9, "messages": [said]},
        source="claude_messages",
        target="claude_messages",
        model="b",
        stream=True,
    )
    sent = orjson.loads(made.body)
    assert sent["messages"][0]["content"] == [text]
    assert sent["stream"] is True


@pytest.mark.parametrize("body", [orjson.dumps(CLAUDE_WHOLE), CLAUDE_STREAM])
def test_a_whole_answer_from_a_document_or_a_stream(body: bytes) -> None:
    made = plan(created=5)
    document = orjson.loads(made.response(body))
    assert document["choices"][0]["message"]["content"] == "hi"
    assert document["created"] == 5
    whole = plan(created=5).whole(body)
    assert orjson.loads(whole.body) == document
    assert whole.usage is not None
    assert whole.usage.output == 2
    assert whole.dropped == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', "b"),
        (b"", "empty"),
        (b"{", "malformed"),
        (CLAUDE_STREAM[:300], "truncated"),
    ],
)
def test_no_answer_is_an_error_in_the_callers_dialect(body: bytes, kind: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        plan().response(body)
    error = caught.value
    assert kind in {"b", error.failure.kind.value}
    assert error.status == error.failure.status
    assert orjson.loads(error.body)["error"]["message"] == str(error)


def test_an_http_error() -> None:
    body = b'{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}'
    error = plan().error(429, body)
    assert (error.status, error.failure.kind) == (429, Kind.RATE)
    assert orjson.loads(error.body)["error"]["message"] == "slow"


def test_strictly_nothing_may_be_lost() -> None:
    plan(strict=True)
    with pytest.raises(LossError, match="seed") as caught:
        plan(SEED_ASK, strict=True)
    assert [item.path for item in caught.value.dropped] == [".seed"]


def test_strictly_nothing_may_be_lost_on_the_way_back() -> None:
    native = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    answer = orjson.dumps(CLAUDE_WHOLE | {"content": [native]})
    assert plan().whole(answer).dropped != ()
    with pytest.raises(LossError):
        plan(strict=True).whole(answer)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"model": "m", "messages": 1}, ".messages"),
        (ASK | {"tools": [1]}, ".tools[0]"),
    ],
)
def test_a_bad_request_names_the_place(document: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        plan(document)
    assert caught.value.path.startswith(path)


def test_not_json_and_not_a_dialect() -> None:
    where: Any = {"source": "openai_chat", "target": "claude_messages", "model": "x"}
    with pytest.raises(DecodeError, match="not JSON"):
        translate.request(b"{", **where)
    with pytest.raises(ValueError, match="choose from openai_chat"):
        translate.request(b"{}", **where | {"target": "chat"})
