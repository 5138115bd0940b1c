"""Frames: types, numbers, templates."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.jsonval import loads_exact
from cliproxy_core.dialects.openai_responses.frames import Writer, growth_of
from cliproxy_core.dialects.openai_responses.grammar import classify
from cliproxy_core.ir.dialect import Sent
from tests.core.dialects.openai_responses.events import payload_of


def test_frames_are_numbered_from_nought() -> None:
    writer, out = Writer(), list[Sent]()
    writer.say("keepalive", {"a": 1}, out)
    writer.say_response("response.created", b'{"id":"r"}', out)
    growth = growth_of("response.refusal.delta", {"output_index": 0})
    writer.grow(growth, "no", out)
    assert b"".join(frame for _, frame in out) == (
        b'event: keepalive\ndata: {"type":"keepalive","sequence_number":0,"a":1}\n\n'
        b'event: response.created\ndata: {"type":"response.created",'
        b'"sequence_number":1,"response":{"id":"r"}}\n\n'
        b'event: response.refusal.delta\ndata: {"type":"response.refusal.delta",'
        b'"sequence_number":2,"output_index":0,"delta":"no"}\n\n'
    )
    assert writer.number == 3
    assert growth.text == "no"


@given(st.text(), st.text(), st.integers(0, 1 << 31))
def test_a_template_takes_any_name_and_text(name: str, text: str, number: int) -> None:
    kind = "response.output_text.delta"
    place: Any = {"item_id": name, "output_index": 1, "content_index": 2}
    growth = growth_of(kind, place)
    frame = growth.template % (number, orjson.dumps(text))
    payload = payload_of(frame)
    assert payload == {
        "type": kind,
        "sequence_number": number,
        **place,
        "delta": text,
        "logprobs": [],
    }
    assert growth.steps == classify(payload)


def test_only_words_say_that_nobody_asked_for_probabilities() -> None:
    kind = "response.function_call_arguments.delta"
    growth = growth_of(kind, {"item_id": "i", "output_index": 0})
    assert b"logprobs" not in growth.template


def test_numbers_are_spelled_as_they_came() -> None:
    writer, out = Writer(), list[Sent]()
    item = loads_exact(b'{"x":1e2,"y":12345678901234567890123}')
    writer.say("keepalive", {"item": item}, out)
    assert b'"item":{"x":1e2,"y":12345678901234567890123}' in out[0][1]
