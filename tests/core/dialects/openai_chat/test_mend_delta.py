"""One candidate: what was already said is not said again, finish words are legal."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cliproxy_core.base.ids import Ids
from cliproxy_core.dialects.openai_chat.mend_delta import Lane, adds, is_substance, lone
from tests.core.dialects.openai_chat.streams import call


def lane() -> Lane:
    return Lane(0, Ids(b"x"), Counter())


def mended(*deltas: Any) -> list[dict[str, Any]]:
    one = lane()
    return [dict(one.mend({"delta": delta})[0]) for delta in deltas]


START = {"role": "assistant"}


@pytest.mark.parametrize(
    ("deltas", "want"),
    [
        ([{"content": "a"}], [{"role": "assistant", "content": "a"}]),
        ([START, {"role": None, "content": "a"}], [START, {"content": "a"}]),
        ([{"role": "model"}], [START]),
        ([START, {"refusal": ["no"]}], [START, {"refusal": "no"}]),
        ([START, {"content": 5}], [START, {"content": "5"}]),
        (
            [START, {"reasoning_content": [{"text": "a"}, "b"]}],
            [START, {"reasoning_content": "ab"}],
        ),
        ([START, {"tool_calls": {"index": 0}}], [START, {}]),
        ([START, {"function_call": "f"}], [START, {}]),
    ],
)
def test_a_delta_as_it_should_have_been(deltas: list[Any], want: list[Any]) -> None:
    assert mended(*deltas) == want


def test_nothing_wrong_is_nothing_bent() -> None:
    one = lane()
    assert one.mend({"delta": dict(START)}) == (START, False)
    assert one.mend({"delta": {"content": "x", "new": 1}})[1] is False
    assert not one.repairs


def test_a_long_thought_comes_once_a_short_one_may_come_again() -> None:
    for text, times in (("hm", 2), ("a thought that nobody has twice by chance", 1)):
        deltas = [{"reasoning": text}, {"content": "a"}, {"reasoning": text}]
        got = [d.get("reasoning") for d in mended(START, *deltas)]
        assert got.count(text) == times


def test_a_whole_message_adds_what_was_not_said() -> None:
    one = lane()
    one.mend({"delta": {**START, "reasoning": "t"}})
    entry = call(0, "{}", id="a", type="function", name="f")
    message: Any = {"content": "hi", "reasoning": "t", "tool_calls": [entry]}
    assert one.mend({"message": message})[0] == {"content": "hi", "tool_calls": [entry]}
    assert one.mend({"message": message})[0] == {}


@pytest.mark.parametrize(
    ("word", "arguments", "want"),
    [
        ("stop", None, "stop"),
        (None, None, "stop"),
        ("STOP", None, "stop"),
        ("tool_calls", None, "stop"),
        ("function_call", "{}", "tool_calls"),
        ("stop", "{}", "tool_calls"),
        ("stop", "", "tool_calls"),
        ("stop", "{", "length"),
        ("tool_calls", "{", "length"),
        ("tool_calls", "{a}", "tool_calls"),
        ("max_tokens", "{}", "length"),
        ("length", None, "length"),
        ("SAFETY", None, "content_filter"),
        ("content_filter", "{}", "content_filter"),
        ("whatever", None, "stop"),
    ],
)
def test_the_finish_word(word: str | None, arguments: str | None, want: str) -> None:
    one = lane()
    if arguments is not None:
        entry = call(0, arguments, id="a", type="function", name="f")
        one.mend({"delta": {**START, "tool_calls": [entry]}})
    assert one.conclude(word) == want
    assert ("finish_word" in one.repairs) == (word not in (None, want))


def test_of_two_finish_words_the_telling_one_stays() -> None:
    one = lane()
    for word in ("stop", "length", "stop"):
        one.note_finish(word)
    assert one.word == "length"
    assert one.repairs == {"finish_repeated": 2}


def test_the_short_way_knows_ordinary_deltas_only() -> None:
    one = lane()
    entry = call(0, "", id="a", type="function", name="f")
    assert adds(one, "reasoning", "t")
    assert one.thoughts == ["t"]
    assert not adds(one, "refusal", "t")
    one.mend({"delta": {**START, "tool_calls": [entry]}})
    assert not adds(one, "reasoning", "t")
    assert adds(one, "tool_calls", [call(0, "x")])
    assert one.calls.live[0].text == "x"
    assert not adds(one, "tool_calls", [call(0, "y")])  # might be all of it again
    assert not adds(one, "tool_calls", [call(0, "yy", id="a")])
    assert not adds(one, "tool_calls", [call(0, {"a": 1})])
    assert not adds(one, "logprobs", [{}])
    with pytest.raises(KeyError):
        adds(one, "tool_calls", [call(1, "yy")])


def test_what_says_anything() -> None:
    assert is_substance({"content": "x"})
    assert not is_substance({"role": "assistant", "content": "", "tool_calls": []})


def test_the_key_that_is_not_null() -> None:
    assert lone({"content": "a", "reasoning_content": None}) == ["content"]
    assert lone({"content": None}) == []
    assert lone({"role": None, "content": ""}) == ["role", "content"]


def test_entries_beside_the_words_are_numbered_on() -> None:
    one = lane()
    note: dict[str, Any] = {"type": "url_citation"}
    one.mend({"delta": {**START, "annotations": [note, note]}})
    assert one.mend({"delta": {"annotations": [note, 5]}})[0] == {
        "annotations": [{**note, "index": 2}]
    }
    assert one.mend({"delta": {"images": note}})[0] == {
        "images": [{**note, "index": 0}]
    }
    assert one.repairs == {"annotations_unnumbered": 2, "images_unnumbered": 1}


def test_what_stood_beside_the_words_is_not_said_again() -> None:
    one = lane()
    image: dict[str, Any] = {"type": "image_url", "index": 0}
    one.mend({"delta": {**START, "images": [image]}})
    message: Any = {"content": "a", "images": [image], "audio": {"data": "AA"}}
    assert one.mend({"message": message})[0] == {
        "content": "a",
        "audio": {"data": "AA"},
    }
