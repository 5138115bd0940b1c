"""A streamed answer, natively and translated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from typing import ClassVar

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Legal, Sent
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.grammar import Checker, Step
from cliproxy_core.ir.stream import Event
from cliproxy_core.testing.cuts import bytewise, cut
from cliproxy_core.testing.demo_plan import Plan
from cliproxy_core.translate.stream import (
    SLICE,
    LiveStream,
    Native,
    Piece,
    StreamEnded,
    StreamFailed,
    Translated,
    check_all,
    counting,
)
from tests.core.translate.streams import (
    CHAT,
    CLAUDE,
    PAIRS,
    PLAN,
    context,
    frames,
    hear,
    is_legal,
)

pairs = pytest.mark.parametrize(("down", "up"), PAIRS)
BROKEN = Failure(kind=Kind.RESET, status=502, message="it broke")


def live(down: str, up: str, *, usage: bool = True) -> LiveStream:
    return LiveStream.between(DIALECTS[up], DIALECTS[down], context(usage=usage))


@pairs
def test_a_stream_from_beginning_to_end(down: str, up: str) -> None:
    stream = b"".join(frames(up))
    said, failure = hear(live(down, up), [stream])
    assert failure is None
    assert is_legal(DIALECTS[down], said)
    assert down != up or said == stream.replace(b"\r\n", b"\n")


@pairs
@settings(max_examples=25)
@given(at=st.lists(st.integers(0, 4000), max_size=12))
def test_cuts_do_not_show(down: str, up: str, at: list[int]) -> None:
    stream = b"".join(frames(up))
    whole = hear(live(down, up), [stream])
    assert hear(live(down, up), cut(stream, at)) == whole


@pairs
def test_single_bytes_do_not_show(down: str, up: str) -> None:
    stream = b"".join(frames(up))
    whole = hear(live(down, up), [stream])
    assert hear(live(down, up), bytewise(stream)) == whole


@pairs
def test_a_frame_comes_out_as_soon_as_it_is_in(down: str, up: str) -> None:
    """Tokens are not held back until the next one."""
    answer = live(down, up)
    words = [word.encode() for word in PLAN.text]
    for frame in frames(up):
        produced = answer.feed(frame)
        if words and words[0] in frame:
            (piece,) = produced
            assert isinstance(piece, Piece)
            assert words.pop(0) in piece.data
            assert piece.content
    assert not words


@pairs
def test_the_commit_point_is_the_first_content(down: str, up: str) -> None:
    answer = live(down, up)
    for frame in frames(up):
        produced = answer.feed(frame)
        pieces = [piece for piece in produced if isinstance(piece, Piece)]
        if any(piece.content for piece in pieces):
            # What opens a block may come before its first word.
            assert PLAN.thinking[0].encode() in frame or OPENING.search(frame)
            return
        assert PLAN.thinking[0].encode() not in frame
    raise AssertionError("no content")


@pairs
def test_usage_and_repairs_are_known(down: str, up: str) -> None:
    answer = live(down, up)
    hear(answer, frames(up))
    assert answer.usage is not None
    assert answer.usage.input_total == 20
    assert not answer.repairs


OPENING = re.compile(rb"_start|\.added")
TOLD = {
    "openai_chat": b'"completion_tokens":',
    "openai_responses": b'"input_tokens":20,',
    "claude_messages": b'"input_tokens":12,',
    "gemini": b'"promptTokenCount":20',
}


@pytest.mark.parametrize("down", DIALECTS)
def test_callers_of_another_dialect_get_the_usage_that_theirs_has(down: str) -> None:
    """Chat tells it to those who ask, the others to all, whoever the upstream is."""
    for up in DIALECTS:
        said, _ = hear(live(down, up, usage=False), frames(up))
        told = [word for word in TOLD.values() if word in said]
        assert told == ([] if down == "openai_chat" else [TOLD[down]])


@pairs
def test_a_failure_is_said_in_the_callers_words(down: str, up: str) -> None:
    for count in range(len(frames(up))):
        answer = live(down, up)
        said = b"".join(
            item.data
            for frame in frames(up)[:count]
            for item in answer.feed(frame)
            if isinstance(item, Piece)
        )
        assert is_legal(DIALECTS[down], said + answer.fail(BROKEN))


@pairs
def test_a_stream_that_is_cut_fails(down: str, up: str) -> None:
    for count in range(len(frames(up)) - 3):
        said, failure = hear(live(down, up), frames(up)[:count])
        assert failure is not None
        assert failure.kind in (Kind.EMPTY, Kind.TRUNCATED)
        assert not is_legal(DIALECTS[down], said)


@pairs
def test_garbage_after_content_gives_the_content_first(down: str, up: str) -> None:
    stream = b"".join(frames(up)[:6]) + b"data: {]\n\n" + b"".join(frames(up))
    said, failure = hear(live(down, up), [stream])
    assert failure is not None
    assert failure.kind is Kind.MALFORMED
    assert b"On" in said or b"Hm" in said


@pairs
def test_a_burst_is_one_piece_and_the_same(down: str, up: str) -> None:
    """However many frames a read brings; slices of it do not show."""
    plan = Plan(model="m", text=("word",) * (SLICE * 3))
    stream = b"".join(frames(up, plan))
    answer = live(down, up)
    produced = answer.feed(stream)
    assert len(produced) <= 3
    if up == "gemini":  # only its silence is an end
        produced += answer.finish()
    assert isinstance(produced[-1], StreamEnded)
    said = b"".join(p.data for p in produced if isinstance(p, Piece))
    assert said == hear(live(down, up), bytewise(stream))[0]


@pairs
def test_a_burst_of_nothing_is_nothing(down: str, up: str) -> None:
    answer = live(down, up)
    assert answer.feed(b": alive\n\n" * (SLICE * 2 + 1)) == []
    assert hear(answer, frames(up))[1] is None


@pairs
def test_a_burst_that_fails_in_its_middle(down: str, up: str) -> None:
    words = frames(up, Plan(model="m", text=("word",) * (SLICE * 2)))
    stream = b"".join((*words[: SLICE + 9], b"data: {]\n\n", *words))
    produced = live(down, up).feed(stream)
    assert isinstance(produced[-1], StreamFailed)
    assert sum(not isinstance(p, Piece) for p in produced) == 1


# The pieces.


def test_native_frames_go_on_as_they_are() -> None:
    legal: list[Legal] = [({}, b"one"), (None, b"two")]
    assert Native(CHAT.mender(context())).carry(legal) == (b"onetwo", None)
    assert Native(CLAUDE.mender(context())).fail(BROKEN) == CLAUDE.fail(BROKEN)


def test_frames_are_checked_up_to_the_first_that_is_illegal() -> None:
    checker = Checker(CHAT.grammar)
    sent: list[Sent] = [
        ((Step("role"),), b"1"),
        ((Step("done"),), b"2"),
        ((Step("role"),), b"3"),
    ]
    data, violation = check_all(checker, sent)
    assert data == b"1"
    assert violation is not None
    assert violation.symbol == "done"


# For each dialect steps as an encoder hands them out: the same objects again and again.
FRAMES: dict[str, list[tuple[Step, ...]]] = {
    name: [
        (Step(symbol, number, lane),)
        for symbol in sorted(
            {symbol for _, symbol in dialect.grammar.table}
            | dialect.grammar.anywhere
            | dialect.grammar.fatal
        )
        for number in (
            (0, 1)
            if symbol in dialect.grammar.opens | dialect.grammar.inside
            else (-1,)
        )
        for lane in (0, 1)
    ]
    for name, dialect in DIALECTS.items()
}


def likely(data: st.DataObject, name: str) -> list[Sent]:
    """Frames that are legal where they stand, or the one before them again."""
    checker = Checker(DIALECTS[name].grammar)
    sent: list[Sent] = []
    for number in range(data.draw(st.integers(0, 20))):
        legal = [s for s in FRAMES[name] if deepcopy(checker).check(s) is None]
        again = [s for s, _ in sent[-1:]] or legal
        pools = [again, legal, legal, legal] if legal else [again, FRAMES[name]]
        steps = data.draw(st.sampled_from(pools).flatmap(st.sampled_from))
        sent.append((steps, b"%d " % number))
        checker.check(steps)
    return sent


@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=50)
@given(data=st.data())
def test_short_cuts_in_checking_do_not_show(name: str, data: st.DataObject) -> None:
    """What was just checked may pass unchecked, but only where that is the same."""
    sent = likely(data, name)
    grammar = DIALECTS[name].grammar
    slow, legal = Checker(grammar), b""
    for steps, frame in sent:
        if slow.check(steps) is not None:
            break
        legal += frame
    fast = Checker(grammar)
    assert check_all(fast, sent)[0] == legal
    single, each = Checker(grammar), b""
    for one in sent:
        passed, violation = check_all(single, [one])
        each += passed
        if violation is not None:
            break
    assert each == legal
    assert fast.complete is single.complete is slow.complete


@attrs.define
class Rogue:
    """An encoder with a bug."""

    dropped: ClassVar[Counter[str]] = Counter()

    def feed(self, events: Sequence[Event]) -> list[Sent]:
        return [((Step("role"),), b"ok "), ((Step("done"),), b"never sent")]

    def fail(self, failure: Failure) -> list[Sent]:
        return [((Step("error"),), b"error")]


def test_a_bug_of_ours_is_not_sent() -> None:
    carrier = Translated(CLAUDE.decoder(context()), Rogue(), Checker(CHAT.grammar))
    answer = LiveStream(CLAUDE.mender(context()), carrier)
    piece, failed = answer.feed(frames("claude_messages")[0])
    assert piece == Piece(b"ok ", content=False)
    assert isinstance(failed, StreamFailed)
    assert failed.failure.kind is Kind.INTERNAL
    assert answer.fail(failed.failure) == b"error"


def test_counting() -> None:
    assert counting(context(usage=False)).usage
    assert counting(context()) == context()
