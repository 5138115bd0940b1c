"""What a response says of itself, and what it repeats of its request."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from openai.types.responses import Response as SdkResponse

from cliproxy_core.base.jsonval import loads_exact
from cliproxy_core.dialects.openai_responses.envelope import (
    Envelope,
    echo_of,
    incomplete_reason,
)
from cliproxy_core.ir.stream import Reason, Stopped
from cliproxy_core.ir.usage import Usage


def envelope(caller: Any = None) -> Envelope:
    return Envelope(name="r", model="m", created=7, echo=echo_of(caller or {}))


ECHOED = [
    ({}, "temperature", 1.0),
    ({"temperature": 0}, "temperature", 0),
    ({"temperature": None}, "temperature", 1.0),
    ({"tools": [{"type": "function"}]}, "tools", [{"type": "function"}]),
    ({"tool_choice": {"type": "mcp"}}, "tool_choice", {"type": "mcp"}),
    ({"parallel_tool_calls": False}, "parallel_tool_calls", False),
    ({"metadata": {"a": "b"}}, "metadata", {"a": "b"}),
    ({"prompt_cache_key": "k"}, "prompt_cache_key", "k"),
    ({"reasoning": {"effort": "low"}}, "reasoning", {"effort": "low", "summary": None}),
    (
        {"text": {"verbosity": "low"}},
        "text",
        {"format": {"type": "text"}, "verbosity": "low"},
    ),
    (
        {"text": {"format": {"type": "json_object"}}},
        "text",
        {"format": {"type": "json_object"}},
    ),
]


@pytest.mark.parametrize(("caller", "key", "told"), ECHOED)
def test_what_is_repeated(caller: Any, key: str, told: Any) -> None:
    assert echo_of(caller)[key] == told


def test_the_rest_of_a_request_is_not_repeated() -> None:
    assert echo_of({"input": "secret", "stream": True, "odd": 1}) == echo_of({})


def test_what_cannot_be_written_is_not_repeated() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    assert echo_of({"metadata": deep}) == echo_of({})


def test_a_response_is_what_it_says_of_itself_and_the_echo() -> None:
    around = envelope({"instructions": "be kind"})
    own = around.begun()
    assert orjson.loads(around.text(own)) == {**own, **around.echo}


@pytest.mark.parametrize("reason", Reason)
def test_the_sdk_knows_every_field_and_misses_none(reason: Reason) -> None:
    around = envelope()
    text = around.text(around.ended([], Usage(), Stopped(reason)))
    response = SdkResponse.model_validate_json(text, strict=True)
    assert set(response.model_extra or {}) == {"store"}
    assert (response.incomplete_details is None) == (incomplete_reason(reason) is None)


def test_an_incomplete_response_stays_so_where_nobody_says_why() -> None:
    own = envelope().ended([], None, Stopped(Reason.OTHER, "incomplete"))
    assert (own["status"], own["incomplete_details"]) == ("incomplete", None)
    other = envelope().ended([], None, Stopped(Reason.OTHER, "MALFORMED_RESPONSE"))
    assert other["status"] == "completed"


def test_a_stop_sequence_is_told_where_upstreams_tell_it() -> None:
    own = envelope().ended([], None, Stopped(Reason.STOP_SEQUENCE, None, "END"))
    assert (own["stop_reason"], own["stop_sequence"]) == ("stop", "END")


def test_a_failure_is_a_whole_response() -> None:
    failed = envelope().failed([{"id": "i"}], Usage(output=2))
    assert (failed["status"], failed["output"]) == ("failed", [{"id": "i"}])
    assert failed["tools"] == []
    assert failed["usage"] is not None


def test_numbers_are_spelled_as_they_came() -> None:
    tools: Any = loads_exact(b'[{"x":1e2}]')
    output: Any = loads_exact(b'{"y":12345678901234567890123}')
    told = envelope({"tools": tools})
    text = told.text(told.ended([output], None, Stopped(Reason.END)))
    assert b'"tools":[{"x":1e2}]' in text
    assert b'"output":[{"y":12345678901234567890123}]' in text
