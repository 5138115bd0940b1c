"""Names and counts: the first names hold, the counts are told in one place."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson

from cliproxy_core.base.jsonval import as_object
from cliproxy_core.dialects.openai_chat.mend_around import (
    CHUNK,
    Ledger,
    Names,
    is_whole,
    read,
    written,
)
from tests.core.dialects.openai_chat.streams import context, data

GOOD: dict[str, Any] = {"id": "c1", "object": CHUNK, "created": 7, "model": "m"}


def test_the_first_id_holds() -> None:
    names = Names(context(), Counter())
    assert names.mend(dict(GOOD)) == {}
    assert names.mend({**GOOD, "id": "c2", "model": "m2"}) == {"id": "c1"}
    around = names.around([])
    assert around == {**GOOD, "model": "m2", "choices": []}


def test_what_was_never_told_is_made() -> None:
    names = Names(context(), Counter())
    fixed = names.mend({"id": "", "model": None, "created": True})
    assert str(fixed.pop("id")).startswith("chatcmpl-")
    assert fixed == {"model": "asked", "object": CHUNK, "created": 1}
    assert names.mend({**GOOD})["id"] == names.id


def test_the_upstreams_own_chunk_is_told_if_it_tells_all() -> None:
    names = Names(context(), Counter())
    names.mend(dict(GOOD))
    ledger = Ledger(True, Counter())
    counts: Any = {"prompt_tokens": 3}
    payload = {**GOOD, "choices": [], "usage": counts}
    ledger.count(counts)
    ledger.keep(payload, data(payload))
    assert ledger.chunk(names) == (payload, data(payload))
    ledger.count({"prompt_tokens": None, "completion_tokens": 2})
    told = ledger.chunk(names)
    assert told is not None
    want = {"prompt_tokens": 3, "completion_tokens": 2}
    assert told[0] is not None
    assert told[0]["usage"] == want
    assert orjson.loads(told[1][6:])["usage"] == want
    assert ledger.repairs == {"usage_moved": 1}


def test_nobody_asked_or_nothing_is_known() -> None:
    names = Names(context(), Counter())
    assert Ledger(True, Counter()).chunk(names) is None
    ledger = Ledger(False, Counter())
    ledger.count({"prompt_tokens": 3})
    ledger.keep({}, b"")
    assert ledger.chunk(names) is None
    assert ledger.usage is not None
    assert ledger.usage.input_total == 3


def test_a_written_frame_is_canonical() -> None:
    assert written({"a": "é"}) == b'data: {"a":"\xc3\xa9"}\n\n'


def test_what_is_whole_without_its_blank_line() -> None:
    whole = [is_whole(data) for data in (b"{}", b" [DONE]", b"{", b"")]
    assert whole == [True, True, False, False]


def test_arguments_that_are_no_text_keep_their_digits() -> None:
    big = b'{"arguments": {"n": 12345678901234567890123}}'
    want = b'data: {"arguments":{"n":12345678901234567890123}}\n\n'
    assert written(as_object(read(big), "")) == want
    plain: Any = read(b'{"content": "a", "n": 12345678901234567890123}')
    assert type(plain["n"]) is float  # nobody writes that anew
