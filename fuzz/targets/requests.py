"""Any document is a request or a complaint with a path, and crosses to every dialect.

The first byte chooses the dialect; what follows is a document, or changes to a good one
(`fuzz.changed`).
"""

from __future__ import annotations

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, as_object, loads_exact, write
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.ir.request import Dropped, Request
from cliproxy_core.translate import request as translate
from fuzz.changed import document
from fuzz.promises import ALL

__all__ = ["run"]


def run(data: bytes) -> None:
    """Parse, emit into the same dialect and into all others, and parse again."""
    source = ALL[data[0] % len(ALL)] if data else ALL[0]
    found = document("requests", source.name, data[1:])
    if found is None:
        return
    try:
        text = write(found)
        parsed = source.parse_request(found)
    except DecodeError as error:
        _complains(error)
        return
    _stays(source, found, parsed, text)
    _counts(source, found)
    for target in ALL:
        if target is not source:
            _crosses(source, target, found, parsed, text)


def _stays(dialect: Dialect, found: JsonObject, parsed: Request, text: bytes) -> None:
    """What nobody changed goes out as it came; what was forgotten can be made anew."""
    emitted = dialect.emit_request(parsed)
    if emitted.dropped:  # thinking that nobody signed
        _settles(dialect, emitted.payload)
    else:
        assert same(emitted.payload, found), "not what came"
    assert write(found) == text, "the caller's own document was changed"
    foreign = attrs.evolve(parsed, extras=attrs.evolve(parsed.extras, dialect="x"))
    write(dialect.emit_request(foreign).payload)
    anew = attrs.evolve(parsed, extras=attrs.evolve(parsed.extras, raw=None))
    _settles(dialect, dialect.emit_request(anew).payload)


def _settles(dialect: Dialect, payload: JsonObject) -> None:
    """What was emitted can be parsed, and is emitted as the same."""
    read = as_object(loads_exact(write(payload)), "")
    again = dialect.emit_request(dialect.parse_request(read))
    assert same(again.payload, read)
    assert again.dropped == ()


def _counts(dialect: Dialect, found: JsonObject) -> None:
    counting = dialect.counting
    if counting is not None:
        try:
            asked = counting.parse_request(found)
        except DecodeError:
            return
        write(counting.emit_request(asked).payload)


def _crosses(
    source: Dialect,
    target: Dialect,
    found: JsonObject,
    parsed: Request,
    text: bytes,
) -> None:
    try:
        plan = translate(
            text, source=source.name, target=target.name, model="other", stream=True
        )
    except DecodeError as error:
        _complains(error)
        _refuses(error, parsed)
        return
    for item in plan.dropped:
        _told(item)
    sent = as_object(loads_exact(plan.body), "")
    _settles(target, sent)
    assert write(found) == text


def _complains(error: DecodeError) -> None:
    """A place in the document, unless all of it is at fault."""
    assert error.path[:1] in (".", "[") or "nested" in error.reason, error
    assert error.reason


def _refuses(error: DecodeError, parsed: Request) -> None:
    """Only what another upstream keeps, and thinking that its model's API refuses."""
    told = error.path.lower()
    thinking = any(word in told for word in ("think", "effort", "reason"))
    assert thinking or parsed.stored or "nested" in error.reason, error


def _told(item: Dropped) -> None:
    assert item.path
    assert item.path[0] in ".[", item.path
    assert item.reason


def same(left: object, right: object) -> bool:
    """Whether two documents are the same JSON: `1`, `1.0` and `true` are not."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            same(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right
