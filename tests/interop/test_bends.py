"""Upstreams that bend the rules, through the running proxy, read by the SDKs.

What every caller makes of every bend is judged in `tests/bends`, without sockets. Here
the bends meet the proxy: how streams end and connections break, what is asked again,
what becomes an HTTP error. Towards Chat's and Claude's callers each stream is cut in
three ways: a write for each frame, all at once, and a few bytes at a time. Elsewhere a
write for each frame is enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import attrs
import pytest

from cliproxy_core.testing.demo import demo_answer
from cliproxy_core.testing.script import json_answer, sse_answer
from tests.interop.bends.bend import Bend, Breaks, Means
from tests.interop.bends.tables import TABLES

from .legality import check_error_body, check_stream, check_whole
from .readings import (
    VIEWS,
    Asked,
    Broken,
    Cut,
    Part,
    Reading,
    Said,
    Stop,
    Thought,
    Tokens,
)
from .rig import ALL_PAIRS, PAIRS, Pair, Rig

CUTS: Final = {"create": None, "stream": 1 << 20, "whole": 61}
"""Bytes in one write, by the way of reading; None: one write for each frame."""

STOPS: Final = (Stop.END, Stop.CALLS, Stop.LIMIT)
PARTS: Final = (Said, Thought, Asked, Cut)


def is_plain(bend: Bend) -> bool:
    """Whether it means something that the clients here have words for.

    They take the last call before a limit for one that was cut.
    """
    means = bend.means
    if isinstance(means, Breaks):
        return True
    whole = means.parts and isinstance(means.parts[-1], Asked)
    return (
        bool(means.parts)
        and means.stop in STOPS
        and not (whole and means.stop is Stop.LIMIT)
        and all(isinstance(part, PARTS) for part in means.parts)
        and not (means.own or means.sources)
    )


def cases(pairs: Iterable[Pair]) -> list[Any]:
    return [
        pytest.param(pair, bend, id=f"{pair}-{bend}".replace(" ", "_"))
        for pair in pairs
        for bend in TABLES[pair.upstream]
        if is_plain(bend)
    ]


CASES: Final = cases(PAIRS)
OTHERS: Final = cases(pair for pair in ALL_PAIRS if pair not in PAIRS)


def ask(rig: Rig, pair: Pair, bend: Bend, mode: Any) -> Reading | Broken:
    upstream = rig.upstream(pair)
    upstream.play(sse_answer(bend.frames, cut=CUTS[mode], end=bend.end))
    client = rig.client(pair)
    tools = [client.tool("get_weather", "city")]
    messages = [client.user("Hello?")]
    return client.ask(mode, f"{pair.upstream}/m", messages, tools=tools)


@pytest.mark.parametrize(("pair", "bend"), OTHERS)
def test_streamed_elsewhere(rig: Rig, pair: Pair, bend: Bend) -> None:
    check_streamed(rig, pair, bend, "create")


@pytest.mark.parametrize("mode", ["create", "stream"])
@pytest.mark.parametrize(("pair", "bend"), CASES)
def test_streamed(rig: Rig, pair: Pair, bend: Bend, mode: str) -> None:
    check_streamed(rig, pair, bend, mode)


def check_streamed(rig: Rig, pair: Pair, bend: Bend, mode: str) -> None:
    outcome = ask(rig, pair, bend, mode)
    client = rig.client(pair)
    if isinstance(bend.means, Means):
        assert isinstance(outcome, Reading), outcome
        check_stream(client.dialect, client.heard)
        assert_means(pair, outcome, bend.means)
    else:
        assert isinstance(outcome, Broken), outcome
        assert outcome.said == bend.means.said
        if committed(client.heard):
            check_stream(client.dialect, client.heard)
        else:
            check_error_body(client.dialect, json.loads(client.heard))
        asked = 1 if committed(client.heard) else 2
        assert len(rig.upstream(pair).asked) == asked


@pytest.mark.parametrize(("pair", "bend"), CASES)
def test_folded(rig: Rig, pair: Pair, bend: Bend) -> None:
    """The same where the caller wanted one document."""
    outcome = ask(rig, pair, bend, "whole")
    client = rig.client(pair)
    if isinstance(bend.means, Means):
        assert isinstance(outcome, Reading), outcome
        check_whole(client.dialect, client.heard)
        assert_means(pair, outcome, bend.means)
    else:
        assert isinstance(outcome, Broken), outcome
        check_error_body(client.dialect, json.loads(client.heard))
        assert len(rig.upstream(pair).asked) == 2


def committed(heard: bytes) -> bool:
    """Whether a stream had begun."""
    return heard.startswith((b"data:", b"event:"))


def assert_means(pair: Pair, reading: Reading, means: Means) -> None:
    expected = VIEWS[pair.caller](means.parts)
    known = reading.parts
    if not pair.native:  # proofs travel in carriers, of which `tests/bends` knows
        expected, known = tuple(map(unproved, expected)), tuple(map(unproved, known))
    assert [part for part in known if said(part)] == list(filter(said, expected))
    assert reading.stop is means.stop
    unknown = Tokens(0, 0, 0) if pair.caller == "claude" else None
    assert reading.tokens == (means.tokens or unknown)


def unproved(part: Part) -> Part:
    return attrs.evolve(part, proof="") if isinstance(part, Thought) else part


def said(part: Part) -> bool:
    """Whether there is anything of it."""
    return part not in (Said(""), Thought(""))


# The proxy's own part in it.


def test_a_bad_request_cools_nothing(rig: Rig) -> None:
    """It is told to who asked it, and asked of nobody else."""
    for pair in ALL_PAIRS:
        upstream, client = rig.upstream(pair), rig.client(pair)
        model, messages = f"{pair.upstream}/text", [client.user("Hello?")]
        for _ in range(3):
            error = {"message": "too long", "type": "invalid_request_error"}
            upstream.play(json_answer(400, {"error": error}))
            refused = client.ask("whole", model, messages)
            assert isinstance(refused, Broken), refused
            assert refused.status == 400
            assert len(upstream.asked) == 1
        upstream.play(demo_answer)
        assert isinstance(client.ask("whole", model, messages), Reading)
        assert len(upstream.asked) == 1
