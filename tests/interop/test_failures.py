"""Upstreams that fail: the client's SDK reports an error, and never a normal end.

Each upstream has two credentials. Before the first content the second one is asked;
after it nobody is (`DoesNotRetryAfterFirstByte`).
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from cliproxy_core.testing.script import End, Reset, json_answer, sse_answer

from .failures import (
    FAILURES,
    GREETINGS,
    SILENT_AFTER,
    SILENT_BEFORE,
    WHOLE,
    Failing,
)
from .legality import check_error_body, check_stream, check_whole
from .readings import Broken, Outcome, Reading, Said, Stop, Tokens
from .rig import PAIRS, UPSTREAM_KEYS, Pair, Rig

HELLO: Final = Reading(parts=(Said("Hello"),), stop=Stop.END, tokens=Tokens(10, 4, 5))
COMMITTING: Final = [f for f in (*FAILURES, *SILENT_AFTER) if f.said]
INVISIBLE: Final = [f for f in FAILURES if not f.said and not f.final]

pairs = pytest.mark.parametrize("pair", PAIRS, ids=str)
modes = pytest.mark.parametrize("mode", ["create", "stream", "whole"])
two_modes = pytest.mark.parametrize("mode", ["create", "whole"])
silences = pytest.mark.parametrize("failing", SILENT_BEFORE, ids=str)


def ask(rig: Rig, pair: Pair, mode: Any) -> Outcome:
    client = rig.client(pair)
    return client.ask(mode, f"{pair.upstream}/m", [client.user("Hello?")])


def assert_broken(rig: Rig, pair: Pair, mode: str, failing: Failing) -> None:
    """The client hears of the failure, in its dialect."""
    upstream, client = rig.upstream(pair), rig.client(pair)
    outcome = ask(rig, pair, mode)
    assert isinstance(outcome, Broken), outcome
    assert failing.message in str(outcome.error)
    if failing.said and mode != "whole":
        assert outcome.said == failing.said
        assert outcome.status in (None, 200)
        check_stream(client.dialect, client.heard)
        assert len(upstream.asked) == 1
    else:
        assert outcome.said == ""
        assert outcome.status == failing.status
        check_error_body(client.dialect, json.loads(client.heard))
        assert len(upstream.asked) == (1 if failing.final else 2)
        assert len(keys_asked(rig, pair)) == len(upstream.asked)


def keys_asked(rig: Rig, pair: Pair) -> set[str]:
    """The credentials that were tried."""
    return {
        value.decode().removeprefix("Bearer ")
        for request in rig.upstream(pair).asked
        for name, value in request.headers
        if name == b"authorization"
    }


@two_modes
@pairs
@pytest.mark.parametrize("failing", FAILURES, ids=str)
def test_it_is_told(any_rig: Rig, pair: Pair, failing: Failing, mode: str) -> None:
    any_rig.upstream(pair).play(failing.answers[pair.upstream])
    assert_broken(any_rig, pair, mode, failing)


@pairs
@silences
def test_silence_before_the_first_byte(
    impatient_rig: Rig, pair: Pair, failing: Failing
) -> None:
    impatient_rig.upstream(pair).play(failing.answers[pair.upstream])
    assert_broken(impatient_rig, pair, "create", failing)


@pairs
@pytest.mark.parametrize("failing", SILENT_AFTER, ids=str)
def test_silence_inside_the_answer(
    nervous_rig: Rig, pair: Pair, failing: Failing
) -> None:
    nervous_rig.upstream(pair).play(failing.answers[pair.upstream])
    assert_broken(nervous_rig, pair, "create", failing)


@pairs
def test_a_wait_that_was_asked_for_is_passed_on(any_rig: Rig, pair: Pair) -> None:
    limited = next(f for f in FAILURES if f.status == 429)
    any_rig.upstream(pair).play(limited.answers[pair.upstream])
    outcome = ask(any_rig, pair, "create")
    assert isinstance(outcome, Broken)
    assert outcome.header("retry-after") == "7"
    assert type(outcome.error).__name__ == "RateLimitError"


@modes
@pairs
@pytest.mark.parametrize("failing", INVISIBLE, ids=str)
def test_the_second_credential_saves_it(
    rig: Rig, pair: Pair, failing: Failing, mode: str
) -> None:
    good = sse_answer(GREETINGS[pair.upstream], end=End.CLOSED)
    rig.upstream(pair).play(failing.answers[pair.upstream], good)
    assert ask(rig, pair, mode) == HELLO
    assert keys_asked(rig, pair) == set(UPSTREAM_KEYS)


@pairs
def test_a_stale_connection_is_no_failure(rig: Rig, pair: Pair) -> None:
    """The upstream closed a kept connection: the same credential, a new connection."""
    good = json_answer(200, WHOLE[pair.upstream])
    rig.upstream(pair).play(good, (Reset(),), good)
    assert ask(rig, pair, "whole") == HELLO
    assert ask(rig, pair, "whole") == HELLO
    _, second, third = rig.upstream(pair).asked
    assert second == third


@pairs
@pytest.mark.parametrize("failing", COMMITTING, ids=str)
def test_nobody_is_asked_after_the_first_content(
    nervous_rig: Rig, pair: Pair, failing: Failing
) -> None:
    good = sse_answer(GREETINGS[pair.upstream])
    nervous_rig.upstream(pair).play(failing.answers[pair.upstream], good)
    assert_broken(nervous_rig, pair, "stream", failing)


@pairs
def test_heartbeats_are_no_content(lively_rig: Rig, pair: Pair) -> None:
    """The caller has a status and comments, and still gets the second's answer."""
    good = sse_answer(GREETINGS[pair.upstream])
    lively_rig.upstream(pair).play(SILENT_BEFORE[0].answers[pair.upstream], good)
    assert ask(lively_rig, pair, "create") == HELLO
    client = lively_rig.client(pair)
    check_stream(client.dialect, client.heard)
    assert keys_asked(lively_rig, pair) == set(UPSTREAM_KEYS)


@pairs
def test_heartbeats_and_then_an_error(lively_rig: Rig, pair: Pair) -> None:
    lively_rig.upstream(pair).play(SILENT_BEFORE[0].answers[pair.upstream])
    outcome = ask(lively_rig, pair, "create")
    assert isinstance(outcome, Broken)
    assert outcome.status in (None, 200)
    client = lively_rig.client(pair)
    check_stream(client.dialect, client.heard)


@two_modes
@pairs
def test_a_document_where_a_stream_was_asked_for(
    any_rig: Rig, pair: Pair, mode: str
) -> None:
    any_rig.upstream(pair).play(json_answer(200, WHOLE[pair.upstream]))
    assert ask(any_rig, pair, mode) == HELLO
    client = any_rig.client(pair)
    check = check_whole if mode == "whole" else check_stream
    check(client.dialect, client.heard)


@pairs
def test_a_stream_where_a_document_was_asked_for(any_rig: Rig, pair: Pair) -> None:
    any_rig.upstream(pair).play(sse_answer(GREETINGS[pair.upstream]))
    assert ask(any_rig, pair, "whole") == HELLO
    client = any_rig.client(pair)
    check_whole(client.dialect, client.heard)
