"""Counting tokens: how it is asked for, and told."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.gemini.count import COUNTING
from cliproxy_core.dialects.gemini.request import parse_request
from cliproxy_core.ir.request import Message, Request, Role, Text

HI: Any = {"role": "user", "parts": [{"text": "hi"}]}
BARE: Any = {"contents": [HI]}
SYSTEM: Any = {"parts": [{"text": "s"}]}
INNER: Any = {"model": "models/m", "systemInstruction": SYSTEM, **BARE}
WHOLE: Any = {"generateContentRequest": INNER}


@pytest.mark.parametrize(
    ("document", "request_"),
    [
        (BARE, parse_request(BARE)),
        (
            {**BARE, "systemInstruction": SYSTEM},
            parse_request({**INNER, "model": None}),
        ),
        (WHOLE, attrs.evolve(parse_request(INNER), model="m")),
        ({"generate_content_request": BARE}, parse_request(BARE)),
    ],
    ids=["bare", "Vertex", "whole", "other spelling"],
)
def test_what_is_to_be_counted(document: Any, request_: Request) -> None:
    parsed = COUNTING.parse_request(document)
    assert (parsed.model, parsed.messages) == (request_.model, request_.messages)
    assert parsed.extras.fields == request_.extras.fields


@pytest.mark.parametrize("document", [BARE, WHOLE], ids=["bare", "whole"])
def test_it_is_asked_as_it_was(document: Any) -> None:
    emitted = COUNTING.emit_request(COUNTING.parse_request(document))
    assert emitted.payload == document
    assert emitted.dropped == ()


def test_it_is_asked_for_other_dialects() -> None:
    hi = Message(role=Role.USER, parts=(Text("hi"),))
    be = Message(role=Role.SYSTEM, parts=(Text("s"),))
    request = Request(model="m", messages=(hi,), user="u")
    emitted = COUNTING.emit_request(request)
    assert emitted.payload == BARE
    assert [each.path for each in emitted.dropped] == [".user"]
    told = COUNTING.emit_request(attrs.evolve(request, messages=(be, hi)))
    assert told.payload == WHOLE
    unnamed = COUNTING.emit_request(Request(model="", messages=(be, hi)))
    assert unnamed.payload == {
        "generateContentRequest": {"systemInstruction": SYSTEM, **BARE}
    }


def test_how_many_there_are() -> None:
    answer = COUNTING.emit_answer(7)
    assert answer == {
        "totalTokens": 7,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 7}],
    }
    assert COUNTING.parse_answer(answer) == 7
    assert COUNTING.parse_answer({"total_tokens": 5, "cachedContentTokenCount": 2}) == 5


@pytest.mark.parametrize("answer", [{}, {"totalTokens": "7"}, {"totalTokens": True}])
def test_a_bad_answer_is_a_complaint(answer: Any) -> None:
    with pytest.raises(DecodeError, match=r"^\.totalTokens: "):
        COUNTING.parse_answer(answer)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, ".contents"),
        ({"generateContentRequest": 7}, ".generateContentRequest"),
        ({"generateContentRequest": {}}, ".generateContentRequest.contents"),
        ({"generateContentRequest": {"model": 7}}, ".generateContentRequest.model"),
    ],
)
def test_a_bad_question_is_a_complaint(document: Any, path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        COUNTING.parse_request(document)
    assert caught.value.path == path
