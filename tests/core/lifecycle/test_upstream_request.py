"""Which header fields go upstream."""

from __future__ import annotations

import pytest

from cliproxy_core.base.errors import LocalError
from cliproxy_core.base.secret import Secret
from cliproxy_core.lifecycle.upstream_request import USER_AGENT, request_head
from cliproxy_core.pool.credential import Credential
from cliproxy_core.translate.lane import Lane
from cliproxy_core.wire.http import Headers
from tests.core.lifecycle.cast import (
    CLAUDE_CREDENTIAL,
    CODEX_CREDENTIAL,
    GEMINI_CREDENTIAL,
    KEY,
    A,
    credential,
    job,
)

CALLERS: Headers = (
    (b"host", b"proxy.test"),
    (b"authorization", b"Bearer callers-own-key"),
    (b"x-api-key", b"callers-own-key"),
    (b"x-goog-api-key", b"callers-own-key"),
    (b"cookie", b"session=1"),
    (b"x-forwarded-for", b"192.0.2.1"),
    (b"user-agent", b"sdk/1"),
    (b"anthropic-beta", b"one"),
    (b"anthropic-beta", b"two"),
    (b"anthropic-version", b"2099-01-01"),
    (b"openai-organization", b"org"),
    (b"x-goog-api-client", b"genai/1"),
    (b"x-codex-turn-metadata", b"{}"),
    (b"session-id", b"s-1"),
)


def fields(by: Credential, lane: Lane) -> dict[bytes, bytes]:
    head = request_head(job(headers=CALLERS), by, "m", lane)
    assert len(dict(head.headers)) == len(head.headers)
    return dict(head.headers)


ADDRESSES: list[tuple[Credential, dict[str, bool], bytes]] = [
    (A, {}, b"/v1/chat/completions"),
    (CODEX_CREDENTIAL, {}, b"/v1/responses"),
    (CLAUDE_CREDENTIAL, {}, b"/v1/v1/messages"),
    (CLAUDE_CREDENTIAL, {"counts": True}, b"/v1/v1/messages/count_tokens"),
    (
        GEMINI_CREDENTIAL,
        {"streams": False},
        b"/v1/v1beta/models/m:generateContent",
    ),
    (GEMINI_CREDENTIAL, {}, b"/v1/v1beta/models/m:streamGenerateContent?alt=sse"),
    (GEMINI_CREDENTIAL, {"counts": True}, b"/v1/v1beta/models/m:countTokens"),
]


@pytest.mark.parametrize(("by", "asked", "target"), ADDRESSES)
def test_the_address(by: Credential, asked: dict[str, bool], target: bytes) -> None:
    head = request_head(job(**asked), by, "m", Lane.NATIVE)  # type: ignore[arg-type]
    assert (head.method, head.target) == (b"POST", target)
    assert dict(head.headers)[b"host"] == by.origin.host_header


def test_nobody_is_asked_for_what_he_cannot() -> None:
    with pytest.raises(LocalError):
        request_head(job(counts=True), A, "m", Lane.NATIVE)


@pytest.mark.parametrize(
    ("streams", "accepted"),
    [(True, b"text/event-stream"), (False, b"application/json")],
)
def test_what_is_accepted(streams: bool, accepted: bytes) -> None:
    head = request_head(job(streams=streams), A, "m", Lane.NATIVE)
    assert dict(head.headers)[b"accept"] == accepted
    assert dict(head.headers)[b"accept-encoding"] == b"identity"


def test_nothing_of_the_callers_goes_through_a_translation() -> None:
    sent = fields(A, Lane.TRANSLATED)
    assert sent[b"user-agent"] == USER_AGENT
    assert set(sent) == {
        b"host", b"accept", b"accept-encoding", b"content-type", b"user-agent",
        b"authorization",
    }  # fmt: skip


def test_natively_goes_what_the_api_knows() -> None:
    sent = fields(CLAUDE_CREDENTIAL, Lane.NATIVE)
    assert sent[b"anthropic-beta"] == b"one, two"
    assert sent[b"anthropic-version"] == b"2099-01-01"
    assert sent[b"user-agent"] == b"sdk/1"
    assert b"openai-organization" not in sent
    sent = fields(GEMINI_CREDENTIAL, Lane.NATIVE)
    assert sent[b"x-goog-api-client"] == b"genai/1"
    sent = fields(CODEX_CREDENTIAL, Lane.NATIVE)
    assert (sent[b"x-codex-turn-metadata"], sent[b"session-id"]) == (b"{}", b"s-1")
    assert b"x-goog-api-client" not in sent


@pytest.mark.parametrize(
    ("by", "field", "key"),
    [
        (A, b"authorization", b"Bearer " + KEY.encode()),
        (CLAUDE_CREDENTIAL, b"x-api-key", KEY.encode()),
        (CODEX_CREDENTIAL, b"authorization", b"Bearer " + KEY.encode()),
        (GEMINI_CREDENTIAL, b"x-goog-api-key", KEY.encode()),
    ],
)
@pytest.mark.parametrize("lane", Lane)
def test_the_callers_key_cookies_and_address_never_go(
    by: Credential, field: bytes, key: bytes, lane: Lane
) -> None:
    sent = fields(by, lane)
    assert b"cookie" not in sent
    assert b"x-forwarded-for" not in sent
    assert b"callers-own-key" not in b"".join(sent.values())
    assert sent[field] == key


def test_configured_fields_have_the_last_word() -> None:
    own = (("Authorization", Secret("Basic x")), ("X-Team", Secret("t")))
    head = request_head(job(), credential(headers=own), "m", Lane.NATIVE)
    sent = dict(head.headers)
    assert (sent[b"authorization"], sent[b"x-team"]) == (b"Basic x", b"t")
