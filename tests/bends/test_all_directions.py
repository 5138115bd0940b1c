"""Every bend of every upstream towards every caller, judged by the callers' own SDKs.

Each stream is fed at once, frame by frame and in a few bytes; what the caller gets is
the same bytes. They are legal by his grammar and by his vendor's types, and what his
SDK makes of them is what the upstream meant, streamed and whole. `tests/interop` plays
the same tables through the running proxy.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from typing import Any, Final

import pytest

from cliproxy_core.ir.failure import Failure
from cliproxy_core.testing.script import End
from cliproxy_core.translate import UpstreamError
from tests.interop.bends.bend import Bend, Breaks, Means
from tests.interop.legality import check_error_body, check_stream, check_whole
from tests.judges.reading import Reading

from .exchange import ASKED, UPSTREAMS, plan
from .heard import due, heard

# A prime number of bytes, so that all places of a frame are cut somewhere.
FEW: Final = 13

CASES: Final = [
    pytest.param(down, up, bend, id=f"{down}-of-{up}-{bend}".replace(" ", "_"))
    for up, table in UPSTREAMS.items()
    for down in ASKED
    for bend in table
]
cases = pytest.mark.parametrize(("down", "up", "bend"), CASES)


def judge(dialect: str) -> Any:
    return importlib.import_module(f"tests.judges.{dialect}")


def streamed(
    down: str, up: str, bend: Bend, pieces: Iterable[bytes]
) -> tuple[bytes, Failure | None]:
    """All that a caller gets, and why it is not complete."""
    stream = plan(down, up, streams=True).response_stream()
    said = b"".join(map(stream.feed, pieces))
    if not stream.done:
        assert bend.end not in (End.RESET, End.STALLED), "it should be over"
        said += stream.finish()
    assert stream.done
    return said, stream.failure


def test_bends_have_names_of_their_own() -> None:
    for table in UPSTREAMS.values():
        names = [bend.name for bend in table]
        assert len(set(names)) == len(names)


@cases
def test_streamed(down: str, up: str, bend: Bend) -> None:
    body = b"".join(bend.frames)
    got = streamed(down, up, bend, [body])
    assert streamed(down, up, bend, bend.frames) == got
    # How bytes become frames is the same for every caller: one hears single bytes.
    size = 1 if down == up else FEW
    few = [body[at : at + size] for at in range(0, len(body), size)]
    assert streamed(down, up, bend, few) == got
    said, failure = got
    check_stream(down, said)
    reading: Reading = judge(down).fold(said)
    if isinstance(bend.means, Means):
        assert failure is None
        expected = due(down, up, bend.means, whole=False)
        assert heard(down, up, reading) == expected
    else:
        assert failure is not None
        check_broken(reading, bend.means)


def check_broken(reading: Reading, breaks: Breaks) -> None:
    """An error is raised after the words that came, and nothing looks finished."""
    assert reading.error is not None
    assert reading.error.message
    assert breaks.words in reading.error.message
    words = [
        part[1]
        for candidate in reading.candidates
        for part in candidate.parts
        if part[0] == "text"
    ]
    assert "".join(words) == breaks.said
    assert all(c.finish in (None, "failed") for c in reading.candidates)


@cases
def test_folded(down: str, up: str, bend: Bend) -> None:
    """The same where the caller wanted one document."""
    asked = plan(down, up, streams=False)
    body = b"".join(bend.frames)
    if isinstance(bend.means, Breaks):
        with pytest.raises(UpstreamError) as caught:
            asked.response(body)
        document = json.loads(caught.value.body)
        check_error_body(down, document)
        assert bend.means.words in document["error"]["message"]
        assert caught.value.failure.status >= 400
        return
    document = asked.response(body)
    check_whole(down, document)
    reading: Reading = judge(down).whole(document)
    expected = due(down, up, bend.means, whole=True)
    assert heard(down, up, reading) == expected
