"""`cliproxy serve` as a process: it listens, answers, complains and stops."""

from __future__ import annotations

import contextlib
import http.client
import json
import shlex
import signal
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

# Long enough for a machine under load; nothing waits for as long unless it is broken.
PATIENCE = 30

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@contextlib.contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cliproxy_app", "serve", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """What the process says that it listens on, once it does."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("cliproxy listens on http://"), line
    return line.split()[-1]


def commands(process: subprocess.Popen[str], count: int) -> list[list[str]]:
    assert process.stdout is not None
    found: list[list[str]] = []
    while len(found) < count:
        line = process.stdout.readline()
        assert line, "the process ended"
        if line.startswith("curl"):
            found.append(shlex.split(line))
    return found


def ask(url: str, body: str) -> tuple[int, str, bytes]:
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    with contextlib.closing(connection):
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {"content-type": "application/json"})
        response = connection.getresponse()
        kind = response.headers["content-type"]
        return response.status, kind, response.read()


def test_every_command_of_the_demo_works(tmp_path: Path) -> None:
    with serving(tmp_path, "--demo", "--port", "0") as process:
        address(process)
        for command in commands(process, 4):
            body = command[command.index("-d") + 1]
            status, kind, answer = ask(command[2], body)
            streamed = command[1] == "-sSN"
            assert status == 200
            assert kind.startswith(
                "text/event-stream" if streamed else "application/json"
            )
            assert b"upstream" in answer


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_in_good_order(
    tmp_path: Path, number: signal.Signals
) -> None:
    with serving(tmp_path, "--demo", "--port", "0") as process:
        address(process)
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE)
        assert (process.returncode, errors) == (0, "")


@posix
def test_a_second_signal_stops_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, "--demo", "--port", "0") as process:
        parts = urllib.parse.urlsplit(address(process))
        connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
        with contextlib.closing(connection):
            body = {
                "model": "demo-chat/slow",
                "stream": True,
                "messages": [{"role": "user", "content": "x"}],
            }
            connection.request("POST", "/v1/chat/completions", json.dumps(body))
            assert connection.getresponse().read(1)
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, 1)


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for extra in ((), ("--demo",)):
            (tmp_path / "config.yaml").write_text("{}\n")
            with serving(tmp_path, "--port", str(port), *extra) as process:
                output, errors = process.communicate(timeout=PATIENCE)
            assert (process.returncode, output) == (1, "")
            assert errors == (
                f"error: port {port} on 127.0.0.1 is in use; "
                "stop what listens there, or choose another --port\n"
            )


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("host: 192.0.2.1\napi-keys: [k]\nport: 0\n")
    with serving(tmp_path) as process:
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert errors.startswith("error: port 0 on 192.0.2.1: this machine does not have")
