"""Secrets out of text: the known ones by value, others by shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.observe.redact import MASK, MIN_SECRET, redact, redact_json

SHAPES = [
    # text, what is left of it
    ("key sk-abcdef123456 is wrong", f"key {MASK} is wrong"),
    ("sk-ant-api03-x_y-z123", MASK),
    ("sk-****************abcd", MASK),
    ("xai-1234567890", MASK),
    ("gsk-1234567890", MASK),
    ("Bearer abc.def.ghi", f"Bearer {MASK}"),
    ("authorization: Bearer abcdefg", f"authorization: Bearer {MASK}"),
    ("authorization: abcdefg", f"authorization: {MASK}"),
    ('{"api_key": "0123456789"}', f'{{"api_key": "{MASK}"}}'),
    ("api-key=0123456789&x=1", f"api-key={MASK}&x=1"),
    ("password: hunter2hunter2", f"password: {MASK}"),
    ("client_secret=abcdefgh", f"client_secret={MASK}"),
    ("/v1beta/models?key=0123456789&alt=sse", f"/v1beta/models?key={MASK}&alt=sse"),
    ("https://x.test/y?alt=sse&key=0123456789", f"https://x.test/y?alt=sse&key={MASK}"),
    ("AIzaSyA1234567890abcdefghijk", MASK),
    ("eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ", MASK),
]

ORDINARY = [
    "the model is overloaded",
    "invalid_api_key",
    "Incorrect API key provided",
    "the secret of success",
    "risk-free",
    "sk-1",
    "max_tokens: 4096 exceeds the limit",
    "bearer of news",
    "the key=value form",
    "is that the ?key= parameter",
    "",
]


@pytest.mark.parametrize(("text", "left"), SHAPES)
def test_what_looks_like_a_credential_goes(text: str, left: str) -> None:
    assert redact(text) == left


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


@given(st.text(), st.text(min_size=MIN_SECRET), st.text())
def test_a_known_secret_never_stays(before: str, secret: str, after: str) -> None:
    clean = redact(before + secret + after, [secret])
    assert secret not in clean or secret in MASK or secret in before + MASK + after


def test_a_short_secret_does_not_take_words_apart() -> None:
    assert redact("a test of it", ["test"]) == "a test of it"
    assert redact("nothing", [""]) == "nothing"


def test_every_string_of_a_document() -> None:
    document: JsonObject = {
        "a": ["my-secret", {"b": "x my-secret y"}, 7, None, True],
        "c": 1.5,
    }
    assert redact_json(document, iter(["my-secret"])) == {
        "a": [MASK, {"b": f"x {MASK} y"}, 7, None, True],
        "c": 1.5,
    }
