"""Questions about tokens: who is asked, in which words, and what the caller is told."""

from __future__ import annotations

from typing import Any

import attrs
import orjson
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Counting, Dialect
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.lifecycle.counting import (
    MAX_ANSWER_BYTES,
    CountAnswer,
    prepare_count,
)
from cliproxy_core.providers import PROFILES
from cliproxy_core.translate import Lane, Piece, Prepared, StreamEnded, StreamFailed
from tests.core.lifecycle.cast import CHAT, CLAUDE, job


def number(document: JsonObject) -> int:
    count = document.get("n")
    if isinstance(count, int):
        return count
    raise DecodeError(".n", "required")


def counting(dialect: Dialect, member: str) -> Dialect:
    """The dialect with a way to count that is easily told from others."""
    way = Counting(
        parse_request=dialect.parse_request,
        emit_request=dialect.emit_request,
        parse_answer=number,
        emit_answer=lambda count: {member: count},
    )
    return attrs.evolve(dialect, counting=way)


COUNTING_CHAT, COUNTING_CLAUDE = counting(CHAT, "chat"), counting(CLAUDE, "claude")
MUTE_CLAUDE = attrs.evolve(CLAUDE, counting=None)


def test_the_same_dialect_is_asked_in_the_callers_own_words() -> None:
    asked = job("claude_messages", streams=False, counts=True)
    prepared = prepare_count(asked, PROFILES["claude"], "other")
    assert isinstance(prepared, Prepared)
    assert prepared.lane is Lane.NATIVE
    assert prepared.body == asked.body.replace(b'"model":"m"', b'"model":"other"')


@pytest.mark.parametrize("upstream", ["openai_compat", "codex"])
@pytest.mark.parametrize("caller", DIALECTS)
def test_who_cannot_count_is_not_asked(caller: str, upstream: str) -> None:
    asked = job(caller, streams=False, counts=True)
    refusal = prepare_count(asked, PROFILES[upstream], "m")
    assert isinstance(refusal, Failure)
    assert (refusal.kind, refusal.status) == (Kind.REQUEST, 400)
    assert "cannot count" in refusal.message


def test_a_dialect_without_a_question_cannot_ask() -> None:
    profile = attrs.evolve(PROFILES["claude"], dialect=COUNTING_CLAUDE)
    refusal = prepare_count(job(streams=False, counts=True), profile, "m")
    assert isinstance(refusal, Failure)


def test_between_two_that_count_the_question_is_translated() -> None:
    profile = attrs.evolve(PROFILES["claude"], dialect=COUNTING_CLAUDE)
    asked = attrs.evolve(job(streams=False, counts=True), dialect=COUNTING_CHAT)
    prepared = prepare_count(asked, profile, "other")
    assert isinstance(prepared, Prepared)
    assert prepared.lane is Lane.TRANSLATED
    sent = orjson.loads(prepared.body)
    assert (sent["model"], sent["messages"][0]["role"]) == ("other", "user")


def test_what_an_upstream_keeps_cannot_be_counted_elsewhere() -> None:
    def stored(document: JsonObject) -> Any:
        return attrs.evolve(CHAT.parse_request(document), stored=(".thread",))

    way = COUNTING_CHAT.counting
    assert way is not None
    keeping = attrs.evolve(way, parse_request=stored)
    profile = attrs.evolve(PROFILES["claude"], dialect=COUNTING_CLAUDE)
    caller = attrs.evolve(COUNTING_CHAT, counting=keeping)
    asked = attrs.evolve(job(streams=False, counts=True), dialect=caller)
    with pytest.raises(DecodeError) as caught:
        prepare_count(asked, profile, "m")
    assert caught.value.path == ".thread"


# The answer.

ANSWER = b'{"n": 7, "more": 1}'


@pytest.mark.parametrize(
    ("upstream", "downstream", "told"),
    [
        (COUNTING_CHAT, COUNTING_CLAUDE, b'{"claude":7}'),
        (COUNTING_CHAT, COUNTING_CHAT, ANSWER),
        (MUTE_CLAUDE, MUTE_CLAUDE, ANSWER),
    ],
)
def test_the_number_in_the_callers_words(
    upstream: Dialect, downstream: Dialect, told: bytes
) -> None:
    for size in (1, 7, len(ANSWER)):
        answer = CountAnswer(upstream, downstream)
        for at in range(0, len(ANSWER), size):
            assert answer.feed(ANSWER[at : at + size]) == []
        assert answer.finish() == [Piece(told, content=True), StreamEnded()]
        assert (answer.usage, answer.repairs) == (None, {})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"[7]", "not a JSON object"),
        (b'{"n": "7"}', ".n"),
        (b'{"error": {"message": "the elephant"}}', "the elephant"),
    ],
)
def test_an_answer_without_a_number_is_a_failure(body: bytes, words: str) -> None:
    answer = CountAnswer(COUNTING_CHAT, COUNTING_CLAUDE)
    answer.feed(body)
    (failed,) = answer.finish()
    assert isinstance(failed, StreamFailed)
    assert words in failed.failure.message


def test_an_answer_has_an_end() -> None:
    (failed,) = CountAnswer(CHAT, CLAUDE).feed(b" " * (MAX_ANSWER_BYTES + 1))
    assert isinstance(failed, StreamFailed)


def test_a_failure_is_said_in_the_callers_words() -> None:
    failure = Failure(kind=Kind.SERVER, status=500, message="m")
    assert CountAnswer(CHAT, CLAUDE).fail(failure) == CLAUDE.fail(failure)
