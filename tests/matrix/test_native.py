"""The native lane: a caller's bytes go on as they are, but for the named edits.

Prompt caches and signatures are computed over bytes. So whatever a caller writes, in
whatever order and with whatever blanks, every byte outside of an edited value stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy_core.base.jsonval import Json, JsonObject, as_object, dumps, loads
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.translate import Lane, prepare

from .callers import NAMES

names = pytest.mark.parametrize("name", NAMES)

BLANKS: Final = st.text(" \t\r\n", max_size=3)
SCALARS: Final = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.sampled_from([1.5, -0.0, 1e300])
    | st.text(max_size=8)
)
# Names that are edited stand everywhere else too, as keys, as words and inside of both.
KEYS: Final = st.text(max_size=4) | st.sampled_from(
    ["model", "stream", 'a"model', "model\\", "messages", "input", "contents"]
)
VALUES: Final = st.recursive(
    SCALARS | KEYS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)
EDITED: Final = ("model", "stream")


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """JSON of a value with blanks and escapes as they fall."""
    if isinstance(value, dict):
        pairs = [
            f"{draw(written(key))}{draw(BLANKS)}:{draw(BLANKS)}{draw(written(inner))}"
            for key, inner in value.items()
        ]
        return "{" + draw(BLANKS) + f",{draw(BLANKS)}".join(pairs) + draw(BLANKS) + "}"
    if isinstance(value, list):
        items = [draw(written(inner)) for inner in value]
        return "[" + draw(BLANKS) + f",{draw(BLANKS)}".join(items) + draw(BLANKS) + "]"
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]], str]:
    """A document as its members between what is before and after them."""
    document = draw(st.dictionaries(KEYS, VALUES, max_size=6))
    document["model"] = draw(st.text(max_size=4))
    order = draw(st.permutations(list(document)))
    members = [
        (key, f"{json.dumps(key)}{draw(BLANKS)}:{draw(BLANKS)}") for key in order
    ]
    told = [(head, draw(written(document[key]))) for key, head in members]
    return draw(BLANKS) + "{" + draw(BLANKS), told, draw(BLANKS) + "}" + draw(BLANKS)


def body_of(
    before: str, members: list[tuple[str, str]], after: str, edits: Mapping[str, Json]
) -> str:
    """The text of the document, with some values in place of those that were there."""
    texts = []
    for head, text in members:
        key = json.loads(head[: head.rindex(":")])
        wanted, is_there = edits.get(key, ...), json.loads(text)
        same = wanted is ... or (wanted == is_there and type(wanted) is type(is_there))
        texts.append(head + (text if same else json.dumps(wanted, ensure_ascii=False)))
    return before + ",".join(texts) + after


@names
@settings(max_examples=60)
@given(body=bodies(), model=st.text(max_size=4))
def test_every_byte_outside_of_the_edits_stays(
    name: str, body: tuple[str, list[tuple[str, str]], str], model: str
) -> None:
    text = body_of(*body, {}).encode("utf-8", "surrogatepass")
    try:
        document = as_object(loads(text), "")
    except ValueError:
        return  # a lone surrogate is no JSON here
    edits: JsonObject = {"stream": True} if "stream" in document else {}

    def finish(_payload: JsonObject, lane: Lane) -> Mapping[str, Json]:
        assert lane is Lane.NATIVE
        return edits

    prepared = prepare(
        text,
        document,
        source=DIALECTS[name],
        target=DIALECTS[name],
        model=model,
        streams=False,
        finish=finish,
    )
    own = {"model": model} if DIALECTS[name].names_model else {}
    assert prepared.body.decode() == body_of(*body, {**own, **edits})
    assert prepared.dropped == ()


@names
def test_a_missing_member_is_put_at_the_end(name: str) -> None:
    body = b'{ "messages" : [ ] }'
    prepared = prepare(
        body,
        as_object(loads(body), ""),
        source=DIALECTS[name],
        target=DIALECTS[name],
        model="theirs",
        streams=False,
        finish=lambda _payload, _lane: {"stream": False},
    )
    model = b',"model":"theirs"' if DIALECTS[name].names_model else b""
    assert prepared.body == b'{ "messages" : [ ] %b,"stream":false}' % model
    assert dumps(loads(prepared.body))
