"""Files that cannot be read are one line; those that can come whole or in pieces."""

from __future__ import annotations

from pathlib import Path

import pytest
from cliproxy_app.capture import ALIASES, CHUNK_BYTES, chunks, dialect, label, whole

from cliproxy_core.dialects import DIALECTS


def complaint(capsys: pytest.CaptureFixture[str], stopped: SystemExit) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    assert stopped.code == 2
    return line.removeprefix("error: ")


@pytest.mark.parametrize("name", [*DIALECTS, *ALIASES])
def test_dialects_have_short_names(name: str) -> None:
    assert dialect(name) is DIALECTS[ALIASES.get(name, name)]


def test_every_dialect_has_a_short_name() -> None:
    assert sorted(ALIASES.values()) == sorted(DIALECTS)


def test_an_unknown_dialect(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        dialect("\x1b[31mx")
    line = complaint(capsys, stopped.value)
    assert "choose from chat, responses, claude, gemini" in line
    assert "\x1b" not in line


def test_a_large_file_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "f"
    data = b"x" * (2 * CHUNK_BYTES + 1)
    path.write_bytes(data)
    pieces = list(chunks(str(path)))
    assert max(map(len, pieces)) == CHUNK_BYTES
    assert b"".join(pieces) == data == whole(str(path))


# The first line may be cut within a character.
LONG = b"x" * (CHUNK_BYTES - 1) + "é".encode()


@pytest.mark.parametrize("data", [LONG, b"\xef\xbb\xbf{}", b"a\n\xff"])
def test_text_is_known_by_its_first_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(data)
    assert b"".join(chunks(str(path))) == data


BAD = [
    (b"", "empty"),
    (b"\xff\xfed\0a\0", "not UTF-8 text"),
    (b"d\0a\0t\0a\0", "not UTF-8 text"),
    (b"\x1f\x8b\x08\0", "not UTF-8 text"),
]


@pytest.mark.parametrize(("data", "text"), BAD)
def test_what_is_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, text: str
) -> None:
    path = tmp_path / "f"
    path.write_bytes(data)
    with pytest.raises(SystemExit) as stopped:
        list(chunks(str(path)))
    assert complaint(capsys, stopped.value) == f"{path}: {text}"


def test_a_document_is_text_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"{\n\xff}")
    with pytest.raises(SystemExit) as stopped:
        whole(str(path))
    text = f"{path}: not UTF-8 text, from byte 2 on"
    assert complaint(capsys, stopped.value) == text


def test_a_file_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, text in [
        (tmp_path, "Is a directory"),
        (tmp_path / "none", "No such file or directory"),
    ]:
        with pytest.raises(SystemExit) as stopped:
            whole(str(path))
        assert complaint(capsys, stopped.value) == f"{path}: {text}"


def test_standard_input_has_a_name() -> None:
    assert (label("-"), label("x")) == ("standard input", "x")
