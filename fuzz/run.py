"""Runs fuzz targets: `python fuzz/run.py [TARGET] [--seconds N] [--engine NAME]`.

A target is a module in `fuzz/targets` with `run(data: bytes) -> None` that raises when
its property does not hold. Two engines run the same function: atheris, which is guided
by coverage, and a built-in one that mutates the corpus at random, for machines where
atheris cannot be installed. What fails is made smaller and kept in
`fuzz/findings/<target>/<hash>`; the test suite replays it from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

__all__ = ["corpus_of", "findings_of", "load", "main", "mutated", "smaller", "targets"]

HERE: Final = Path(__file__).parent

# Run as a script, the folder that holds `fuzz` is not searched.
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

# Inputs grow by mutation; beyond this they only get slower.
MAX_BYTES: Final = 4096

# Bytes that mean something to the formats that are parsed here.
TOKENS: Final = (
    b"\n", b"\r\n", b"\n\n", b"data: ", b"event: ", b":", b"[DONE]", b"{", b"}", b"[",
    b"]", b'"', b"\\", b"\\u0000", b"null", b"0", b"-1", b"1e309", b"\x00", b"\xff",
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"HTTP/1.1 ", b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"Host: a\r\n",
)  # fmt: skip

Target: TypeAlias = Callable[[bytes], None]


def main() -> int:
    """Run one target, or each in a process of its own; 1 if anything was found."""
    arguments = _arguments()
    if arguments.target is None:
        return max(_in_a_process(name, arguments) for name in targets())
    engine = _atheris if _has_atheris(arguments.engine) else _builtin
    return engine(arguments.target, arguments.seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run fuzz targets.")
    parser.add_argument("target", nargs="?", choices=targets(), help="default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--engine", choices=("atheris", "builtin"), default=None)
    return parser.parse_args()


def _in_a_process(name: str, arguments: argparse.Namespace) -> int:
    command = [sys.executable, __file__, name, "--seconds", str(arguments.seconds)]
    if arguments.engine:
        command += ["--engine", arguments.engine]
    return 1 if subprocess.run(command, check=False).returncode else 0


def _has_atheris(wanted: str | None) -> bool:
    found = importlib.util.find_spec("atheris") is not None
    if wanted == "atheris" and not found:
        sys.exit("atheris is not installed; the other engine is --engine builtin")
    return found and wanted != "builtin"


# What the tests use too.


def targets() -> list[str]:
    """The names of all targets."""
    return sorted(path.stem for path in (HERE / "targets").glob("*.py"))


def load(name: str) -> Target:
    """The function of a target."""
    run: Target = importlib.import_module(f"fuzz.targets.{name}").run
    return run


def corpus_of(name: str) -> list[Path]:
    return _files(HERE / "corpus" / name)


def findings_of(name: str) -> list[Path]:
    return _files(HERE / "findings" / name)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*") if p.is_file())


# The engines.


def _atheris(name: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports():
        run = load(name)

    def kept(data: bytes) -> None:
        try:
            run(data)
        except Exception as error:
            _keep(name, run, data, error)
            raise

    with tempfile.TemporaryDirectory() as scratch:
        options = [f"-max_total_time={seconds}", f"-max_len={MAX_BYTES}"]
        options += [f"-artifact_prefix={scratch}/", scratch]
        atheris.Setup([sys.argv[0], *options, str(HERE / "corpus" / name)], kept)
        atheris.Fuzz()  # ends the process
    return 0


def _builtin(name: str, seconds: int) -> int:
    run = load(name)
    dice = random.Random(name)
    seeds = [path.read_bytes() for path in corpus_of(name)] or [b""]
    until = time.monotonic() + seconds
    count = 0
    for data in _inputs(seeds, dice):
        try:
            run(data)
        except Exception as error:
            path = _keep(name, run, data, error)
            traceback.print_exc()
            print(f"{name}: failed after {count} inputs; kept as {path}")
            return 1
        count += 1
        if time.monotonic() > until:
            break
    print(f"{name}: {count} inputs, nothing found")
    return 0


def _inputs(seeds: list[bytes], dice: random.Random) -> Iterator[bytes]:
    yield from seeds
    while True:
        data = dice.choice(seeds)
        for _ in range(dice.randint(1, 8)):
            data = mutated(data, seeds, dice)
        yield data[:MAX_BYTES]


def mutated(data: bytes, seeds: list[bytes], dice: random.Random) -> bytes:
    """One small change."""
    at = dice.randint(0, len(data))
    end = min(len(data), at + dice.randint(1, 16))
    match dice.randrange(6):
        case 0:
            return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at] + dice.choice(TOKENS) + data[at:]
        case 2:
            return data[:at] + data[end:]
        case 3:
            return data[:end] + data[at:end] * dice.randint(1, 4) + data[end:]
        case 4:
            other = dice.choice(seeds)
            return data[:at] + other[dice.randint(0, len(other)) :]
        case _:
            return data[:at]


def _keep(name: str, run: Target, data: bytes, error: Exception) -> Path:
    data = smaller(run, data, type(error))
    folder = HERE / "findings" / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path


def smaller(run: Target, data: bytes, kind: type[Exception]) -> bytes:
    """The same failure from fewer bytes: drop pieces while it still fails."""
    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if _fails(run, shorter, kind):
                data = shorter
            else:
                at += size
        size //= 2
    return data


def _fails(run: Target, data: bytes, kind: type[Exception]) -> bool:
    try:
        run(data)
    except Exception as error:
        return isinstance(error, kind)
    return False


if __name__ == "__main__":
    sys.exit(main())
