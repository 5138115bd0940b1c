"""A log line can be read back: spaces separate, and nothing breaks a line."""

from __future__ import annotations

import asyncio
import io
import re
import shlex

import pytest
from cliproxy_app.logs import BatchedLog, LogWriter, written

from cliproxy_core.observe.log import Field, Level, LogLine


def test_a_line() -> None:
    fields: tuple[tuple[str, Field], ...] = (
        ("model", "demo/text"),
        ("tokens", 12),
        ("seconds", 0.12345),
        ("absent", None),
        ("reason", "it broke"),
    )
    assert written(LogLine("request", Level.WARNING, fields)) == (
        'warning request model=demo/text tokens=12 seconds=0.123 reason="it broke"'
    )


@pytest.mark.parametrize(
    "text", ["", "a b", 'a"b', "a=b", "a\nb", "a\x1b[31mb", "\u2028", "é", "a\\nb"]
)
def test_a_value_stays_one_word_of_one_line(text: str) -> None:
    line = written(LogLine("e", fields=(("key", text), ("next", 1))))
    assert line.isprintable()
    *_, key, last = shlex.split(line)
    assert key.startswith("key=")
    assert last == "next=1"


def test_the_writer_puts_the_time_in_front() -> None:
    stream = io.StringIO()
    LogWriter(stream)(LogLine("started"))
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
    assert re.fullmatch(rf"{stamp} info started\n", stream.getvalue())


class Broken(io.StringIO):
    """Standard error whose reader has gone."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_broken_stream_is_not_worth_a_request() -> None:
    LogWriter(Broken())(LogLine("started"))


class Counting(io.StringIO):
    """Counts how often it is written to."""

    writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


def test_the_lines_of_one_turn_are_one_write() -> None:
    stream = Counting()

    async def main() -> None:
        log = BatchedLog(asyncio.get_running_loop(), LogWriter(stream))
        for name in ("a", "b"):
            log(LogLine(name))
        assert stream.writes == 0
        turned = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(turned.set_result, None)
        await turned
        assert stream.writes == 1
        log(LogLine("c"))
        log.flush()

    asyncio.run(main())
    words = [line.split()[-1] for line in stream.getvalue().splitlines()]
    assert words == ["a", "b", "c"]
    assert stream.writes == 2
