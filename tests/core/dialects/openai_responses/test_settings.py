"""Choices, reasoning, formats and sampling: each form both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_responses.parts_emit import Writer
from cliproxy_core.dialects.openai_responses.settings import (
    emit_include,
    emit_reasoning,
    emit_sampling,
    emit_text,
    is_usual,
    parse_include,
    parse_reasoning,
    parse_sampling,
    parse_text,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import (
    Extras,
    Request,
    ResponseFormat,
    Sampling,
)

NAME = "openai_responses"
LOGPROBS = "message.output_text.logprobs"


def own() -> Writer:
    return Writer(own=True)


@pytest.mark.parametrize(
    ("raw", "wish", "kept"),
    [
        ({"effort": "minimal"}, ReasoningWish(effort=Effort.MINIMAL), None),
        ({"effort": "none"}, ReasoningWish(effort=Effort.NONE), None),
        (
            {"effort": "high", "summary": "auto"},
            ReasoningWish(effort=Effort.HIGH, visible=True),
            None,
        ),
        (
            {"summary": "detailed", "context": "auto"},
            ReasoningWish(visible=True),
            {"summary": "detailed", "context": "auto"},
        ),
        ({"summary": None}, ReasoningWish(visible=False), {"summary": None}),
        ({"summary": "none"}, ReasoningWish(visible=False), {"summary": "none"}),
        (
            {"generate_summary": "concise"},
            ReasoningWish(visible=True),
            {"generate_summary": "concise"},
        ),
        ({"effort": None}, None, {"effort": None}),
        ({}, None, {}),
    ],
    ids=str,
)
def test_reasoning_both_ways(raw: Any, wish: Any, kept: Any) -> None:
    fields: dict[str, Any] = {}
    assert parse_reasoning({}, fields) is None
    assert parse_reasoning({"reasoning": raw}, fields) == wish
    assert fields == ({} if kept is None else {"reasoning": kept})
    assert emit_reasoning(wish, kept, own()) == raw


def test_a_wish_that_was_edited_says_what_it_became() -> None:
    kept: Any = {"summary": "detailed", "mode": "pro"}
    told = emit_reasoning(ReasoningWish(effort=Effort.NONE), kept, own())
    assert told == {"effort": "none", "mode": "pro"}
    told = emit_reasoning(ReasoningWish(visible=True), {"summary": "none"}, own())
    assert told == {"summary": "auto"}


@pytest.mark.parametrize(
    ("wish", "told", "lost"),
    [
        (None, None, []),
        (ReasoningWish(), None, []),
        (ReasoningWish(effort=Effort.MAX), {"effort": "max"}, []),
        (ReasoningWish(visible=True), {"summary": "auto"}, []),
        (ReasoningWish(visible=False), None, []),
        (
            ReasoningWish(budget=8000, visible=True),
            {"effort": "medium", "summary": "auto"},
            [".reasoning.budget"],
        ),
        (ReasoningWish(adaptive=True), {"effort": "high"}, [".reasoning.adaptive"]),
        (ReasoningWish(adaptive=True, effort=Effort.LOW), {"effort": "low"}, []),
    ],
)
def test_wishes_of_other_dialects(wish: Any, told: Any, lost: Any) -> None:
    writer = Writer(own=False)
    assert emit_reasoning(wish, None, writer) == told
    assert [dropped.path for dropped in writer.dropped] == lost


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"reasoning": 7}, ".reasoning"),
        ({"reasoning": {"effort": 7}}, ".reasoning.effort"),
        ({"reasoning": {"effort": "auto"}}, ".reasoning.effort"),
        ({"reasoning": {"generate_summary": 7}}, ".reasoning.generate_summary"),
    ],
)
def test_a_bad_wish_is_a_complaint(payload: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_reasoning(payload, {})
    assert caught.value.path == path


SCHEMA: dict[str, Any] = {"type": "object"}


@pytest.mark.parametrize(
    ("raw", "form", "verbosity", "kept"),
    [
        ({"format": {"type": "text"}}, ResponseFormat(type="text"), None, None),
        (
            {"format": {"type": "json_object"}, "verbosity": "low"},
            ResponseFormat(type="json_object"),
            "low",
            None,
        ),
        (
            {
                "format": {
                    "type": "json_schema",
                    "name": "n",
                    "description": "d",
                    "schema": SCHEMA,
                    "strict": False,
                }
            },
            ResponseFormat(
                type="json_schema",
                name="n",
                description="d",
                schema=SCHEMA,
                strict=False,
            ),
            None,
            None,
        ),
    ],
)
def test_formats_both_ways(raw: Any, form: Any, verbosity: Any, kept: Any) -> None:
    fields: dict[str, Any] = {}
    assert parse_text({"text": raw}, fields) == (form, verbosity)
    assert fields == ({} if kept is None else {"text": kept})
    assert emit_text(form, verbosity, own()) == raw


def test_formats_that_are_known_in_part_or_not_at_all() -> None:
    fields: dict[str, Any] = {}
    form: Any = {"type": "json_schema", "schema": SCHEMA, "strict": None, "new": 1}
    found, _ = parse_text({"text": {"format": form, "x": 2}}, fields)
    assert found == ResponseFormat(type="json_schema", schema=SCHEMA)
    assert fields == {"text": {"x": 2, "format": {"strict": None, "new": 1}}}
    fields = {}
    assert parse_text({"text": {"format": {"type": "lark"}}}, fields) == (None, None)
    assert fields == {"text": {"format": {"type": "lark"}}}
    fields = {}
    assert parse_text({"text": {}}, fields) == (None, None)
    assert fields == {"text": {}}
    assert parse_text({"text": None}, {}) == (None, None)


def test_formats_of_other_dialects() -> None:
    writer = Writer(own=False)
    nameless = ResponseFormat(type="json_schema", schema=SCHEMA)
    assert emit_text(nameless, None, writer) == {
        "format": {"type": "json_schema", "name": "answer", "schema": SCHEMA}
    }
    assert writer.dropped == []
    empty = ResponseFormat(type="json_schema", name="n")
    assert emit_text(empty, None, writer) == {"format": {"type": "json_object"}}
    assert [dropped.path for dropped in writer.dropped] == [".format"]


def test_sampling_both_ways() -> None:
    payload: dict[str, Any] = {
        "max_output_tokens": 5,
        "temperature": 0.5,
        "top_p": 1,
        "top_logprobs": 2,
    }
    sampling = Sampling(
        max_output=5,
        max_output_counts_reasoning=True,
        temperature=0.5,
        top_p=1,
        top_logprobs=2,
    )
    assert parse_sampling(payload) == sampling
    assert emit_sampling(sampling, own()) == payload
    assert parse_sampling({}) == Sampling()
    assert parse_sampling({"include": [LOGPROBS]}) == Sampling(logprobs=True)


def test_sampling_of_other_dialects() -> None:
    writer = Writer(own=False)
    sampling = Sampling(
        max_output=1,
        top_k=1,
        stop=("a",),
        seed=0,
        presence_penalty=0,
        frequency_penalty=1,
        count=2,
    )
    assert emit_sampling(sampling, writer) == {"max_output_tokens": 16}
    assert [dropped.path for dropped in writer.dropped] == [
        ".max_output_tokens",
        ".top_k",
        ".stop",
        ".seed",
        ".presence_penalty",
        ".frequency_penalty",
        ".n",
    ]
    writer = Writer(own=False)
    assert emit_sampling(Sampling(max_output=16, count=1), writer) == {
        "max_output_tokens": 16
    }
    assert writer.dropped == []


@pytest.mark.parametrize(
    ("kept", "logprobs", "told"),
    [
        (None, None, None),
        (None, True, [LOGPROBS]),
        (["a", LOGPROBS, "b"], True, ["a", LOGPROBS, "b"]),
        (["a", LOGPROBS], None, ["a"]),
        (["a"], True, ["a", LOGPROBS]),
    ],
)
def test_what_the_answer_includes(kept: Any, logprobs: Any, told: Any) -> None:
    sampling = Sampling(logprobs=logprobs)
    request = Request(
        model="m", messages=(), sampling=sampling, extras=Extras(NAME, {})
    )
    assert emit_include(request, kept) == told


def test_from_other_dialects_reasoning_shall_come_sealed() -> None:
    sealed = "reasoning.encrypted_content"
    request = Request(model="m", messages=())
    assert emit_include(request, None) == [sealed]
    request = Request(model="m", messages=(), sampling=Sampling(logprobs=True))
    assert emit_include(request, None) == [sealed, LOGPROBS]


def test_a_bad_list_is_a_complaint() -> None:
    assert parse_include({"include": None}) == []
    with pytest.raises(DecodeError) as caught:
        parse_include({"include": ["a", 7]})
    assert caught.value.path == ".include[1]"


def test_what_every_answer_has() -> None:
    assert is_usual([])
    assert is_usual(["reasoning.encrypted_content", LOGPROBS])
    assert not is_usual(["reasoning.encrypted_content", "file_search_call.results"])
