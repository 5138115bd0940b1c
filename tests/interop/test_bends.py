"""Upstreams that bend the rules: every bend, towards both dialects, read by the SDKs.

Each stream is cut in three ways: a write for each frame, all at once, and a few bytes
at a time. What the client makes of it must be the same.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from cliproxy_core.testing.script import sse_answer
from tests.interop.bends.bend import Bend, Means
from tests.interop.bends.tables import TABLES

from .legality import check_error_body, check_stream, check_whole
from .readings import VIEWS, Broken, Reading, Tokens
from .rig import PAIRS, Pair, Rig

CUTS: Final = {"create": None, "stream": 1 << 20, "whole": 61}
"""Bytes in one write, by the way of reading; None: one write for each frame."""

CASES: Final = [
    pytest.param(pair, bend, id=f"{pair}-{bend}".replace(" ", "_"))
    for pair in PAIRS
    for bend in TABLES[pair.upstream]
]


def ask(rig: Rig, pair: Pair, bend: Bend, mode: Any) -> Reading | Broken:
    upstream = rig.upstream(pair)
    upstream.play(sse_answer(bend.frames, cut=CUTS[mode], end=bend.end))
    client = rig.client(pair)
    tools = [client.tool("get_weather", "city")]
    messages = [client.user("Hello?")]
    return client.ask(mode, f"{pair.upstream}/m", messages, tools=tools)


@pytest.mark.parametrize("mode", ["create", "stream"])
@pytest.mark.parametrize(("pair", "bend"), CASES)
def test_streamed(rig: Rig, pair: Pair, bend: Bend, mode: str) -> None:
    outcome = ask(rig, pair, bend, mode)
    client = rig.client(pair)
    if isinstance(bend.means, Means):
        assert isinstance(outcome, Reading), outcome
        check_stream(client.dialect, client.heard)
        assert_means(pair, outcome, bend.means)
    else:
        assert isinstance(outcome, Broken), outcome
        assert outcome.said == bend.means.said
        if outcome.status in (None, 200):
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
    assert reading.parts == expected
    assert reading.stop is means.stop
    unknown = None if pair.caller == "chat" else Tokens(0, 0, 0)
    assert reading.tokens == (means.tokens or unknown)
