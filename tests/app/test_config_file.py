"""What a configuration file may say, and what is said about one that is wrong."""

from __future__ import annotations

import pytest
from cliproxy_app.config_file import Reading, Remark, read
from cliproxy_app.other_keys import OTHER_KEYS

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    CompatKey,
    Config,
    GeminiKey,
    ModelName,
    OpenAICompat,
    Streaming,
    Timeouts,
)

COMPAT = "openai-compatibility: [{name: a, base-url: 'https://x/v1'"


def complaints(text: str, **environ: str) -> list[str]:
    reading = read(text, environ)
    assert (reading.config is None) == bool(reading.complaints)
    return [str(remark) for remark in reading.complaints]


def config(text: str, **environ: str) -> Config:
    reading = read(text, environ)
    assert reading.complaints == ()
    assert reading.config is not None
    return reading.config


# What is understood.


def test_everything_at_once() -> None:
    text = """
host: ""
port: 9000
api-keys: [" one ", two, one, ""]
openai-compatibility:
  - name: openrouter
    base-url: https://openrouter.ai/api/v1/
    prefix: /or/
    disabled: true
    headers: {X-Title: mine}
    api-key-entries: [{api-key: k1}, {}]
    models: [{name: a/b, alias: c}, {name: d}]
claude-api-key:
  - api-key: sk-1
    base-url: http://localhost:1234
    prefix: mine
  - {api-key: sk-2, base-url: ""}
gemini-api-key:
  - {api-key: g-1, models: [{name: gemini-x, alias: x}], headers: {X-A: b}}
codex-api-key:
  - {api-key: r-1, base-url: "https://r.test/v1/", prefix: codex}
streaming: {keepalive-seconds: 5}
timeouts: {connect: 1, first-byte: 2.5}
max-body-bytes: 1000
"""
    assert config(text) == Config(
        host="",
        port=9000,
        api_keys=(Secret("one"), Secret("two")),
        openai_compatibility=(
            OpenAICompat(
                name="openrouter",
                base_url="https://openrouter.ai/api/v1",
                prefix="or",
                disabled=True,
                headers={"X-Title": Secret("mine")},
                api_key_entries=(CompatKey(api_key=Secret("k1")), CompatKey()),
                models=(ModelName(name="a/b", alias="c"), ModelName(name="d")),
            ),
        ),
        claude_api_key=(
            ClaudeKey(
                api_key=Secret("sk-1"), base_url="http://localhost:1234", prefix="mine"
            ),
            ClaudeKey(api_key=Secret("sk-2")),
        ),
        gemini_api_key=(
            GeminiKey(
                api_key=Secret("g-1"),
                models=(ModelName(name="gemini-x", alias="x"),),
                headers={"X-A": Secret("b")},
            ),
        ),
        codex_api_key=(
            CodexKey(
                api_key=Secret("r-1"), base_url="https://r.test/v1", prefix="codex"
            ),
        ),
        streaming=Streaming(keepalive_seconds=5.0),
        timeouts=Timeouts(connect=1.0, first_byte=2.5),
        max_body_bytes=1000,
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "host:\napi-keys:\n", "{}"])
def test_what_is_not_said_is_the_default(text: str) -> None:
    assert config(text) == Config()


def test_anything_up_to_zero_is_no_keepalive() -> None:
    assert config("streaming: {keepalive-seconds: -1}").streaming == Streaming(
        keepalive_seconds=0.0
    )


def test_anchors_and_merges_are_yaml() -> None:
    text = """
claude-api-key:
  - &first {api-key: a, prefix: p}
  - {<<: *first, api-key: b}
"""
    first, second = config(text).claude_api_key
    assert (first.prefix, second.prefix) == ("p", "p")
    assert second.api_key.reveal() == "b"


# The environment.


@pytest.mark.parametrize("written", ["env.KEY", "${KEY}", "'${KEY}'"])
def test_a_value_may_come_from_the_environment(written: str) -> None:
    (key,) = config(f"api-keys:\n  - {written}", KEY="from-outside").api_keys
    assert key.reveal() == "from-outside"


def test_a_reference_may_be_inside_a_string() -> None:
    text = COMPAT.replace("//x", "//${HOST}:${PORT}") + "}]"
    (entry,) = config(text, HOST="h", PORT="81").openai_compatibility
    assert entry.base_url == "https://h:81/v1"


def test_what_comes_from_the_environment_is_not_looked_into() -> None:
    (key,) = config("api-keys: ['${A}']", A="${B}").api_keys
    assert key.reveal() == "${B}"


def test_a_variable_that_is_not_set() -> None:
    assert complaints("api-keys: [a, env.NOPE]") == [
        "line 1: api-keys[1]: the environment variable NOPE is not set"
    ]


# What is wrong.


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("port: 70000", "port: expected a port from 0 (any) to 65535"),
        ("port: '80'", "port: expected a whole number, got a string"),
        ("port: true", "port: expected a whole number, got true or false"),
        ("host: 1", "host: expected a string, got a number (put it in quotes)"),
        ("host: [a]", "host: expected a string, got a list"),
        ("api-keys: key", "api-keys: expected a list, got a string"),
        ("api-keys: {a: b}", "api-keys: expected a list, got keys and values"),
        (
            "api-keys: [12345]",
            "api-keys[0]: expected a string, got a number (put it in quotes)",
        ),
        (
            "api-keys: [fine, your-api-key-2]",
            "api-keys[1]: a sample key that everybody knows; make your own",
        ),
        (
            "openai-compatibility: {name: a}",
            "openai-compatibility: expected a list, got keys and values",
        ),
        (
            "openai-compatibility: [a]",
            "openai-compatibility[0]: expected keys and values, got a string",
        ),
        (
            "openai-compatibility: [{name: a}]",
            "openai-compatibility[0].base-url: required",
        ),
        (
            "openai-compatibility: [{name: a, base-url: ''}]",
            "openai-compatibility[0].base-url: required",
        ),
        (
            "openai-compatibility: [{name: a, base-url: 'ftp://x'}]",
            "openai-compatibility[0].base-url: the scheme must be http or https",
        ),
        (
            COMPAT + ", models: [{alias: b}]}]",
            "openai-compatibility[0].models[0].name: required",
        ),
        (
            COMPAT + ", models: abc}]",
            "openai-compatibility[0].models: expected a list, got a string",
        ),
        (
            COMPAT + ", disabled: 'yes'}]",
            "openai-compatibility[0].disabled: expected true or false, got a string",
        ),
        (
            COMPAT + ", prefix: a/b}]",
            "openai-compatibility[0].prefix: a prefix has no slash inside",
        ),
        (
            COMPAT + ", headers: [a]}]",
            "openai-compatibility[0].headers: expected keys and values, got a list",
        ),
        (
            COMPAT + ", headers: {A: 1}}]",
            "openai-compatibility[0].headers.A: expected a string, got a number",
        ),
        (
            COMPAT + ', headers: {A: "b\\r\\nC: d"}}]',
            ("openai-compatibility[0].headers.A"
             ": not a header: a character that HTTP forbids"),
        ),
        ("claude-api-key: [{prefix: a}]", "claude-api-key[0].api-key: required"),
        ("claude-api-key: [{api-key: ' '}]", "claude-api-key[0].api-key: required"),
        (
            'claude-api-key: [{api-key: "a\\nb"}]',
            "claude-api-key[0].api-key: not a key: only printable ASCII can be sent",
        ),
        (
            "api-keys: [ключ]",
            "api-keys[0]: not a key: only printable ASCII can be sent",
        ),
        ("timeouts: {idle: 0}", "timeouts.idle: expected a number above 0"),
        ("timeouts: {idle: .inf}", "timeouts.idle: expected a number above 0"),
        ("timeouts: {idle: a}", "timeouts.idle: expected a number, got a string"),
        ("timeouts: 5", "timeouts: expected keys and values, got a number"),
        ("max-body-bytes: 0", "max-body-bytes: expected a number above 0"),
        (
            "streaming: {keepalive-seconds: .inf}",
            "streaming.keepalive-seconds: expected a number of seconds",
        ),
        ("apikeys: [a]", "apikeys: unknown key; did you mean api-keys?"),
        ("prot: 1", "prot: unknown key; did you mean port?"),
        ("xyzzy: 1", "xyzzy: unknown key"),
        ("xyzzy:", "xyzzy: unknown key"),
        (
            "timeouts: {idel: 1}",
            "timeouts.idel: unknown key; did you mean idle?",
        ),
        (
            COMPAT + ", proxy_url: a}]",
            "openai-compatibility[0].proxy_url: unknown key",
        ),
        ("when: 2020-01-01", "when: a kind of value that has no meaning here"),
    ],
)  # fmt: skip
def test_one_thing_is_wrong(text: str, complaint: str) -> None:
    assert f"line 1: {complaint}" in complaints(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "line 1: this is not YAML"),
        ("port: 1\nport: 2", "line 2: a key that is there twice"),
        ("a: *nowhere", "line 1: this is not YAML"),
        ("a: \x00", "this is not a YAML document"),
        ("- a", "expected keys and values at the top"),
        ("just text", "expected keys and values at the top"),
        ("1: a", "a key that is not a string"),
        ("[a]: b", "a key that is not a string"),
    ],
)
def test_it_is_no_configuration_at_all(text: str, complaint: str) -> None:
    assert complaints(text) == [complaint]


@pytest.mark.parametrize("value", ["[" * 40 + "]" * 40, "{a: " * 40 + "}" * 40])
def test_a_document_may_not_be_too_deep(value: str) -> None:
    assert complaints(f"host: {value}")[0] == "line 1: host: nested too deeply"


def test_a_document_may_not_contain_itself() -> None:
    assert complaints("&x {host: *x}")[0] == "line 1: host: nested too deeply"


def test_a_document_that_only_opens() -> None:
    assert complaints("[" * 1_000) == ["this is not a YAML document"]


def test_everything_is_said_at_once_in_the_order_of_the_file() -> None:
    text = """
port: no
apikeys: []
openai-compatibility:
  - name: a
  - base-url: nonsense
    models: [{}]
timeouts:
  idle: -1
"""
    assert [complaint.partition(":")[2] for complaint in complaints(text)] == [
        " port: expected a whole number, got a string",
        " apikeys: unknown key; did you mean api-keys?",
        " openai-compatibility[0].base-url: required",
        " openai-compatibility[1].name: required",
        " openai-compatibility[1].base-url: not a URL such as https://host/path",
        " openai-compatibility[1].models[0].name: required",
        " timeouts.idle: expected a number above 0",
    ]


def test_a_complaint_has_the_line_of_its_place() -> None:
    text = "port: 1\nclaude-api-key:\n  - api-key: a\n    prefix: a/b\n"
    (remark,) = read(text, {}).complaints
    assert remark == Remark(
        path="claude-api-key[0].prefix", text="a prefix has no slash inside", line=4
    )


CANARY = "sk-canary-1234"


@pytest.mark.parametrize(
    "text",
    [
        f"api-keys: {CANARY}",
        f"api-keys: {{{CANARY}: [{CANARY}]}}",
        f"port: {CANARY}",
        f"timeouts: {CANARY}",
        f"claude-api-key: [{CANARY}]",
        f"claude-api-key: [{{api-key: [{CANARY}]}}]",
        f"claude-api-key: [{{api-key: a, base-url: '{CANARY}'}}]",
        f"claude-api-key: [{{api-key: a, base-url: 'https://u:{CANARY}@x'}}]",
        f"claude-api-key: [{{api-key: a, headers: {{A: ['{CANARY}']}}}}]",
        f'claude-api-key: [{{api-key: a, headers: {{A: "{CANARY}\\n"}}}}]',
        f"port: 1\nport: {CANARY}",
        f"api-keys: ['{CANARY}",
        f"api-keys: [{CANARY}\n'",
    ],
)
def test_no_complaint_shows_a_value(text: str) -> None:
    assert complaints(text)
    assert CANARY not in repr(read(text, {}))


def test_a_reading_hides_keys() -> None:
    text = f"api-keys: [{CANARY}]\nclaude-api-key: [{{api-key: {CANARY}}}]"
    assert CANARY not in repr(config(text))


# Keys of CLIProxyAPI that mean nothing here.


def notices(text: str) -> list[str]:
    reading: Reading = read(text, {})
    assert reading.complaints == ()
    return [f"{remark.path}: {remark.text}" for remark in reading.notices]


IGNORED = "not understood yet, ignored"


def test_other_keys_are_told_level_by_level() -> None:
    text = f"""
auth-dir: "~/.cli-proxy-api"
routing: {{strategy: fill-first}}
streaming: {{bootstrap-retries: 1}}
{COMPAT}, priority: 1,
  api-key-entries: [{{weight: 2}}], models: [{{name: a, image: true}}]}}]
claude-api-key: [{{api-key: k, cloak: {{mode: never}}}}]
gemini-api-key: [{{api-key: k, excluded-models: [a]}}]
codex-api-key: [{{api-key: k, base-url: "https://r", websockets: true}}]
"""
    assert sorted(notices(text)) == [
        f"auth-dir: {IGNORED}",
        f"claude-api-key[0].cloak: {IGNORED}",
        f"codex-api-key[0].websockets: {IGNORED}",
        f"gemini-api-key[0].excluded-models: {IGNORED}",
        f"openai-compatibility[0].api-key-entries[0].weight: {IGNORED}",
        f"openai-compatibility[0].models[0].image: {IGNORED}",
        f"openai-compatibility[0].priority: {IGNORED}",
        f"routing: {IGNORED}",
        f"streaming.bootstrap-retries: {IGNORED}",
    ]


def test_a_header_copied_from_the_caller_is_not_sent_as_it_stands() -> None:
    text = COMPAT + ", headers: {X-Session: $ABC, X-Own: a$b}}]"
    assert notices(text) == [
        (
            "openai-compatibility[0].headers.X-Session"
            ": a header copied from the caller is not understood yet; not sent"
        )
    ]
    assert list(config(text).openai_compatibility[0].headers) == ["X-Own"]


def test_no_key_is_both_understood_and_not() -> None:
    for shape, others in OTHER_KEYS.items():
        own = {name.replace("_", "-") for name in shape.__annotations__}
        assert own & others == set()
