"""`cliproxy lint`: a report at a glance, one for machines, and an exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cliproxy_app.commands import cli
from cliproxy_app.lint_command import MAX_LISTED

MESSAGE = (
    b'{"id":"m1","type":"message","role":"assistant","model":"m","content":[],'
    b'"stop_reason":null,"stop_sequence":null,'
    b'"usage":{"input_tokens":1,"output_tokens":1}}'
)
PAYLOADS = {
    b"message_start": b'"message":' + MESSAGE,
    b"content_block_start": b'"index":0,"content_block":{"type":"text","text":""}',
    b"content_block_delta": b'"index":0,"delta":{"type":"text_delta","text":"SECRET"}',
    b"content_block_stop": b'"index":0',
    b"message_delta": b'"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}',
}
GOOD = b"".join(
    b'event: %b\ndata: {"type":"%b",%b}\n\n' % (kind, kind, rest)
    for kind, rest in PAYLOADS.items()
)
GOOD += b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
STOP = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
BAD = GOOD.replace(STOP, b"")
AT = GOOD.index(STOP)


def lint(data: bytes, *options: str, name: str = "claude") -> Result:
    result = CliRunner().invoke(cli, ["lint", "--dialect", name, *options, "-"], data)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_a_legal_stream_is_one_line() -> None:
    result = lint(GOOD)
    assert result.stdout == "standard input: legal claude_messages, 6 frames\n"
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_fault_is_told_with_its_place_and_its_repair() -> None:
    result = lint(BAD)
    assert result.stdout.splitlines() == [
        "standard input: not legal claude_messages, 1 fault in 5 frames",
        f"  frame 4, byte {AT}: message_delta: not allowed inside a block",
        "would be mended: stop_added (at frame 5)",
    ]
    assert result.exit_code == 1


def test_the_same_for_machines() -> None:
    result = lint(BAD, "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert report["findings"] == [
        {
            "frame": 4,
            "offset": AT,
            "event": "message_delta",
            "rule": "message_delta: not allowed inside a block",
            "mended": [],
            "times": 1,
        }
    ]
    assert (report["dialect"], report["legal"]) == ("claude_messages", False)
    assert [r["name"] for r in report["repairs"]] == ["stop_added"]
    assert (report["frames"], report["more"], report["failure"]) == (5, 0, None)
    assert json.loads(lint(GOOD, "--json").stdout)["findings"] == []


def test_what_cannot_be_mended_is_told() -> None:
    last = lint(GOOD[:AT]).stdout.splitlines()[-1]
    assert last == "would fail: truncated: the upstream closed within a stream"


def test_an_error_in_a_legal_stream_is_told() -> None:
    error = b'{"type":"error","error":{"type":"overloaded_error","message":"a\x7fb"}}'
    result = lint(b"event: error\ndata: " + error + b"\n\n")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1] == "ends in an error: overloaded: a\ufffdb"


def test_faults_of_one_kind_are_one_line() -> None:
    ping = b'data: {"type":"ping"}\n\n'
    lines = lint(ping * 3 + GOOD).stdout.splitlines()
    assert lines[0].endswith(", 3 faults in 9 frames")
    assert lines[1] == "  frame 1, byte 0, ping: its event line is missing (3 times)"
    assert lines[2].startswith("    would be mended: ")


def test_too_many_kinds_are_only_counted() -> None:
    many = b"".join(
        b'event: x%d\ndata: {"type":"ping"}\n\n' % i for i in range(MAX_LISTED + 2)
    )
    lines = lint(many + GOOD).stdout.splitlines()
    assert "  and 2 faults more" in lines


@pytest.mark.parametrize("data", [b"hello\n", b"\n", b"{}", b": comment\n\n"])
def test_what_holds_no_event(data: bytes) -> None:
    result = lint(data)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "error: standard input: no event of a stream in it\n"


def test_an_unknown_dialect() -> None:
    result = lint(GOOD, name="x")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    path = tmp_path / "capture.sse"
    path.write_bytes(GOOD)
    command = [sys.executable, "-m", "cliproxy_app", "lint", "--dialect", "claude"]
    done = subprocess.run([*command, str(path)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"{path}: legal claude_messages, 6 frames\n"
