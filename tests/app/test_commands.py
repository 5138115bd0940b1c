"""The command line: whatever is wrong is a clear line and an exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner, Result
from cliproxy_app.commands import cli
from cliproxy_app.config_file import MAX_FILE_BYTES

import cliproxy_core


class Run(Protocol):
    """Runs `cliproxy` in an empty folder that holds these files; `_` is a dot."""

    def __call__(self, *arguments: str, **files: str | bytes) -> Result: ...


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **files: str | bytes) -> Result:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name.replace("_", ".")).write_bytes(data)
        return CliRunner().invoke(cli, arguments)

    return run


def errors(result: Result) -> list[str]:
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.stderr.splitlines()


def test_version(run: Run) -> None:
    result = run("version")
    assert result.output == f"cliproxy {cliproxy_core.__version__}\n"
    assert result.exit_code == 0


def test_without_any_configuration_it_says_what_to_do(run: Run) -> None:
    result = run("serve")
    assert result.exit_code == 2
    (line,) = errors(result)
    assert "--config" in line
    assert "--demo" in line


def test_every_complaint_is_a_line_with_its_place(run: Run) -> None:
    result = run("serve", config_yaml="port: x\nopenai-compatibility:\n  - name: a\n")
    assert result.exit_code == 2
    assert errors(result) == [
        "error: config.yaml: line 1: port: expected a whole number, got a string",
        "error: config.yaml: line 3: openai-compatibility[0].base-url: required",
    ]


def test_notices_come_before(run: Run) -> None:
    result = run("serve", config_yaml="auth-dir: x\nport: x\n")
    assert errors(result)[0] == (
        "notice: config.yaml: line 1: auth-dir: not understood yet, ignored"
    )


def test_a_long_complaint_is_one_line(run: Run) -> None:
    place = "a" * 300
    (line,) = errors(run("serve", config_yaml=f"{place}: 1\n"))
    assert place in line


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xff\xfe", "not UTF-8 text"),
        (b"#" * (MAX_FILE_BYTES + 1), "too large for a configuration"),
        (b"a: [", "line 1: this is not YAML"),
    ],
)
def test_a_file_that_is_none(run: Run, content: bytes, complaint: str) -> None:
    result = run("serve", "--config", "c.yaml", c_yaml=content)
    assert result.exit_code == 2
    assert errors(result) == [f"error: c.yaml: {complaint}"]


def test_a_byte_order_mark_is_not_part_of_the_first_key(run: Run) -> None:
    result = run("serve", config_yaml=b"\xef\xbb\xbfhost: ''\n")
    assert "can be reached from outside" in errors(result)[0]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("nowhere.yaml", "No such file or directory"), (".", "Is a directory")],
)
def test_a_file_that_cannot_be_read(run: Run, name: str, complaint: str) -> None:
    result = run("serve", "--config", name)
    assert result.exit_code == 2
    assert errors(result) == [f"error: {name}: {complaint}"]


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "[::]", "192.168.1.5", "example.org", "::1.example"]
)
def test_nobody_may_listen_outside_without_keys(run: Run, host: str) -> None:
    for result in (
        run("serve", config_yaml=f"host: '{host}'\n"),
        run("serve", "--demo", "--host", host),
    ):
        assert result.exit_code == 2
        (line,) = errors(result)
        assert "set api-keys, or host: 127.0.0.1" in line


@pytest.mark.parametrize("port", ["70000", "-1", "x"])
def test_a_port_that_is_none(run: Run, port: str) -> None:
    result = run("serve", "--demo", "--port", port)
    assert result.exit_code == 2
    assert "--port" in result.stderr
