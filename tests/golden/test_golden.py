"""Whole exchanges as files that a person can open.

A case is a folder `<caller's dialect>/<name>`. `request.json` is what the caller sends,
`upstream.sse` what the upstream answers; everything else is what we make of them, and
is rewritten by `make bless`: `sent.json` goes upstream, `downstream.sse` goes to the
caller, `whole.json` is the same answer to a caller who wants it whole.
"""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import StreamContext
from cliproxy_core.providers import PROFILES
from cliproxy_core.translate import (
    Answer,
    Piece,
    Prepared,
    StreamEnded,
    StreamFailed,
    prepare,
)

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/upstream.sse"))
PROFILE_OF = {profile.dialect.name: profile for profile in PROFILES.values()}


MARKS = {
    b'"type":"message_start"': "claude_messages",
    b'"type":"response.created"': "openai_responses",
    b'"candidates"': "gemini",
    b'"choices"': "openai_chat",
}


def names(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def upstream_of(case: Path) -> str:
    """The upstream's dialect shows in what it says."""
    said = (case / "upstream.sse").read_bytes()
    return next(name for mark, name in MARKS.items() if mark in said)


def sent_of(case: Path) -> Prepared:
    profile = PROFILE_OF[upstream_of(case)]
    body = (case / "request.json").read_bytes()
    return prepare(
        body,
        orjson.loads(body),
        source=DIALECTS[case.parent.name],
        target=profile.dialect,
        model="upstream-model",
        streams=True,
        finish=profile.finish,
    )


def made_of(case: Path) -> dict[str, bytes]:
    prepared = sent_of(case)
    sent: JsonObject = {
        "body": orjson.loads(prepared.body),
        "dropped": [f"{item.path}: {item.reason}" for item in prepared.dropped],
    }
    answered = (case / "upstream.sse").read_bytes()
    return {
        "sent.json": pretty(sent),
        "downstream.sse": answer(case, answered, streams=True),
        "whole.json": pretty(orjson.loads(answer(case, answered, streams=False))),
    }


def answer(case: Path, answered: bytes, *, streams: bool) -> bytes:
    context = StreamContext(
        ids=Ids(b"golden"),
        created=1_800_000_000,
        model="model",
        caller=orjson.loads((case / "request.json").read_bytes()),
    )
    upstream, downstream = DIALECTS[upstream_of(case)], DIALECTS[case.parent.name]
    stream = Answer(upstream, downstream, context, streams, sent_of(case).names)
    produced = stream.feed(answered)
    if not produced or isinstance(produced[-1], Piece):
        produced = [*produced, *stream.finish()]
    out = b"".join(item.data for item in produced if isinstance(item, Piece))
    match produced[-1]:
        case StreamFailed(failure=failure) if streams:
            return out + stream.fail(failure)
        case StreamFailed(failure=failure):
            return orjson.dumps(downstream.emit_error(failure))
        case last:
            assert isinstance(last, StreamEnded)
            return out


def pretty(document: JsonObject) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


@pytest.mark.parametrize("case", CASES, ids=names)
def test_golden(case: Path, bless: bool) -> None:
    for name, made in made_of(case).items():
        if bless:
            (case / name).write_bytes(made)
        assert (case / name).read_bytes() == made, f"{name}: make bless, read the diff"


def test_there_are_cases_for_every_pair() -> None:
    pairs = {(case.parent.name, upstream_of(case)) for case in CASES}
    assert len(pairs) == len(DIALECTS) ** 2
