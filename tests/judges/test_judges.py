"""The judges judged: bytes, requests and verdicts written by hand."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Collection, Iterator
from typing import Any, Final

import attrs
import pytest

from .reading import Candidate, Fault, Reading, call, exact, joined
from .sample import Answer, Document
from .strict import Checker

DIALECTS: Final = ("openai_chat", "openai_responses", "claude_messages", "gemini")
# Keys whose values the SDKs leave to the caller, or that hold an extension as it came.
FREE: Final = {
    "openai_chat": {"parameters", "schema", "extra_content", "reasoning_details"},
    "openai_responses": {"parameters", "schema"},
    "claude_messages": {"input_schema", "schema", "input"},
    "gemini": {"parametersJsonSchema", "responseJsonSchema", "args", "response"},
}
SDKS: Final = ("openai", "anthropic", "google.genai")


def judge(dialect: str) -> Any:
    return importlib.import_module(f"tests.judges.{dialect}")


def samples(kind: str, name: str) -> pytest.MarkDecorator:
    """Every hand-written case of a kind, with its dialect."""
    return pytest.mark.parametrize(
        ("dialect", "case"),
        [
            pytest.param(dialect, case, id=f"{dialect}-{title}")
            for dialect in DIALECTS
            for title, case in getattr(
                importlib.import_module(f"tests.judges.{kind}_{dialect}"), name
            ).items()
        ],
    )


# Answers.


@samples("answers", "ANSWERS")
def test_a_stream_is_read(dialect: str, case: Answer) -> None:
    assert judge(dialect).fold(case.stream) == case.reading


@samples("answers", "ANSWERS")
def test_a_whole_answer_reads_like_its_stream(dialect: str, case: Answer) -> None:
    if case.document is not None:
        heard = judge(dialect).whole(case.whole)
        assert heard == case.reading or (heard == case.reading.settled())


@samples("answers", "ILLEGAL")
def test_an_illegal_stream_is_noticed(
    dialect: str, case: tuple[bytes, type[Exception], str]
) -> None:
    body, kind, words = case
    with pytest.raises(kind) as caught:
        judge(dialect).fold(body)
    assert words in str(caught.value)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_judge_remembers_nothing(dialect: str) -> None:
    module = importlib.import_module(f"tests.judges.answers_{dialect}")
    case = module.ANSWERS["text"]
    body, kind, _ = module.ILLEGAL["no JSON"]
    with pytest.raises(kind):
        judge(dialect).fold(body)
    assert judge(dialect).fold(case.stream) == case.reading


# Readings.


def test_a_difference_shows() -> None:
    said = Reading(candidates=(Candidate((("text", "a"),), "stop"),))
    assert said != Reading(candidates=(Candidate((("text", "b"),), "stop"),))
    assert said != Reading(candidates=(Candidate((("text", "a"),), None),))
    assert said != attrs.evolve(said, usage={"tokens": 1})
    assert said != attrs.evolve(said, error=Fault(None, None, "no"))
    assert said != attrs.evolve(said, kept=False)


@pytest.mark.parametrize(
    ("one", "another"),
    [("1", "1.0"), ("1", "true"), ("0", "false"), ('{"a":1,"b":2}', '{"b":2,"a":1}')],
)
def test_what_python_takes_for_equal_differs(one: str, another: str) -> None:
    assert call("i", "f", one) != call("i", "f", another)


@pytest.mark.parametrize("text", ["", "{", '{"a":NaN}', "{}{}", None])
def test_what_is_no_json_is_a_cut_call(text: str | None) -> None:
    part = call("i", "f", text)
    assert part == ("cut call", "i", "f", text or "")
    settled = Reading(candidates=(Candidate((part,), "length"),)).settled()
    assert settled.candidates[0].parts == (("call", "i", "f", "{}"),)


def test_exact_json_keeps_letters_and_digits() -> None:
    assert exact({"ä": 12345678901234567890}) == '{"ä":12345678901234567890}'


def test_neighbours_are_joined() -> None:
    parts = [
        ("text", ""),
        ("reasoning", "a"),
        ("reasoning", "b"),
        ("signature", "s"),
        ("reasoning", "c"),
        ("text", "d"),
        ("text", ""),
        ("text", "e"),
    ]
    assert joined(parts) == (
        ("reasoning", "ab"),
        ("signature", "s"),
        ("reasoning", "c"),
        ("text", "de"),
    )


# Requests.


@samples("requests", "VALID")
def test_a_valid_request_has_no_complaints(dialect: str, case: Document) -> None:
    assert judge(dialect).validate_request(case) == []


@samples("requests", "BROKEN")
def test_a_broken_request_is_told_where(
    dialect: str, case: tuple[Document, str]
) -> None:
    document, due = case
    complaints = judge(dialect).validate_request(document)
    assert any(complaint.startswith(due) for complaint in complaints), complaints


def objects(
    value: Any, free: Collection[str], place: str = ""
) -> Iterator[tuple[str, Document]]:
    """Every object of a document whose keys are not free, and where it is."""
    if isinstance(value, dict):
        yield place, value
        for key, below in value.items():
            if key not in free:
                yield from objects(below, free, f"{place}.{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from objects(below, free, f"{place}[{index}]")


@samples("requests", "VALID")
def test_no_object_takes_an_unknown_key(dialect: str, case: Document) -> None:
    document = json.loads(json.dumps(case))
    for place, found in objects(document, FREE[dialect]):
        found["unheard_of"] = []
        (complaint,) = judge(dialect).validate_request(document)
        assert complaint.startswith(f"{place}.unheard_of: ")
        del found["unheard_of"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["VALID", "BROKEN"])
def test_there_are_enough_requests(dialect: str, name: str) -> None:
    module = importlib.import_module(f"tests.judges.requests_{dialect}")
    assert len(getattr(module, name)) >= 12


@pytest.mark.parametrize("dialect", ["openai_chat", "claude_messages"])
def test_every_extension_is_needed(dialect: str) -> None:
    """The list cannot outlive what it is for."""
    valid = importlib.import_module(f"tests.judges.requests_{dialect}").VALID
    for extension in judge(dialect).EXTENSIONS:
        others = [e for e in judge(dialect).EXTENSIONS if e is not extension]
        checker = Checker.of(judge(dialect).request_type(), others)
        assert any(checker.complaints(case) for case in valid.values()), extension
        assert extension.reason


def test_sdks_are_imported_when_they_are_asked() -> None:
    names = ", ".join(f"tests.judges.{dialect}" for dialect in DIALECTS)
    script = f"import sys, {names}\nprint(*(n for n in {SDKS} if n in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []
