"""`cliproxy translate`: a request, an answer or a captured stream in another dialect.

The same file gives the same output to the byte: made-up ids and times are constants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NoReturn

import attrs
import click

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import JsonObject, as_object, dumps, loads, write
from cliproxy_core.ir.dialect import Dialect, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.request import Dropped
from cliproxy_core.translate import Answer, Piece, StreamFailed, request
from cliproxy_core.translate.answer import Produced

from .capture import chunks, dialect, label, whole
from .say import MAKES_NO_SENSE, NOT_RIGHT, failure_document, say, stop, write_out

__all__ = ["translate"]

REQUEST: Final = "request"
RESPONSE: Final = "response"
STREAM: Final = "stream"

# What a file is found to be before anything came of it that is not the dialect's.
_NO_ANSWER: Final = frozenset({Kind.EMPTY, Kind.TRUNCATED, Kind.MALFORMED})

_BOM: Final = b"\xef\xbb\xbf"
# What the lines of a captured stream begin with.
_EVENTS: Final = (b"data:", b"event:", b"id:", b"retry:", b":")


@attrs.define(kw_only=True)
class _Outcome:
    """What is said beside the translation itself."""

    dropped: Iterable[Dropped]
    repairs: Mapping[str, int] = attrs.field(factory=Counter)
    failure: Failure | None = None
    path: str | None = None

    def document(self) -> JsonObject:
        out: JsonObject = {
            "dropped": [{"path": d.path, "reason": d.reason} for d in self.dropped],
            "repairs": self.repairs,
            "failure": failure_document(self.failure),
        }
        return out if self.path is None else {**out, "path": self.path}

    def say(self) -> None:
        if self.path is not None:
            say("note", "blue", [f"goes to {self.path}"])
        say("dropped", "yellow", (f"{d.path}: {d.reason}" for d in self.dropped))
        say("mended", "cyan", (f"{n} ({times})" for n, times in self.repairs.items()))
        if self.failure is not None:
            text = f"{self.failure.kind.value}: {self.failure.message}"
            say("failed", "red", [text])


@attrs.frozen(kw_only=True)
class _Task:
    """One run of the command."""

    file: str
    source: Dialect
    target: Dialect
    model: str | None
    as_json: bool

    def wrong(self, why: str) -> NoReturn:
        stop(MAKES_NO_SENSE, f"{label(self.file)}: {why}")

    def answer(self, *, streams: bool) -> Answer:
        context = StreamContext(
            ids=Ids(b"translate"), created=0, model=self.model or "unknown"
        )
        return Answer(self.source, self.target, context, streams)


@click.command()
@click.option(
    "--from", "source", required=True, help="chat, responses, claude, gemini."
)
@click.option("--to", "target", required=True, help="The same.")
@click.option("--stream", is_flag=True, help="FILE is a captured stream.")
@click.option(
    "--kind",
    type=click.Choice([REQUEST, RESPONSE]),
    help="What FILE is, instead of a guess.",
)
@click.option("--model", help="The model's name, instead of the one in FILE.")
@click.option("--strict", is_flag=True, help="Exit with 1 if anything is dropped.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.argument("file")
def translate(
    source: str,
    target: str,
    stream: bool,
    kind: str | None,
    model: str | None,
    strict: bool,
    as_json: bool,
    file: str,
) -> None:
    """Translate FILE (- for standard input) from one dialect to another.

    FILE is a request, a complete answer, or with --stream a captured stream. What does
    not cross is said on standard error.
    """
    task = _Task(
        file=file,
        source=dialect(source),
        target=dialect(target),
        model=model,
        as_json=as_json,
    )
    if stream and kind is not None:
        stop(MAKES_NO_SENSE, "--stream and --kind exclude each other")
    outcome = _stream(task) if stream else _document(task, kind)
    if not as_json:
        outcome.say()
    if outcome.failure is not None or (strict and outcome.dropped):
        raise SystemExit(NOT_RIGHT)


def _document(task: _Task, kind: str | None) -> _Outcome:
    body = whole(task.file).removeprefix(_BOM)
    try:
        document = as_object(loads(body), "")
    except DecodeError as error:
        task.wrong(f"{error}{_hint(body)}")
    told = kind or (RESPONSE if _is_response(task.source, document) else REQUEST)
    try:
        if told == RESPONSE:
            outcome = _response(task, body)
        else:
            outcome = _request(task, body, document)
    except DecodeError as error:
        task.wrong(str(error))
    if kind is None and not task.as_json:
        say("note", "blue", [f"read as a {told}"])
    return outcome


def _hint(body: bytes) -> str:
    events = body.lstrip().startswith(_EVENTS)
    return "; a captured stream needs --stream" if events else ""


def _is_response(source: Dialect, document: JsonObject) -> bool:
    if source.error_in(document) is not None:
        return True
    try:
        source.skim_response(document)
    except DecodeError:
        return False
    return True


def _request(task: _Task, body: bytes, document: JsonObject) -> _Outcome:
    model = task.model or document.get("model")
    if not isinstance(model, str) or not model:
        task.wrong("the request names no model: say --model")
    plan = request(body, source=task.source.name, target=task.target.name, model=model)
    outcome = _Outcome(dropped=plan.dropped, path=plan.path)
    _say_whole(task, REQUEST, plan.body, outcome)
    return outcome


def _response(task: _Task, body: bytes) -> _Outcome:
    answer = task.answer(streams=False)
    produced = [*answer.feed(body), *answer.finish()]
    said = b"".join(item.data for item in produced if isinstance(item, Piece))
    failure = _failure_in(produced)
    if failure is not None:
        if failure.kind in _NO_ANSWER:
            task.wrong(failure.message)
        said = write(task.target.emit_error(failure))
    outcome = _Outcome(dropped=answer.dropped, repairs=answer.repairs, failure=failure)
    _say_whole(task, RESPONSE, said, outcome)
    return outcome


def _say_whole(task: _Task, kind: str, body: bytes, outcome: _Outcome) -> None:
    if task.as_json:
        rest = dumps({"kind": kind, **outcome.document()})
        body = b'{"body":%b,%b' % (body, rest[1:])
    write_out(body + b"\n")


def _stream(task: _Task) -> _Outcome:
    """Piece by piece: a capture may be larger than memory."""
    answer = task.answer(streams=True)
    sink = _Sink(task.as_json)
    failure: Failure | None = None
    for chunk in chunks(task.file):
        failure = failure or sink.take(answer.feed(chunk))
    failure = failure or sink.take(answer.finish())
    if failure is not None:
        if failure.kind in _NO_ANSWER and not sink.begun:
            task.wrong(failure.message)
        sink.write(answer.fail(failure))
    outcome = _Outcome(dropped=answer.dropped, repairs=answer.repairs, failure=failure)
    sink.close(outcome)
    return outcome


def _failure_in(produced: Iterable[Produced]) -> Failure | None:
    for item in produced:
        if isinstance(item, StreamFailed):
            return item.failure
    return None


@attrs.define
class _Sink:
    """Standard output for a stream, plain or as one JSON string."""

    as_json: bool
    begun: bool = False

    def take(self, produced: Iterable[Produced]) -> Failure | None:
        for item in produced:
            if isinstance(item, Piece):
                self.write(item.data)
        return _failure_in(produced)

    def write(self, data: bytes) -> None:
        if self.as_json:
            begin = b"" if self.begun else b'{"body":"'
            # A piece holds whole frames, so that no character is cut.
            data = begin + dumps(data.decode("utf-8", "replace"))[1:-1]
        self.begun = True
        write_out(data)

    def close(self, outcome: _Outcome) -> None:
        if self.as_json:
            self.write(b"")
            rest = dumps({"kind": STREAM, **outcome.document()})
            write_out(b'",%b\n' % rest[1:])
