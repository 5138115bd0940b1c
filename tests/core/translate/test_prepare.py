"""A caller's request becomes the upstream's."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.translate.lane import Lane
from cliproxy_core.translate.prepare import Finish, Prepared, prepare

CHAT, CLAUDE = DIALECTS["openai_chat"], DIALECTS["claude_messages"]
BODY = (
    b'{ "from_the_future": 1.50,\n "model":"a", "max_tokens": 5, "metadata": {"u":"v"},'
    b' "messages": [{"role": "user", "content": "caf\\u00e9"}] }'
)


def untouched(_payload: JsonObject, _lane: Lane) -> Mapping[str, Json]:
    return {}


def prepared(source: str, target: str, finish: Finish = untouched) -> Prepared:
    return prepare(
        BODY,
        orjson.loads(BODY),
        source=DIALECTS[source],
        target=DIALECTS[target],
        model="b",
        streams=True,
        finish=finish,
    )


@pytest.mark.parametrize("name", DIALECTS)
def test_natively_nothing_but_the_model_changes(name: str) -> None:
    out = prepared(name, name)
    edited = BODY.replace(b'"model":"a"', b'"model":"b"')
    assert out.body == (edited if DIALECTS[name].names_model else BODY)
    assert (out.lane, out.dropped) == (Lane.NATIVE, ())


def test_natively_the_provider_has_the_last_word() -> None:
    out = prepared("openai_chat", "openai_chat", lambda _p, _l: {"max_tokens": 9})
    assert out.body.startswith(b'{ "from_the_future": 1.50,')
    assert orjson.loads(out.body)["max_tokens"] == 9


def test_what_stays_of_a_conversation_keeps_its_spelling() -> None:
    body = b'{"model":"b", "messages":[{"n":1e5},{"n":12345678901234567890123}]}'
    out = prepare(
        body,
        orjson.loads(body),
        source=DIALECTS["openai_chat"],
        target=DIALECTS["openai_chat"],
        model="b",
        streams=True,
        finish=lambda payload, _lane: {"messages": payload["messages"][1:]},  # type: ignore[index]
    )
    assert out.body == b'{"model":"b", "messages":[{"n":12345678901234567890123}]}'


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_another_attempt_finds_the_document_as_it_was(source: str, target: str) -> None:
    function: JsonObject = {"name": "f", "parameters": {}}
    call: JsonObject = {"type": "function", "function": function}
    document: JsonObject = {
        "model": "a",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        "input": [{"role": "user", "content": "hi"}],
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "tools": [call] if source == "openai_chat" else [],
        "max_tokens": 5,
    }
    body = orjson.dumps(document)
    made = [
        prepare(
            body,
            document,
            source=DIALECTS[source],
            target=DIALECTS[target],
            model="b",
            streams=True,
            finish=lambda _payload, _lane: {"max_tokens": 9},
        )
        for _ in range(2)
    ]
    assert orjson.dumps(document) == body
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("source", "target"),
    [("openai_chat", "claude_messages"), ("claude_messages", "openai_chat")],
)
def test_translated_the_rest_is_kept_or_named(source: str, target: str) -> None:
    out = prepared(source, target)
    document = orjson.loads(out.body)
    assert out.lane is Lane.TRANSLATED
    assert document["model"] == "b"
    assert "caf\u00e9" in out.body.decode()
    assert ".from_the_future" in {item.path for item in out.dropped}
    assert "from_the_future" not in document


def test_translated_the_provider_sees_what_will_be_sent() -> None:
    seen: list[tuple[JsonObject, Lane]] = []

    def finish(payload: JsonObject, lane: Lane) -> Mapping[str, Json]:
        seen.append((payload, lane))
        return {"temperature": 0}

    out = prepared("openai_chat", "claude_messages", finish)
    ((payload, lane),) = seen
    assert lane is Lane.TRANSLATED
    assert payload["model"] == "b"
    assert orjson.loads(out.body) == {**payload, "temperature": 0}


def test_a_document_that_means_nothing_has_a_path() -> None:
    with pytest.raises(DecodeError, match="messages"):
        prepare(
            b'{"model":"a","messages":7}',
            {"model": "a", "messages": 7},
            source=CLAUDE,
            target=CHAT,
            model="b",
            streams=False,
            finish=untouched,
        )


def test_the_body_does_not_show() -> None:
    assert "caf" not in repr(prepared("openai_chat", "openai_chat"))
