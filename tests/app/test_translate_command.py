"""`cliproxy translate`: documents and streams in another dialect, losses told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cliproxy_app.capture import ALIASES
from cliproxy_app.commands import cli

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.testing.demo_chat import CHAT
from cliproxy_core.testing.demo_plan import Call, Plan
from cliproxy_core.translate.lint import Linter

PLAN = Plan(model="m", text=("One", " two"), calls=(Call("f", {"a": "b"}),))
STREAM = b"".join(CHAT.frames(PLAN))
RESPONSE = json.dumps(CHAT.whole(PLAN)).encode()
REQUEST = b'{"model":"m","seed":7,"messages":[{"role":"user","content":"Hi"}]}'
SHORT = sorted(ALIASES)


def translate(
    data: bytes, *options: str, source: str = "chat", target: str = "claude"
) -> Result:
    arguments = ["translate", "--from", source, "--to", target, *options, "-"]
    result = CliRunner().invoke(cli, arguments, data)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def document(result: Result) -> dict[str, Any]:
    out = json.loads(result.stdout)
    assert isinstance(out, dict)
    return out


def is_legal(name: str, data: bytes) -> bool:
    linter = Linter(DIALECTS[ALIASES[name]])
    linter.feed(data)
    linter.finish()
    return linter.legal


def test_a_request_and_what_did_not_cross() -> None:
    result = translate(REQUEST)
    assert result.exit_code == 0
    body = document(result)
    assert body["messages"][0]["content"] == [{"type": "text", "text": "Hi"}]
    assert "seed" not in body
    assert result.stderr.splitlines() == [
        "note: read as a request",
        "note: goes to /v1/messages",
        "dropped: .seed: this API has no such setting",
    ]


def test_strict_is_an_exit_code() -> None:
    strict, lenient = translate(REQUEST, "--strict"), translate(REQUEST)
    assert (strict.exit_code, lenient.exit_code) == (1, 0)
    assert strict.stdout == lenient.stdout
    lossless = translate(REQUEST.replace(b'"seed":7,', b""), "--strict")
    assert lossless.exit_code == 0


def test_a_request_for_machines() -> None:
    result = translate(REQUEST, "--json")
    assert result.stderr == ""
    out = document(result)
    assert out["body"] == document(translate(REQUEST))
    assert (out["kind"], out["path"]) == ("request", "/v1/messages")
    assert [item["path"] for item in out["dropped"]] == [".seed"]
    assert (out["repairs"], out["failure"]) == ({}, None)


@pytest.mark.parametrize("source", SHORT)
@pytest.mark.parametrize("target", SHORT)
def test_requests_between_all_dialects(source: str, target: str) -> None:
    first = translate(REQUEST, target=source, source="chat")
    result = translate(
        first.stdout.encode(), "--model", "n", source=source, target=target
    )
    assert result.exit_code == 0
    assert "Hi" in result.stdout
    names_model = DIALECTS[ALIASES[target]].names_model
    assert document(result).get("model") == ("n" if names_model else None)


def test_gemini_requests_need_a_model() -> None:
    body = b'{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}'
    result = translate(body, source="gemini")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: standard input: the request names no model: say --model\n"
    )


@pytest.mark.parametrize("target", SHORT)
def test_a_response_is_known_by_its_shape(target: str) -> None:
    result = translate(RESPONSE, target=target)
    assert result.exit_code == 0
    assert "One two" in result.stdout
    assert "note: read as a response" in result.stderr.splitlines()
    back = translate(result.stdout.encode(), source=target, target="chat")
    message = document(back)["choices"][0]["message"]
    assert message["content"] == "One two"
    assert message["tool_calls"][0]["function"]["name"] == "f"


def test_what_a_file_is_can_be_said() -> None:
    result = translate(RESPONSE, "--kind", "request")
    assert result.exit_code == 2
    assert result.stderr == "error: standard input: .messages: required\n"
    result = translate(REQUEST, "--kind", "response")
    assert result.exit_code == 2
    assert "choices" in result.stderr
    assert "read as" not in translate(REQUEST, "--kind", "request").stderr


def test_an_error_answer_is_translated_and_told() -> None:
    body = b'{"error":{"message":"no","type":"invalid_request_error"}}'
    result = translate(body)
    assert result.exit_code == 1
    assert document(result)["error"]["message"] == "no"
    assert "failed: " in result.stderr


@pytest.mark.parametrize("target", SHORT)
def test_a_stream_comes_out_legal(target: str) -> None:
    result = translate(STREAM, "--stream", target=target)
    assert (result.exit_code, result.stderr) == (0, "")
    assert is_legal(target, result.stdout_bytes)
    whole = translate(STREAM, "--stream", "--json", target=target)
    out = document(whole)
    assert out["body"].encode() == result.stdout_bytes
    assert (out["kind"], out["dropped"], out["failure"]) == ("stream", [], None)


def test_the_array_of_gemini_is_a_stream() -> None:
    events = translate(STREAM, "--stream", target="gemini").stdout.split("\n\n")
    elements = [event.removeprefix("data: ") for event in events if event]
    array = "[" + ",\r\n".join(elements) + "]"
    result = translate(array.encode(), "--stream", source="gemini", target="responses")
    assert result.exit_code == 0
    assert is_legal("responses", result.stdout_bytes)


def test_a_whole_response_becomes_a_stream_too() -> None:
    result = translate(RESPONSE, "--stream", target="responses")
    assert result.exit_code == 0
    assert is_legal("responses", result.stdout_bytes)


def test_repairs_are_told() -> None:
    data = STREAM.replace(b"data: [DONE]\n\n", b"")
    result = translate(data, "--stream")
    assert result.exit_code == 0
    assert "mended: end_missing (1)" in result.stderr.splitlines()
    assert document(translate(data, "--stream", "--json"))["repairs"] == {
        "end_missing": 1
    }


@pytest.mark.parametrize("options", [["--stream"], ["--stream", "--json"]])
def test_a_cut_stream_ends_in_an_error(options: list[str]) -> None:
    result = translate(STREAM[: len(STREAM) // 2], *options)
    assert result.exit_code == 1
    said = result.stdout_bytes
    if "--json" in options:
        out = document(result)
        assert out["failure"]["kind"] == "truncated"
        said = out["body"].encode()
    assert is_legal("claude", said)
    assert b"event: error" in said


NONSENSE = [
    ([], b"", "empty"),
    ([], b"{", "the document: not JSON at byte 1"),
    ([], b"[]", "the document: expected an object, got an array"),
    ([], b'{"\xff":1}', "not UTF-8 text"),
    ([], STREAM, "the document: not JSON at byte 0; a captured stream needs --stream"),
    ([], b'{"model":"m","messages":3}', ".messages: expected an array, got a number"),
    (["--stream"], b"hello", "closed without sending anything"),
    (["--stream"], b"data: {\n\n", "not JSON"),
    (["--stream"], REQUEST, "the upstream's answer: .choices: required"),
]


@pytest.mark.parametrize(("options", "data", "text"), NONSENSE)
@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_nonsense_is_one_line(
    options: list[str], data: bytes, text: str, json_too: list[str]
) -> None:
    result = translate(data, *options, *json_too)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: standard input: ")
    assert line.endswith(text)


def test_stream_and_kind_exclude_each_other() -> None:
    result = translate(STREAM, "--stream", "--kind", "response")
    assert result.exit_code == 2
    assert result.stderr == "error: --stream and --kind exclude each other\n"


PROGRAM = [sys.executable, "-m", "cliproxy_app", "translate"]
BOTH = ["--from", "chat", "--to", "claude"]


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_bytes(b"\xef\xbb\xbf" + REQUEST)
    done = subprocess.run([*PROGRAM, *BOTH, path], capture_output=True, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["model"] == "m"


def test_a_reader_that_has_had_enough_is_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "capture.sse"
    role, *rest = CHAT.frames(Plan(model="m", text=("x" * 1000,) * 1000))
    path.write_bytes(role + b"".join(rest))
    with subprocess.Popen(
        [*PROGRAM, *BOTH, "--stream", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.read(10)
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 1
