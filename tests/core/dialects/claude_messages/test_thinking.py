"""What is said about thinking and the form of the answer, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.dialects.claude_messages.rest import Rest
from cliproxy_core.dialects.claude_messages.thinking import (
    emit_format,
    emit_thinking,
    make_legal,
    parse_thinking,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import Dropped, ResponseFormat

ENABLED: Any = {"type": "enabled", "budget_tokens": 2048}
SCHEMA: Any = {"type": "object"}
SHAPE: Any = {"type": "json_schema", "schema": SCHEMA}
JSON_SCHEMA = ResponseFormat(type="json_schema", schema=SCHEMA)


def parse(**fields: Any) -> tuple[ReasoningWish | None, ResponseFormat | None, Rest]:
    rest = Rest()
    wish, answer = parse_thinking(fields, rest)
    return wish, answer, rest


# fmt: off
WISHES: list[tuple[Any, ReasoningWish | None, Any, Any]] = [
    # said, wish, fields of the rest, silent members of the rest
    ({}, None, {}, {}),
    ({"thinking": None, "output_config": None}, None, {}, {}),
    ({"output_config": {}}, None, {}, {"output_config": {}}),
    ({"output_config": {"effort": None, "task_budget": {"total": 1}}}, None,
     {"output_config": {"task_budget": {"total": 1}}},
     {"output_config": {"effort": None}}),
    ({"thinking": {**ENABLED, "display": None}}, ReasoningWish(budget=2048), {},
     {"thinking": {"display": None}}),
    ({"thinking": {"type": "adaptive", "budget_tokens": 5}},
     ReasoningWish(adaptive=True), {"thinking": {"budget_tokens": 5}}, {}),
    ({"thinking": {"type": "disabled", "display": "omitted"}},
     ReasoningWish(effort=Effort.NONE), {"thinking": {"display": "omitted"}}, {}),
    ({"thinking": {"type": "between_tools"}}, None,
     {"thinking": {"type": "between_tools"}}, {}),
    ({"thinking": {"type": "disabled"}, "output_config": {"effort": "low", "x": 1}},
     ReasoningWish(effort=Effort.NONE),
     {"output_config": {"effort": "low", "x": 1}}, {}),
]
# fmt: on


@pytest.mark.parametrize(("said", "wish", "fields", "silent"), WISHES)
def test_wishes(said: Any, wish: Any, fields: Any, silent: Any) -> None:
    found, answer, rest = parse(**said)
    assert (found, answer) == (wish, None)
    assert (rest.fields, rest.silent) == (fields, silent)


def test_formats() -> None:
    assert parse(output_config={"format": SHAPE})[1] == JSON_SCHEMA
    _, answer, rest = parse(output_config={"format": {**SHAPE, "new": None}})
    assert answer == JSON_SCHEMA
    assert rest.fields == {"output_config": {"format": {"new": None}}}


def test_the_older_place_of_the_format() -> None:
    _, answer, rest = parse(output_format=SHAPE)
    assert (answer, rest.silent) == (JSON_SCHEMA, {"output_format": SHAPE})
    _, answer, rest = parse(output_format={"type": "new"})
    assert (answer, rest.fields) == (None, {"output_format": {"type": "new"}})
    other: Any = {"type": "json_schema", "schema": {"type": "array"}}
    _, answer, rest = parse(output_format=other, output_config={"format": SHAPE})
    assert (answer, rest.fields) == (JSON_SCHEMA, {"output_format": other})


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"thinking": {"type": 1}}, ".thinking.type"),
        ({"thinking": {**ENABLED, "budget_tokens": 1.5}}, ".thinking.budget_tokens"),
        ({"output_format": {"type": "json_schema"}}, ".output_format.schema"),
        ({"output_format": 1}, ".output_format"),
        ({"output_config": {"effort": "minimal"}}, ".output_config.effort"),
    ],
)
def test_faults_are_named(said: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse(**said)
    assert caught.value.path == path


def emit(
    wish: ReasoningWish | None, *, native: bool = False, **fields: Any
) -> tuple[JsonObject, list[str]]:
    payload: JsonObject = {"max_tokens": 9000, **fields}
    dropped: list[Dropped] = []
    emit_thinking(wish, payload, dropped, native=native)
    make_legal(payload, dropped)
    del payload["max_tokens"]
    return payload, [each.path for each in dropped]


# fmt: off
EMITTED: list[tuple[ReasoningWish | None, Any, list[str]]] = [
    (None,                                       {},                           []),
    (ReasoningWish(effort=Effort.NONE), {"thinking": {"type": "disabled"}},    []),
    (ReasoningWish(budget=0, visible=True), {"thinking": {"type": "disabled"}}, []),
    (ReasoningWish(effort=Effort.MEDIUM),
     {"thinking": {"type": "enabled", "budget_tokens": 8192}},                 []),
    (ReasoningWish(effort=Effort.MINIMAL),
     {"thinking": {"type": "enabled", "budget_tokens": 1024}},       [".reasoning"]),
    (ReasoningWish(effort=Effort.MAX),
     {"thinking": {"type": "enabled", "budget_tokens": 8999}},       [".reasoning"]),
    (ReasoningWish(adaptive=True, effort=Effort.MINIMAL, visible=False),
     {"thinking": {"type": "adaptive", "display": "omitted"},
      "output_config": {"effort": "low"}},                    [".reasoning.effort"]),
    (ReasoningWish(visible=True), {},                        [".reasoning.visible"]),
]
# fmt: on


@pytest.mark.parametrize(("wish", "written", "dropped"), EMITTED)
def test_emitting(wish: ReasoningWish | None, written: Any, dropped: list[str]) -> None:
    assert emit(wish) == (written, dropped)


def test_a_forced_call_takes_thinking_and_effort_away() -> None:
    # facts/02, vector 178.
    wish = ReasoningWish(adaptive=True, effort=Effort.HIGH)
    forced: Any = {"tool_choice": {"type": "any"}}
    assert emit(wish, **forced) == (forced, [".reasoning"])
    config: Any = {"format": SHAPE}
    written, _ = emit(wish, **forced, output_config=config)
    assert written == {**forced, "output_config": config}


def test_emitting_a_format() -> None:
    payload: JsonObject = {}
    dropped: list[Dropped] = []
    emit_format(JSON_SCHEMA, payload, dropped, native=True)
    assert (payload, dropped) == ({"output_config": {"format": SHAPE}}, [])
    emit_format(JSON_SCHEMA, payload, dropped, native=False)
    shape = {"type": "json_schema", "schema": {**SCHEMA, "additionalProperties": False}}
    assert payload == {"output_config": {"format": shape}}
    emit_format(ResponseFormat(type="json_object"), payload, dropped, native=False)
    assert [each.path for each in dropped] == [".format.schema", ".format"]
