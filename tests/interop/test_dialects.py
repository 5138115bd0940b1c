"""What is not the same for every dialect: failures in each one's words, proofs, lists
of models, counts of tokens, addresses, and Gemini's stream as an array."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import ExitStack, closing
from itertools import permutations
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import types

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import Config, ModelName, OpenAICompat
from cliproxy_core.testing.demo import demo_answer
from cliproxy_core.testing.script import sse_answer
from tests.adapters.servers import start_proxy

from .claude_client import ClaudeClient
from .conftest import FAST
from .gemini_client import GeminiClient
from .legality import check_error_body, check_stream
from .readings import Broken, Reading, Thought, Tokens
from .rig import ALL_PAIRS, CLIENTS, DOWNSTREAM_KEY, UPSTREAM_KEYS, Pair, Rig

HELLO = "Hello from the demo upstream."
THOUGHT = "The user greets me."

MODES = ("whole", "create", "stream")
UPSTREAMS = ("chat", "responses", "claude", "gemini")

pairs = pytest.mark.parametrize("pair", ALL_PAIRS, ids=str)
modes = pytest.mark.parametrize("mode", MODES)


# Failures.

FAILURES = [
    # scenario, status, words, what comes before in a stream
    ("429", 429, "one at a time", None),
    ("500", 500, "the demo broke down", None),
    ("error", 500, "the demo broke down", "Hello from"),
    ("cut", 502, "upstream", "Hello from the"),
]


@modes
@pairs
@pytest.mark.parametrize(("scenario", "status", "words", "said"), FAILURES)
def test_a_failure_is_told_in_the_callers_words(
    rig: Rig,
    pair: Pair,
    mode: Any,
    scenario: str,
    status: int,
    words: str,
    said: str | None,
) -> None:
    rig.upstream(pair).play(demo_answer)
    client = rig.client(pair)
    model = f"{pair.upstream}/{scenario}"
    outcome = client.ask(mode, model, [client.user("Hello?")])
    assert isinstance(outcome, Broken), outcome
    if mode == "whole" or said is None:
        assert outcome.status == status
        document = json.loads(client.heard)
        check_error_body(client.dialect, document)
        assert words in document["error"]["message"]
    else:
        assert words in str(outcome.error)
        assert outcome.said == said
        check_stream(client.dialect, client.heard)


# Reasoning, and what proves it.


@modes
@pairs
def test_reasoning_is_shown_and_comes_back(rig: Rig, pair: Pair, mode: Any) -> None:
    """The upstream refuses a proof that is not its own."""
    rig.upstream(pair).play(demo_answer)
    client = rig.client(pair)
    model, question = f"{pair.upstream}/thinking", client.user("Hello?")
    first = client.ask(mode, model, [question], thinking=True)
    assert isinstance(first, Reading), first
    # An item of Responses may hold nothing but a proof.
    shown = [p.text for p in first.parts if isinstance(p, Thought) and p.text]
    assert (shown, first.text) == ([THOUGHT], HELLO)
    assert first.tokens == Tokens(20, 8, 11)
    turns = [question, first.turn, client.user("And again?")]
    second = client.ask(mode, model, turns, thinking=True)
    assert isinstance(second, Reading), second
    assert second.parts == first.parts


@pytest.mark.parametrize("mode", ["whole", "create"])
@pytest.mark.parametrize("caller", UPSTREAMS)
@pytest.mark.parametrize(("here", "there"), list(permutations(UPSTREAMS, 2)))
def test_a_conversation_may_go_on_elsewhere(
    rig: Rig, caller: str, here: str, there: str, mode: Any
) -> None:
    """Each upstream refuses proofs of another; on no lane may it meet one."""
    rig.playlists[here].play(demo_answer)
    rig.playlists[there].play(demo_answer)
    client = rig.clients[caller]
    question = client.user("Hello?")
    first = client.ask(mode, f"{here}/thinking", [question], thinking=True)
    assert isinstance(first, Reading), first
    turns = [question, first.turn, client.user("And again?")]
    second = client.ask(mode, f"{there}/thinking", turns, thinking=True)
    assert isinstance(second, Reading), second
    assert b"Hello?" in rig.playlists[there].asked[-1].body
    assert b" upstream" in rig.playlists[there].asked[-1].body
    turns += [second.turn, client.user("And now?")]
    third = client.ask(mode, f"{here}/thinking", turns, thinking=True)
    assert isinstance(third, Reading), third


# What an upstream keeps.


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_an_earlier_response_is_known_to_those_who_kept_it(
    rig: Rig, upstream: str
) -> None:
    rig.playlists[upstream].play(demo_answer)
    body = {
        "model": f"{upstream}/text",
        "input": "Go on.",
        "previous_response_id": "resp_1",
    }
    status, _, text = post(rig, "/v1/responses", body)
    if upstream == "responses":
        assert status == 200
        assert b'"resp_1"' in rig.playlists[upstream].asked[-1].body
    else:
        error = json.loads(text)["error"]
        assert (status, error["param"]) == (400, "previous_response_id")
        assert rig.playlists[upstream].asked == []


# Lists of models.


LISTED = "team/model-1"


def test_every_sdk_lists_models_in_its_own_shape() -> None:
    """All of them at the same place, but for older versions of Google's."""
    entry = OpenAICompat(
        name="up",
        base_url="http://127.0.0.1:9/v1",
        models=(ModelName(name="m", alias="model-1"),),
        prefix="team",
    )
    config = Config(api_keys=(Secret(DOWNSTREAM_KEY),), openai_compatibility=(entry,))
    with ExitStack() as stack:
        proxy = stack.enter_context(start_proxy(FAST, config))
        client: Any = {
            name: stack.enter_context(closing(make(proxy.base_url, DOWNSTREAM_KEY)))
            for name, make in CLIENTS.items()
        }
        for name in ("chat", "claude"):
            assert [m.id for m in client[name].sdk.models.list()] == [LISTED]
            assert client[name].sdk.models.retrieve(LISTED).id == LISTED
        google = client["gemini"].sdk.models
        assert [m.name for m in google.list()] == [f"models/{LISTED}"]
        assert google.get(model=LISTED).name == f"models/{LISTED}"


# Tokens, counted.


def counted(rig: Rig, caller: str, model: str, text: str) -> int | None:
    client = rig.clients[caller]
    if isinstance(client, ClaudeClient):
        message: Any = {"role": "user", "content": text}
        told = client.sdk.messages.count_tokens(
            model=model, messages=[message], system="Be brief."
        )
        return told.input_tokens
    assert isinstance(client, GeminiClient)
    return client.sdk.models.count_tokens(model=model, contents=text).total_tokens


@pytest.mark.parametrize("upstream", ["claude", "gemini"])
@pytest.mark.parametrize("caller", ["claude", "gemini"])
def test_tokens_are_counted_by_those_who_can(
    rig: Rig, caller: str, upstream: str
) -> None:
    rig.playlists[upstream].play(demo_answer)
    assert counted(rig, caller, f"{upstream}/text", "Hello?") == 20
    (asked,) = rig.playlists[upstream].asked
    assert b"count" in asked.target
    assert b"Hello?" in asked.body
    assert (b"Be brief." in asked.body) is (caller == "claude")


@pytest.mark.parametrize("upstream", ["chat", "responses"])
def test_who_cannot_count_says_so(rig: Rig, upstream: str) -> None:
    rig.playlists[upstream].play(demo_answer)
    for path, body in (
        ("/v1/messages/count_tokens", {"model": f"{upstream}/text", "messages": []}),
        (f"/v1beta/models/{upstream}/text:countTokens", {"contents": []}),
    ):
        status, _, text = post(rig, path, body)
        assert status == 400
        assert b"cannot count tokens" in text
    assert rig.playlists[upstream].asked == []


# Addresses.


def post(
    rig: Rig, path: str, body: Any, **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(*rig.proxy.address, timeout=20)
    with closing(connection):
        known = {"authorization": f"Bearer {DOWNSTREAM_KEY}"} | headers
        connection.request("POST", path, json.dumps(body), known)
        response = connection.getresponse()
        return response.status, response.headers, response.read()


QUESTION = {"contents": [{"role": "user", "parts": [{"text": "Hello?"}]}]}


@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize(
    "form",
    [
        "/v1beta/models/{}/text:generateContent",
        "/v1/models/{}/text:generateContent",
        "/v1beta/{}/text:generateContent",
        "/v1beta/models/{}%2Ftext:generateContent",
        "/v1/{}/text%3AgenerateContent",
    ],
)
def test_geminis_addresses(rig: Rig, upstream: str, form: str) -> None:
    rig.playlists[upstream].play(demo_answer)
    status, _, body = post(rig, form.format(upstream), QUESTION)
    assert status == 200
    parts = json.loads(body)["candidates"][0]["content"]["parts"]
    assert parts == [{"text": HELLO}]


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_the_sdk_with_either_version(rig: Rig, version: str) -> None:
    rig.playlists["chat"].play(demo_answer)
    with httpx2.Client() as http:
        options = types.HttpOptions(
            base_url=rig.proxy.base_url, api_version=version, httpx_client=http
        )
        sdk = genai.Client(api_key=DOWNSTREAM_KEY, http_options=options)
        answer = sdk.models.generate_content(model="chat/text", contents="Hello?")
        assert answer.text == HELLO
        sdk.close()


# A stream as an array.


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_without_alt_a_stream_is_an_array_that_grows(rig: Rig, upstream: str) -> None:
    rig.playlists[upstream].play(demo_answer)
    path = f"/v1beta/models/{upstream}/text:streamGenerateContent"
    status, headers, body = post(rig, path, QUESTION)
    assert (status, headers["content-type"]) == (200, "application/json")
    chunks = json.loads(body)
    texts = [c["candidates"][0]["content"]["parts"][0]["text"] for c in chunks]
    assert "".join(texts) == HELLO
    assert len(chunks) > 1
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


def test_an_array_comes_element_by_element(rig: Rig) -> None:
    """On a raw socket: the first element is there while the upstream still waits."""
    rig.playlists["gemini"].play(slow_answer)
    body = json.dumps(QUESTION).encode()
    request = (
        b"POST /v1beta/models/gemini/text:streamGenerateContent HTTP/1.1\r\n"
        b"host: x\r\nx-goog-api-key: %b\r\ncontent-length: %d\r\n\r\n%b"
        % (DOWNSTREAM_KEY.encode(), len(body), body)
    )
    with socket.create_connection(rig.proxy.address, timeout=20) as raw:
        raw.sendall(request)
        heard = b""
        while b"One" not in heard:
            heard += raw.recv(1 << 16)
        head, _, begun = heard.partition(b"\r\n\r\n")
        assert b"content-type: application/json\r\n" in head
        assert b"[" in begun
        assert b" two" not in begun
        while not heard.endswith(b"0\r\n\r\n"):
            heard += raw.recv(1 << 16)
    _, _, framed = heard.partition(b"\r\n\r\n")
    lines = framed.split(b"\r\n")[1::2]
    assert len(json.loads(b"".join(lines))) == 2


def test_an_array_that_breaks_ends_all_the_same(rig: Rig) -> None:
    for upstream in UPSTREAMS:
        rig.playlists[upstream].play(demo_answer)
        path = f"/v1beta/models/{upstream}/cut:streamGenerateContent"
        status, _, body = post(rig, path, QUESTION)
        *chunks, last = json.loads(body)
        assert (status, last["error"]["code"]) == (200, 502)
        assert all("candidates" in chunk for chunk in chunks)


def slow_answer(_: object) -> Any:
    """Two chunks, the second one a while after the first."""

    def chunk(text: str, **rest: str) -> bytes:
        content = {"role": "model", "parts": [{"text": text}]}
        candidate = {"content": content, "index": 0, **rest}
        return b"data: %b\r\n\r\n" % json.dumps({"candidates": [candidate]}).encode()

    return sse_answer((chunk("One"), chunk(" two", finishReason="STOP")), pause=0.2)


# Keys.


@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize("scenario", ["text", "429", "nobody"])
def test_a_geminis_callers_key_goes_nowhere(
    rig: Rig, upstream: str, scenario: str
) -> None:
    """Neither into a log line nor to an upstream, from whatever place it came."""
    playlist = rig.playlists[upstream]
    playlist.play(demo_answer)
    path = f"/v1beta/models/{upstream}/{scenario}:generateContent"
    before = len(rig.proxy.log)
    field, query = {"x-goog-api-key": DOWNSTREAM_KEY}, f"?key={DOWNSTREAM_KEY}"
    for target, headers in ((path, field), (path + query, {})):
        connection = http.client.HTTPConnection(*rig.proxy.address, timeout=20)
        with closing(connection):
            connection.request("POST", target, json.dumps(QUESTION), headers)
            connection.getresponse().read()
    lines = rig.proxy.log[before:]
    assert len(lines) == 2
    assert not any(DOWNSTREAM_KEY in repr(line) for line in lines)
    assert playlist.asked
    for asked in playlist.asked:
        told = asked.target + repr(asked.headers).encode() + asked.body
        assert DOWNSTREAM_KEY.encode() not in told
        assert any(key.encode() in told for key in UPSTREAM_KEYS)


def test_a_wrong_key_is_refused_in_the_callers_words(rig: Rig) -> None:
    wrong = {"authorization": "", "x-goog-api-key": "wrong"}
    for path in ("/v1beta/models/x:generateContent", "/v1/models/x:countTokens"):
        status, _, body = post(rig, path, QUESTION, **wrong)
        error = json.loads(body)["error"]
        assert (status, error["code"], error["status"]) == (401, 401, "UNAUTHENTICATED")
