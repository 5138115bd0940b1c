"""What is not JSON never passes for an event, in any dialect and on either lane.

The documents are those of JSONTestSuite (nst/JSONTestSuite, MIT): each must be
accepted, must be rejected, or may be either.
"""

from __future__ import annotations

import base64
from pathlib import Path

import orjson
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import loads
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Mended, StreamContext
from cliproxy_core.ir.failure import Kind
from cliproxy_core.wire.sse import SseDecoder, encode

SUITE = orjson.loads((Path(__file__).parent / "json-parsing.json").read_bytes())
DOCUMENTS = {
    expect: [
        pytest.param(base64.b64decode(case["base64"]), id=case["name"])
        for case in SUITE["cases"]
        if case["expect"] == expect
    ]
    for expect in ("accept", "reject", "either")
}
NOT_JSON = "not JSON"


def guarded(dialect: str, document: bytes) -> Mended:
    """What a dialect makes of the document as the data of one event."""
    context = StreamContext(ids=Ids(b"json"), created=1, model="model")
    frames = SseDecoder().feed(encode("", document))
    return DIALECTS[dialect].mender(context).feed(frames)


def test_the_suite_is_there() -> None:
    counts = {expect: len(cases) for expect, cases in DOCUMENTS.items()}
    assert counts == {"accept": 95, "reject": 188, "either": 35}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("document", DOCUMENTS["accept"])
def test_json_is_taken_for_json(dialect: str, document: bytes) -> None:
    loads(document)
    failure = guarded(dialect, document).failure
    assert failure is None or NOT_JSON not in failure.message


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("document", DOCUMENTS["reject"])
def test_what_is_not_json_is_a_failure(dialect: str, document: bytes) -> None:
    with pytest.raises(DecodeError):
        loads(document)
    mended = guarded(dialect, document)
    assert mended.legal == []
    if not document.strip():
        return  # an event without data says nothing, and nothing is lost with it
    assert mended.failure is not None
    assert mended.failure.kind is Kind.MALFORMED
    assert NOT_JSON in mended.failure.message


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("document", DOCUMENTS["either"])
def test_the_rest_is_one_or_the_other(dialect: str, document: bytes) -> None:
    try:
        loads(document)
    except DecodeError:
        failure = guarded(dialect, document).failure
        assert failure is not None
        assert NOT_JSON in failure.message
    else:
        failure = guarded(dialect, document).failure
        assert failure is None or NOT_JSON not in failure.message
