"""What is said is lines without control characters."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from cliproxy_app.say import failure_document, one_line, say, stop

from cliproxy_core.ir.failure import Failure, Kind


def test_control_characters_do_not_reach_a_terminal() -> None:
    assert one_line("a\x1b[2J\nb\u202e") == "a\ufffd[2J\ufffdb\ufffd"


def test_lines_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("note", "blue", ["[bold]a", "b" * 300])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"note: [bold]a\nnote: {'b' * 300}\n"


def test_stop_says_and_exits(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        stop(2, "one", "two")
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "error: one\nerror: two\n"


def test_failures_for_machines() -> None:
    failure = Failure(kind=Kind.RATE, status=429, message="slow down")
    assert failure_document(failure) == {"kind": "rate", "message": "slow down"}
    assert failure_document(None) is None


def written(redirect: str) -> tuple[int, str]:
    """What a shell sees of a program that writes to a standard output like that."""
    code = "from cliproxy_app.say import write_out; write_out(b'x')"
    line = f'"$0" -c "$1" {redirect}'
    done = subprocess.run(
        ["/bin/sh", "-c", line, sys.executable, code],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a shell's redirections")
def test_a_closed_standard_output_is_one_line() -> None:
    assert written(">&-") == (1, "error: standard output: closed\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_a_full_disk_is_one_line() -> None:
    code, told = written(">/dev/full")
    assert (code, told) == (1, "error: standard output: No space left on device\n")
