"""Requests: all that callers send, as it came but for what was changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Choice,
    ChoiceMode,
    Extras,
    Message,
    Request,
    Role,
    Sampling,
    Text,
)

HI: dict[str, Any] = {"role": "user", "content": "hi"}
FUNCTION_CHOICE = {"type": "function", "function": {"name": "f"}}
CUSTOM_CHOICE = {"type": "custom", "custom": {"name": "g"}}

# Everything at once; emitting what was parsed gives it back.
FULL: dict[str, Any] = orjson.loads(
    Path(__file__).with_name("full_request.json").read_bytes()
)


def test_what_was_parsed_is_given_back() -> None:
    request = DIALECT.parse_request(FULL)
    emitted = DIALECT.emit_request(request)
    assert emitted.payload == FULL
    assert emitted.dropped == ()
    assert DIALECT.parse_request(emitted.payload) == request


def test_what_everything_at_once_says() -> None:
    request = DIALECT.parse_request(FULL)
    assert request.sampling == Sampling(
        max_output=5,
        max_output_counts_reasoning=True,
        temperature=0.5,
        top_p=1,
        top_k=3,
        stop=("END",),
        seed=1,
        presence_penalty=0.1,
        frequency_penalty=0,
        count=2,
        logprobs=True,
        top_logprobs=2,
    )
    assert (request.stream, request.stream_usage) == (True, True)
    assert (request.verbosity, request.tier, request.store) == ("low", "flex", False)
    assert (request.cache_key, request.cache_retention) == ("key", "24h")
    assert request.modalities == ("text", "audio")
    assert request.user == "ann"
    assert request.metadata == FULL["metadata"]
    assert request.extras.fields.keys() == {
        "audio",
        "extra_body",
        "from_the_future",
        "image_config",
        "logit_bias",
        "max_tokens",  # the newer limit counts
        "moderation",
        "prediction",
        "prompt_cache_options",
        "reasoning",
        "safety_identifier",
        "speed",
        "stream_options",
        "thinking",
    }


NOTHINGS: list[Any] = [None, [], {}, "", False, 0]


@pytest.mark.parametrize("key", sorted(FULL.keys() - {"model", "messages"}))
def test_absent_null_and_empty_stay_different(key: str) -> None:
    """Each field of the inventory with each kind of nothing that it may have."""
    taken = 0
    for nothing in NOTHINGS:
        payload: dict[str, Any] = {"model": "m", "messages": [HI], key: nothing}
        try:
            request = DIALECT.parse_request(payload)
        except DecodeError:
            continue
        taken += 1
        assert DIALECT.emit_request(request).payload == payload
    assert taken


MESSAGES: list[dict[str, Any]] = [
    *FULL["messages"],
    {"role": "assistant", "content": None},
    {"role": "assistant", "content": None, "tool_calls": []},
    {"role": "assistant", "content": [], "tool_calls": None},
    {"role": "user", "content": []},
    {"role": "user", "content": "", "name": None},
    {"role": "user", "content": [{"type": "text", "text": "", "cache_control": None}]},
]


@pytest.mark.parametrize("message", MESSAGES, ids=str)
def test_a_message_beside_one_that_was_changed_goes_out_as_it_came(
    message: dict[str, Any],
) -> None:
    payload: dict[str, Any] = {"model": "m", "messages": [message, HI]}
    request = DIALECT.parse_request(payload)
    changed = Message(role=Role.USER, parts=(Text("bye"),))
    edited = attrs.evolve(request, messages=(request.messages[0], changed))
    out: Any = DIALECT.emit_request(edited).payload
    assert out["messages"] == [message, {"role": "user", "content": "bye"}]


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"model": "x"}, {"model": "x"}),
    ({"stream": False}, {}),
    (
        {"sampling": Sampling(stop=("x",), max_output=7)},
        {"stop": ["x"], "max_tokens": 7},
    ),
    ({"reasoning": None}, {}),
    ({"reasoning": ReasoningWish(effort=Effort.HIGH)}, {"reasoning_effort": "high"}),
    ({"tools": (), "choice": None}, {}),
    ({"choice": Choice(ChoiceMode.NAMED, "g")}, {"tool_choice": CUSTOM_CHOICE}),
    ({"choice": Choice(ChoiceMode.NAMED, "f")}, {"tool_choice": FUNCTION_CHOICE}),
    ({"user": "x"}, {"user": "x", "metadata": {"k": "v", "user_id": "x"}}),
    ({"store": True, "tier": None}, {"store": True}),
    ({"extras": Extras("openai_chat", {"new": 1}, FULL)}, {"new": 1}),
]


@pytest.mark.parametrize(("change", "told"), CHANGES, ids=str)
def test_only_what_was_changed_is_written_anew(
    change: dict[str, Any], told: dict[str, Any]
) -> None:
    edited = attrs.evolve(DIALECT.parse_request(FULL), **change)
    out = DIALECT.emit_request(edited).payload
    assert {k: v for k, v in out.items() if k not in FULL or v != FULL[k]} == {
        key: value for key, value in told.items() if FULL.get(key) != value
    }
    assert DIALECT.parse_request(out).messages == edited.messages
    for field in change.keys() - {"extras"}:
        assert getattr(DIALECT.parse_request(out), field) == change[field]


@pytest.mark.parametrize(
    "choice",
    [
        "auto",
        "none",
        "required",
        {"type": "function", "function": {"name": "f"}},
        {"type": "custom", "custom": {"name": "f"}},
        {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}},
        {"type": "web_search"},
        {"type": "of_the_future"},
    ],
)
def test_every_choice_is_given_back(choice: Any) -> None:
    payload = {"model": "m", "messages": [HI], "tool_choice": choice}
    emitted = DIALECT.emit_request(DIALECT.parse_request(payload))
    assert emitted.payload == payload


def test_fields_of_the_neutral_request() -> None:
    payload: dict[str, Any] = {
        "model": "m",
        "messages": [HI],
        "stop": "x",
        "max_tokens": 1,
        "stream_options": None,
        "tools": None,
        "user": None,
        "stream": None,
    }
    request = DIALECT.parse_request(payload)
    assert request == Request(
        model="m",
        messages=(Message(role=Role.USER, parts=(Text("hi"),), path=".messages[0]"),),
        sampling=Sampling(max_output=1, stop=("x",)),
        extras=Extras("openai_chat", {}, payload),
    )
    assert DIALECT.emit_request(request).payload["max_tokens"] == 1


def test_a_stream_that_others_ask_for_is_always_counted() -> None:
    payload: dict[str, Any] = {"model": "m", "messages": [HI], "stream": True}
    request = DIALECT.parse_request(payload)
    assert request.stream_usage is None
    assert DIALECT.emit_request(request).payload == payload
    foreign = attrs.evolve(request, extras=NO_EXTRAS)
    out = DIALECT.emit_request(foreign).payload
    assert out == {**payload, "stream_options": {"include_usage": True}}


# What is wrong -> where.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"model": None}, ".model"),
    ({"messages": "x"}, ".messages"),
    ({"messages": [5]}, ".messages[0]"),
    ({"messages": [{"content": "x"}]}, ".messages[0].role"),
    ({"messages": [{"role": "root", "content": "x"}]}, ".messages[0].role"),
    ({"messages": [HI, {"role": "user"}]}, ".messages[1].content"),
    ({"messages": [{"role": "user", "content": 5}]}, ".messages[0].content"),
    (
        {"messages": [HI, {"role": "user", "content": [{"text": "x"}]}]},
        ".messages[1].content[0].type",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        ".messages[0].content[0].text",
    ),
    ({"stream": "yes"}, ".stream"),
    ({"stop": [1]}, ".stop[0]"),
    ({"temperature": "hot"}, ".temperature"),
    ({"max_tokens": 1.5}, ".max_tokens"),
    ({"tools": [{"type": "function"}]}, ".tools[0].function"),
    ({"tool_choice": "maybe"}, ".tool_choice"),
    ({"response_format": {}}, ".response_format.type"),
    ({"reasoning_effort": "much"}, ".reasoning_effort"),
    ({"stream_options": {"include_usage": 1}}, ".stream_options.include_usage"),
    ({"logprobs": 1}, ".logprobs"),
    ({"verbosity": 1}, ".verbosity"),
    ({"modalities": [1]}, ".modalities[0]"),
    ({"metadata": "x"}, ".metadata"),
    ({"store": "no"}, ".store"),
    ({"functions": [{}]}, ".functions[0].name"),
    ({"function_call": {}}, ".function_call.name"),
    ({"web_search_options": 1}, ".web_search_options"),
    ({"thinking": {"budget_tokens": "x"}}, ".thinking.budget_tokens"),
    ({"messages": [{"role": "function", "content": "x"}]}, ".messages[0].name"),
    ({"messages": [{"role": "assistant", "images": [1]}]}, ".messages[0].images[0]"),
]


@pytest.mark.parametrize(("wrong", "path"), WRONG, ids=[path for _, path in WRONG])
def test_a_complaint_names_the_place(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        DIALECT.parse_request({"model": "m", "messages": [HI], **wrong})
    assert caught.value.path == path


def test_a_model_is_needed() -> None:
    with pytest.raises(DecodeError, match=r"\.model: required"):
        DIALECT.parse_request({"messages": [HI]})


@pytest.mark.parametrize(
    ("older", "newer", "most", "rest"),
    [
        (30, 40, 40, {"max_tokens": 30}),
        (40, 40, 40, {}),
        (30, None, 30, {}),
        (None, 40, 40, {}),
    ],
)
def test_of_two_limits_the_newer_one_counts(
    older: int | None, newer: int | None, most: int, rest: dict[str, Any]
) -> None:
    limits = {"max_tokens": older, "max_completion_tokens": newer}
    payload: Any = {"model": "m", "messages": [HI], **limits}
    request = DIALECT.parse_request(payload)
    assert request.sampling.max_output == most
    assert request.extras.fields == rest
    assert DIALECT.emit_request(request).payload == payload
