"""`cliproxy lint`: is a captured stream legal, and what would be made of it?"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import Final

import attrs
import click
from rich.console import Console

from cliproxy_core.base.jsonval import JsonObject, dumps
from cliproxy_core.translate.lint import Finding, Linter, Repair

from .capture import chunks, dialect, label
from .say import (
    MAKES_NO_SENSE,
    NOT_RIGHT,
    failure_document,
    one_line,
    stop,
    write_out,
)

__all__ = ["lint"]

# Nobody reads on after so many different faults; those behind are only counted.
MAX_LISTED: Final = 100


@attrs.define
class _Digest:
    """Findings, those of the same fault together; no more than a reader takes in."""

    listed: dict[tuple[str, str], tuple[Finding, int]] = attrs.field(factory=dict)
    """By event and rule: the first of them, and how many there are."""
    more: int = 0

    def add(self, findings: Iterable[Finding]) -> None:
        for found in findings:
            key = found.event, found.rule
            if key in self.listed:
                first, times = self.listed[key]
                self.listed[key] = first, times + 1
            elif len(self.listed) < MAX_LISTED:
                self.listed[key] = found, 1
            else:
                self.more += 1

    @property
    def total(self) -> int:
        return self.more + sum(times for _, times in self.listed.values())


@click.command()
@click.option(
    "--dialect", "name", required=True, help="chat, responses, claude, gemini."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.argument("file")
def lint(name: str, as_json: bool, file: str) -> None:
    """Say whether the captured stream in FILE (- for standard input) is legal.

    Exits with 1 if it is not.
    """
    linter = Linter(dialect(name))
    digest = _Digest()
    for chunk in chunks(file):
        digest.add(linter.feed(chunk))
    digest.add(linter.finish())
    if not linter.frames:
        stop(MAKES_NO_SENSE, f"{label(file)}: no event of a stream in it")
    if as_json:
        write_out(dumps(_document(linter, digest)) + b"\n")
    else:
        write_out(_report(label(file), linter, digest).encode("utf-8", "replace"))
    if not linter.legal:
        raise SystemExit(NOT_RIGHT)


def _document(linter: Linter, digest: _Digest) -> JsonObject:
    return {
        "dialect": linter.dialect.name,
        "legal": linter.legal,
        "frames": linter.frames,
        "findings": [
            {
                "frame": found.frame,
                "offset": found.offset,
                "event": found.event,
                "rule": found.rule,
                "mended": found.mended,
                "times": times,
            }
            for found, times in digest.listed.values()
        ],
        "more": digest.more,
        "repairs": [
            {"name": r.name, "times": r.times, "frame": r.frame, "offset": r.offset}
            for r in linter.repairs
        ],
        "failure": failure_document(linter.failure),
    }


def _report(file: str, linter: Linter, digest: _Digest) -> str:
    page = io.StringIO()
    colours = True if sys.stdout and sys.stdout.isatty() else None
    _print(
        Console(
            file=page,
            force_terminal=colours,
            markup=False,
            highlight=False,
            soft_wrap=True,
        ),
        file,
        linter,
        digest,
    )
    return page.getvalue()


def _print(console: Console, file: str, linter: Linter, digest: _Digest) -> None:
    frames, name = _counted(linter.frames, "frame"), linter.dialect.name
    if linter.legal:
        console.print(one_line(f"{file}: legal {name}, {frames}"), style="green")
    else:
        faults = _counted(digest.total, "fault")
        head = f"{file}: not legal {name}, {faults} in {frames}"
        console.print(one_line(head), style="bold red")
    for found, times in digest.listed.values():
        console.print(f"  {_place(found)}", style="cyan", end=": ")
        console.print(one_line(found.rule) + (f" ({times} times)" if times > 1 else ""))
        if found.mended:
            console.print(
                f"    would be mended: {', '.join(found.mended)}", style="dim"
            )
    if digest.more:
        console.print(f"  and {_counted(digest.more, 'fault')} more")
    if linter.repairs:
        told = "; ".join(_told(repair) for repair in linter.repairs)
        console.print(f"would be mended: {told}", style="yellow")
    if linter.failure is not None:
        kind, message = linter.failure.kind.value, linter.failure.message
        what = "ends in an error" if linter.legal else "would fail"
        console.print(one_line(f"{what}: {kind}: {message}"), style="red")


def _place(found: Finding) -> str:
    place = f"frame {found.frame}, byte {found.offset}"
    if not found.event or found.rule.startswith(f"{found.event}: "):
        return place
    return f"{place}, {found.event}"


def _told(repair: Repair) -> str:
    times = f"{repair.times} times, first at" if repair.times > 1 else "at"
    return f"{repair.name} ({times} frame {repair.frame})"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
