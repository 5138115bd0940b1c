"""`generationConfig` in both directions."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.gemini.config import (
    MAX_STOPS,
    Config,
    emit_config,
    parse_config,
)
from cliproxy_core.ir.reasoning import Effort, ReasoningWish
from cliproxy_core.ir.request import Dropped, Request, ResponseFormat, Sampling

JSON = "application/json"
SCHEMA: Any = {"type": "object", "properties": {"x": {"type": "integer"}}}
SHAPE = ResponseFormat(type="json_schema", schema=SCHEMA)


def thinking(**fields: Any) -> Any:
    return {"thinkingConfig": fields}


def wish(**fields: Any) -> Config:
    return Config(reasoning=ReasoningWish(**fields))


# Both ways.
# fmt: off
SAME: list[tuple[Any, Config]] = [
    ({}, Config()),
    ({"maxOutputTokens": 9, "temperature": 0.5, "topP": 1, "topK": 5,
      "stopSequences": ["a"], "seed": 3, "presencePenalty": 0.1,
      "frequencyPenalty": -1, "candidateCount": 2, "responseLogprobs": True,
      "logprobs": 4},
     Config(sampling=Sampling(
         max_output=9, temperature=0.5, top_p=1, top_k=5, stop=("a",), seed=3,
         presence_penalty=0.1, frequency_penalty=-1, count=2, logprobs=True,
         top_logprobs=4))),
    ({"responseModalities": ["TEXT", "IMAGE"]}, Config(modalities=("text", "image"))),
    ({"responseMimeType": "text/plain"}, Config(format=ResponseFormat(type="text"))),
    ({"responseMimeType": JSON}, Config(format=ResponseFormat(type="json_object"))),
    ({"responseMimeType": JSON, "responseJsonSchema": SCHEMA}, Config(format=SHAPE)),
    (thinking(thinkingLevel="low"), wish(effort=Effort.LOW)),
    (thinking(thinkingLevel="xhigh"), wish(effort=Effort.XHIGH)),
    (thinking(thinkingBudget=0), wish(effort=Effort.NONE)),
    (thinking(thinkingBudget=-1), wish(adaptive=True)),
    (thinking(thinkingBudget=99), wish(budget=99)),
    (thinking(includeThoughts=True), wish(visible=True)),
    (thinking(thinkingBudget=99, includeThoughts=False),
     wish(budget=99, visible=False)),
]

# From other spellings.
READ: list[tuple[Any, Config]] = [
    ({"max_output_tokens": 9, "top_k": 40.0, "stop_sequences": None},
     Config(sampling=Sampling(max_output=9, top_k=40))),
    ({"thinking_config": {"thinking_level": "MEDIUM"}}, wish(effort=Effort.MEDIUM)),
    (thinking(thinkingLevel="none"), wish(effort=Effort.NONE)),
    (thinking(thinkingLevel="auto"), wish(adaptive=True)),
    (thinking(thinkingLevel="THINKING_LEVEL_UNSPECIFIED"), Config()),
    (thinking(thinkingLevel="low", thinkingBudget=9),
     wish(effort=Effort.LOW, budget=9)),
    (thinking(thinkingLevel="low", thinkingBudget=0), wish(effort=Effort.LOW)),
    (thinking(), Config()),
    (thinking(new=1), Config(rest={"thinkingConfig": {"new": 1}})),
    ({"responseMimeType": JSON, "response_schema":
      {"type": "OBJECT", "properties": {"x": {"type": "INTEGER"}}}},
     Config(format=SHAPE)),
    ({"responseJsonSchema": SCHEMA}, Config(format=SHAPE)),
    ({"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING"}},
     Config(rest={"responseMimeType": "text/x.enum",
                  "responseSchema": {"type": "STRING"}})),
    ({"imageConfig": {"aspectRatio": "1:1"}, "speech_config": {"a_b": 1}},
     Config(rest={"imageConfig": {"aspectRatio": "1:1"}, "speechConfig": {"a_b": 1}})),
]
# fmt: on


@pytest.mark.parametrize(("config", "read"), SAME + READ, ids=str)
def test_it_is_read(config: Any, read: Config) -> None:
    assert parse_config(config) == read


@pytest.mark.parametrize(("config", "read"), SAME, ids=str)
def test_it_is_written(config: Any, read: Config) -> None:
    assert written(read) == (config, [])


def written(config: Config) -> tuple[Any, list[str]]:
    """The document, and the paths of what was dropped."""
    fields = attrs.asdict(config, recurse=False)
    del fields["rest"]
    dropped: list[Dropped] = []
    document = emit_config(Request(model="m", messages=(), **fields), dropped)
    assert all(each.reason for each in dropped)
    return document, [each.path for each in dropped]


def test_nothing_is_nothing() -> None:
    assert parse_config(None) == Config()


STOPS = tuple("abcdef")

# fmt: off
LOSSES: list[tuple[Config, Any, list[str]]] = [
    (Config(sampling=Sampling(stop=STOPS)),
     {"stopSequences": list(STOPS[:MAX_STOPS])}, [".stop"]),
    (Config(sampling=Sampling(top_logprobs=2)),
     {"responseLogprobs": True, "logprobs": 2}, []),
    (Config(sampling=Sampling(max_output=9, max_output_counts_reasoning=True)),
     {"maxOutputTokens": 9}, []),
    (Config(format=attrs.evolve(SHAPE, name="n", description="d", strict=True)),
     {"responseMimeType": JSON, "responseJsonSchema": SCHEMA},
     [".format.name", ".format.description"]),
    (Config(format=attrs.evolve(SHAPE, strict=False)),
     {"responseMimeType": JSON, "responseJsonSchema": SCHEMA}, [".format.strict"]),
    (wish(effort=Effort.NONE, visible=True), thinking(thinkingBudget=0),
     [".reasoning.visible"]),
    (wish(effort=Effort.NONE, visible=False), thinking(thinkingBudget=0), []),
    (wish(effort=Effort.LOW, budget=9), thinking(thinkingLevel="low"),
     [".reasoning.budget"]),
    (wish(effort=Effort.HIGH, adaptive=True), thinking(thinkingLevel="high"), []),
    (wish(effort=Effort.MAX), thinking(thinkingLevel="xhigh"), [".reasoning.effort"]),
    (wish(), {}, []),
]
# fmt: on


@pytest.mark.parametrize(("config", "document", "dropped"), LOSSES)
def test_what_it_cannot_say(config: Config, document: Any, dropped: list[str]) -> None:
    assert written(config) == (document, dropped)


BAD = [
    ({"maxOutputTokens": "9"}, ".generationConfig.maxOutputTokens"),
    ({"topK": 1.5}, ".generationConfig.topK"),
    ({"temperature": True}, ".generationConfig.temperature"),
    ({"stopSequences": "a"}, ".generationConfig.stopSequences"),
    ({"stopSequences": ["a", 7]}, ".generationConfig.stopSequences[1]"),
    ({"responseModalities": [7]}, ".generationConfig.responseModalities[0]"),
    ({"responseMimeType": 7}, ".generationConfig.responseMimeType"),
    (
        {"responseSchema": {"properties": 7}},
        ".generationConfig.responseSchema.properties",
    ),
    ({"responseJsonSchema": 7}, ".generationConfig.responseJsonSchema"),
    ({"thinkingConfig": 7}, ".generationConfig.thinkingConfig"),
    (thinking(thinkingLevel="most"), ".generationConfig.thinkingConfig.thinkingLevel"),
    (thinking(thinkingLevel=7), ".generationConfig.thinkingConfig.thinkingLevel"),
    (thinking(thinkingBudget=-2), ".generationConfig.thinkingConfig.thinkingBudget"),
    (
        thinking(includeThoughts="true"),
        ".generationConfig.thinkingConfig.includeThoughts",
    ),
]


@pytest.mark.parametrize(("config", "path"), BAD, ids=str)
def test_a_bad_setting_is_a_complaint(config: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_config(config)
    assert caught.value.path == path
