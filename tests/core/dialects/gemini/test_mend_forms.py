"""One candidate of a chunk, as the vendor would have written it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.gemini.mend_forms import (
    Lane,
    camel,
    continues,
    is_substance,
    notes_of,
    opened,
    says,
)
from tests.core.dialects.gemini.streams import call, text, thought


def lane(number: int = 0) -> Lane:
    return Lane(number, Ids(b"test"), Counter())


def candidate(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"content": {"parts": list(parts), "role": "model"}, **more}


@pytest.mark.parametrize(
    ("came", "want"),
    [
        ({"finish_reason": "STOP"}, {"finishReason": "STOP"}),
        ({"a": [{"thought_signature": 1}]}, {"a": [{"thoughtSignature": 1}]}),
        (
            {"function_call": {"partial_args": []}},
            {"functionCall": {"partialArgs": []}},
        ),
        ({"args": {"a_b": {"c_d": 1}}}, {"args": {"a_b": {"c_d": 1}}}),
        ({"top_2_x": 1}, {"top_2_x": 1}),
        ({"_x": 1, "x_": 2, "A_B": 3}, {"_x": 1, "x_": 2, "A_B": 3}),
    ],
)
def test_keys_in_camel_case(came: Any, want: Any) -> None:
    assert camel(came) == want


@pytest.mark.parametrize("same", [{"a": [{"bC": {"args": {"d_e": 1}}}]}, [], 5, None])
def test_what_has_such_keys_is_the_very_same(same: Any) -> None:
    assert camel(same) is same


GOOD = [
    candidate(text("a")),
    candidate(text("a"), index=0),
    candidate(thought("a", thoughtSignature="+/-_==")),
    candidate(call("f")),
    candidate(call("f", {"x": None}, id="i")),
    candidate(text(""), finishReason="STOP"),
    candidate({"executableCode": {}}),
    {"finishReason": "SAFETY"},
    {"content": {"role": "model"}},
    {"content": {}},
    {"content": {}, "finishReason": "SAFETY"},
    {"content": None},
    {"finishReason": None},
]


@pytest.mark.parametrize("good", GOOD, ids=str)
def test_what_is_right_is_the_very_same(good: dict[str, Any]) -> None:
    first = lane()
    assert first.mend(good) is good
    assert first.repairs == {}


@pytest.mark.parametrize(
    ("bent", "want", "repair"),
    [
        ("words", text("words"), "part_not_object"),
        ({"text": "a", "thought": None}, text("a"), "part_null"),
        ({"text": "a", "thought": "yes"}, thought("a"), "thought_odd"),
        ({"text": "a", "thoughtSignature": "$"}, text("a"), "signature_odd"),
        ({"text": "a", "thoughtSignature": 5}, text("a"), "signature_odd"),
        (
            {"thoughtSignature": "aa=="},
            {"thoughtSignature": "aa==", "text": ""},
            "text_missing",
        ),
        (call("f", '{"a":1}'), call("f", {"a": 1}), "args_text"),
        (call("f", ""), call("f", {}), "args_text"),
        (call("f", id=5), call("f"), "id_odd"),
        (call("f", id=""), call("f"), "id_odd"),
    ],
)
def test_a_bent_part(bent: Any, want: Any, repair: str) -> None:
    first = lane()
    assert first.mend(candidate(bent)) == candidate(want)
    assert first.repairs == {repair: 1}


@pytest.mark.parametrize("empty", [{}, {"thought": True}, {"text": None}])
def test_a_part_of_nothing_goes(empty: Any) -> None:
    assert lane().mend(candidate(empty, text("a"))) == candidate(text("a"))


def test_parts_that_are_no_list() -> None:
    came: Any = {"content": {"parts": text("a"), "role": "model"}}
    assert lane().mend(came) == candidate(text("a"))


def test_a_role_and_a_number() -> None:
    fixed = lane(1).mend(
        {"content": {"parts": [text("a")], "role": "user"}, "index": 7}
    )
    assert fixed == candidate(text("a"), index=1)


@pytest.mark.parametrize(
    "odd",
    [
        {"content": 5},
        {"content": {"parts": 5}},
        {"content": {"parts": [5]}},
        {"content": {"parts": [{"text": 5}]}},
        {"content": {"parts": [{"functionCall": 5}]}},
        {"content": {"parts": [{"functionCall": {}}]}},
        {"content": {"parts": [{"functionCall": {"name": 5}}]}},
        {"content": {"parts": [call("f", 5)]}},
        {"content": {"parts": [call("f", "{")]}},
        {"finishReason": 5},
    ],
    ids=str,
)
def test_what_cannot_be_put_right(odd: Any) -> None:
    with pytest.raises(DecodeError) as caught:
        lane().mend(odd)
    assert caught.value.path.startswith(".")


@pytest.mark.parametrize(
    ("word", "want"),
    [
        ("stop", "STOP"),
        ("max_tokens", "MAX_TOKENS"),
        ("tool_calls", "STOP"),
        ("end_turn", "STOP"),
        ("content_filter", "SAFETY"),
        ("Tomorrow", "Tomorrow"),
        ("", None),
        ("FINISH_REASON_UNSPECIFIED", None),
    ],
)
def test_finish_words(word: str, want: str | None) -> None:
    assert (
        lane().mend(candidate(text("a"), finishReason=word)).get("finishReason") == want
    )


def test_the_last_chunk_has_a_part_if_any_had() -> None:
    first = lane()
    assert first.mend({"finishReason": "STOP"}) == {"finishReason": "STOP"}
    first.mend(candidate(text("a")))
    assert first.mend({"finishReason": "STOP"}) == candidate(
        text(""), finishReason="STOP"
    )


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (["STOP"], "STOP"),
        (["STOP", "STOP"], "STOP"),
        (["STOP", "MAX_TOKENS"], "MAX_TOKENS"),
        (["MAX_TOKENS", "STOP"], "MAX_TOKENS"),
        (["SAFETY", "MAX_TOKENS"], "SAFETY"),
    ],
)
def test_which_finish_counts(words: list[str], want: str) -> None:
    first = lane()
    assert [first.note_finish(word) for word in words][-1] == want
    assert first.repairs["finish_repeated"] == len(words) - 1


GOES_ON: Any = {"name": "f", "id": "i", "willContinue": True}


@pytest.mark.parametrize(
    ("then", "more"),
    [
        ({"partialArgs": []}, True),
        ({}, True),
        ({"name": "f", "id": "i"}, True),
        ({"name": "f", "id": "j"}, False),
        ({"name": "f"}, False),
        ({"name": "g", "id": "i"}, False),
    ],
)
def test_which_calls_go_on(then: dict[str, Any], more: bool) -> None:
    known = opened(None, dict(GOES_ON))
    assert known == ("f", "i")
    assert continues(known, then) is more
    assert opened(known, {**then, "willContinue": True}) == (
        known if more else (then.get("name"), then.get("id"))
    )
    assert opened(known, then) is None


def test_without_an_open_call_nothing_goes_on() -> None:
    assert not continues(None, {})
    assert not continues(("f", None), {"name": "f"})


def test_what_says_something() -> None:
    assert [
        is_substance(p) for p in (text("a"), call("f"), text("", thoughtSignature=""))
    ]
    assert not is_substance(text(""))
    assert not is_substance(5)
    assert says(candidate(text(""), text("a")))
    assert not says(candidate(text("")))
    assert not says({"content": 5})


def test_what_stands_beside_the_words() -> None:
    assert notes_of(candidate(text("a"), index=1, finishReason="STOP", x=2)) == {"x": 2}
