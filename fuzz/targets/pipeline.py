"""Whatever an upstream answers, a caller gets a legal answer or a clean failure.

The first byte chooses both dialects, and whether the caller wants a stream and his
usage; the second how the bytes are cut; the rest is the upstream's body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import as_object, loads
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect, StreamContext
from cliproxy_core.ir.failure import Failure
from cliproxy_core.ir.grammar import Checker
from cliproxy_core.testing.cuts import bytewise
from cliproxy_core.translate import Answer, Piece, StreamFailed
from cliproxy_core.wire.sse import SseDecoder, SseFrame

__all__ = ["run"]

NAMES = tuple(DIALECTS)


def run(data: bytes) -> None:
    """Answer whole, bytewise and in even pieces; the caller must be able to read it."""
    choice, stride, body = data[:1], data[1:2], data[2:]
    bits = choice[0] if choice else 0
    upstream, downstream = DIALECTS[NAMES[bits & 1]], DIALECTS[NAMES[bits >> 1 & 1]]
    streams, usage = not bits & 4, not bits & 8

    def context() -> StreamContext:
        return StreamContext(ids=Ids(b"fuzz"), created=1, model="model", usage=usage)

    def answer() -> Answer:
        return Answer(upstream, downstream, context(), streams)

    whole = _hear(answer(), [body])
    size = stride[0] % 64 + 1 if stride else 1
    for pieces in (bytewise(body), list(_even(body, size))):
        assert _hear(answer(), pieces) == whole
    said, failure, end = whole
    if streams:
        _check(downstream, said + end, complete=True)
        _check(downstream, said, complete=failure is None)
    elif failure is None:
        document = as_object(loads(said), "")
        if upstream is not downstream:  # its own documents go on as they are
            downstream.parse_response(document, context())
    else:
        assert said == b"", "half a document"
    assert failure is None or 400 <= failure.status <= 599


def _even(body: bytes, size: int) -> Iterator[bytes]:
    return (body[i : i + size] for i in range(0, len(body), size))


def _hear(
    answer: Answer, pieces: Iterable[bytes]
) -> tuple[bytes, Failure | None, bytes]:
    """What the caller gets, why it is not complete, and the words for that."""
    produced = [item for piece in pieces for item in answer.feed(piece)]
    produced += answer.finish()
    *said, last = produced
    assert not isinstance(last, Piece), "no end"
    assert all(isinstance(item, Piece) for item in said), "more behind the end"
    assert answer.feed(b"data: {}\n\n") == answer.finish() == []
    text = b"".join(item.data for item in said if isinstance(item, Piece))
    if isinstance(last, StreamFailed):
        return text, last.failure, answer.fail(last.failure)
    return text, None, b""


def _check(dialect: Dialect, data: bytes, *, complete: bool) -> None:
    """A stream of the dialect, ended by an end or by an error, or not ended at all."""
    checker = Checker(dialect.grammar)
    sse = SseDecoder()
    for frame in sse.feed(data):
        assert isinstance(frame, SseFrame)
        end = frame.data == b"[DONE]"
        payload = None if end else as_object(loads(frame.data), "")
        violation = checker.check(dialect.classify(payload))
        assert violation is None, violation
    assert sse.finish() == []
    assert checker.complete is complete, "a failed stream that ends, or the reverse"
