"""What is served where."""

from __future__ import annotations

import pytest

from cliproxy_core.gateway.routes import (
    ROUTES,
    VERBS,
    Endpoint,
    Found,
    Miss,
    dialect_at,
    find,
)
from cliproxy_core.wire.http import Headers

METHODS = (b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH")
PATHS = sorted({path for _, path in ROUTES})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
def test_the_full_product(method: bytes, path: bytes) -> None:
    found = find(method, path + b"?key=x")
    assert found == find(method, path)
    if (method, path) in ROUTES:
        assert found == Found(endpoint=ROUTES[method, path])
    else:
        assert isinstance(found, Miss)
        assert found.allowed
        assert method not in found.allowed


NOTHING = [
    b"/nothing",
    b"/v1/messages/",
    b"/V1/messages",
    b"*",
    b"/v1",
    b"",
    b"/v1/models/",
    b"/v1beta/models/",
    b"/v1alpha/models/m:generateContent",
    b"/models/m:generateContent",
    b"/v1beta/models/:generateContent",
    b"/v1beta/models/a%0Ab:generateContent",
    b"/v1beta/models/m:embedContent",
    b"/v1beta/models/m:",
    b"/v1beta/m",
]


@pytest.mark.parametrize("target", NOTHING)
def test_no_such_path(target: bytes) -> None:
    assert find(b"POST", target) == Miss(())


def test_every_endpoint_is_served() -> None:
    by_path = {Endpoint.MODEL}
    assert set(ROUTES.values()) | {e for e, _ in VERBS.values()} | by_path == set(
        Endpoint
    )


# Facts/06, section 2, rows 1 and 2: what SDKs write.
NAMES = [
    (b"/v1beta/models/gemini-2.5-pro", "gemini-2.5-pro"),
    (b"/v1/models/gemini-2.5-pro", "gemini-2.5-pro"),
    (b"/v1beta/gemini-2.5-pro", "gemini-2.5-pro"),
    (b"/v1beta/oai/gpt-5", "oai/gpt-5"),
    (b"/v1beta/models/oai/gpt-5", "oai/gpt-5"),
    (b"/v1beta/models/oai%2Fgpt-5", "oai/gpt-5"),
    (b"/v1beta/models%2Fgpt-5", "gpt-5"),
    (b"/v1/responses/gpt-5", "responses/gpt-5"),
    (b"/v1beta/models/qwen:7b", "qwen:7b"),
    (b"/v1beta/models/qwen%3A7b", "qwen:7b"),
    (b"/v1beta/models/f\xc3\xbcnf", "f\u00fcnf"),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("path", "model"), NAMES)
@pytest.mark.parametrize("colon", [b":", b"%3A"])
def test_a_path_names_the_model(
    path: bytes, model: str, verb: str, colon: bytes
) -> None:
    target = path + colon + verb.encode()
    endpoint, streams = VERBS[verb]
    expected = Found(endpoint=endpoint, model=model, streams=streams, array=streams)
    assert find(b"POST", target) == expected
    assert dialect_at(target).name == "gemini"
    for method in set(METHODS) - {b"POST"}:
        assert find(method, target) == Miss((b"POST",))


@pytest.mark.parametrize(
    ("query", "array"),
    [
        (b"", True),
        (b"?alt=sse", False),
        (b"?key=x&alt=sse", False),
        (b"?alt=json", True),
        (b"?alt", True),
        (b"?alt=%73se", False),
    ],
)
def test_a_stream_is_an_array_unless_events_are_asked_for(
    query: bytes, array: bool
) -> None:
    found = find(b"POST", b"/v1beta/models/m:streamGenerateContent" + query)
    assert isinstance(found, Found)
    assert (found.streams, found.array) == (True, array)
    whole = find(b"POST", b"/v1beta/models/m:generateContent" + query)
    assert isinstance(whole, Found)
    assert (whole.streams, whole.array) == (False, False)


@pytest.mark.parametrize(
    ("target", "model"),
    [
        (b"/v1/models/m", "m"),
        (b"/v1beta/models/m?key=x", "m"),
        (b"/v1/models/p/m", "p/m"),
        (b"/v1/models/qwen:7b", "qwen:7b"),
    ],
)
def test_a_single_model(target: bytes, model: str) -> None:
    assert find(b"GET", target) == Found(endpoint=Endpoint.MODEL, model=model)
    for method in set(METHODS) - {b"GET", b"POST"}:
        assert find(method, target) == Miss((b"GET",))


@pytest.mark.parametrize("target", [b"/v1/models/m", b"/v1beta/models/p/m"])
def test_nothing_can_be_asked_of_a_model_without_a_verb(target: bytes) -> None:
    assert find(b"POST", target) == Miss((b"GET",))


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (b"/v1/messages", "claude_messages"),
        (b"/v1/messages/count_tokens", "claude_messages"),
        (b"/v1/responses", "openai_responses"),
        (b"/v1/chat/completions", "openai_chat"),
        (b"/v1beta/models", "gemini"),
        (b"/v1beta/anything", "gemini"),
        (b"/v1/models/m", "openai_chat"),
        (b"/v1/models/m:unknown", "openai_chat"),
        (b"/nothing", "openai_chat"),
        (b"", "openai_chat"),
    ],
)
def test_whose_words_a_path_speaks(target: bytes, name: str) -> None:
    assert dialect_at(target).name == name


CALLERS: list[tuple[Headers, str]] = [
    ((), "openai_chat"),
    (((b"authorization", b"Bearer x"),), "openai_chat"),
    (((b"user-agent", b"OpenAI/Python 3"),), "openai_chat"),
    (((b"anthropic-version", b"2023-06-01"),), "claude_messages"),
    (((b"user-agent", b"claude-cli/2.1"),), "claude_messages"),
    (((b"x-goog-api-key", b"x"),), "gemini"),
    (((b"x-goog-api-client", b"google-genai-sdk/3"),), "gemini"),
    (((b"user-agent", b"google-genai-sdk/3"),), "gemini"),
]


@pytest.mark.parametrize(("headers", "name"), CALLERS)
def test_who_asks_for_the_list_is_told_by_the_header(
    headers: Headers, name: str
) -> None:
    for target in (b"/v1/models", b"/v1/models?x=y", b"/v1/models/m"):
        assert dialect_at(target, headers).name == name
    assert dialect_at(b"/v1beta/models", headers).name == "gemini"
    assert dialect_at(b"/v1/chat/completions", headers).name == "openai_chat"
