"""Documents that are almost right: a good one, changed as some bytes say.

Random bytes are hardly ever a request. Here three bytes are one change: which value of
the document, what happens to it, and what takes its place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias, cast

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads_exact, write

__all__ = ["changed", "document", "seed"]

DOCUMENTS: Final = Path(__file__).parent / "documents"

# More changes than this leave nothing of the document.
MAX_CHANGES: Final = 12

_Place: TypeAlias = tuple["dict[str, Json] | list[Json]", "str | int"]

VALUES: Final[tuple[bytes, ...]] = (
    b"null",
    b"true",
    b"false",
    b"0",
    b"-1",
    b"1.0",
    b"1e2",
    b"12345678901234567890123",
    b'""',
    b'"a"',
    b'"user"',
    b'"auto"',
    b'"text"',
    b'"data:image/png;base64,AA=="',
    b'"cliproxy1:gemini::c2ln"',
    b'"\\u0000\\ud83d\\ude00"',
    b"[]",
    b"{}",
    b"[null]",
    b'[{"type":"text","text":"t"}]',
    b'{"type":"text","text":"t"}',
    b'{"type":"new","x":[1]}',
    b'{"type":null}',
    b'[["a"],{}]',
)


def seed(kind: str, dialect: str) -> JsonObject:
    """The good document of a dialect: of kind `requests` or `answers`."""
    text = (DOCUMENTS / kind / f"{dialect}.json").read_bytes()
    return cast("JsonObject", loads_exact(text))


def document(kind: str, dialect: str, data: bytes) -> JsonObject | None:
    """What begins with a brace as it is, if it is one; else the changed good one."""
    if data[:1] != b"{":
        return changed(seed(kind, dialect), data)
    try:
        found = loads_exact(data)
    except DecodeError:
        return None
    return found if isinstance(found, dict) else None


def changed(good: JsonObject, data: bytes) -> JsonObject:
    """A copy with one change for each three bytes."""
    root: JsonObject = cast("JsonObject", loads_exact(write(good)))
    threes = zip(data[0::3], data[1::3], data[2::3], strict=False)
    for count, (where, what, value) in enumerate(threes):
        if count == MAX_CHANGES:
            break
        places = list(_places(root))
        if not places:
            break
        # One byte would not reach the end of a long document.
        at = (where * 251 + what * 7 + value) % len(places)
        _change(*places[at], what, value, places)
    return root


def _places(root: JsonObject) -> list[_Place]:
    """Every value below the root, parents first."""
    out: list[_Place] = []
    waiting: list[Json] = [root]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict):
            out += [(holder, key) for key in holder]
            waiting += holder.values()
        elif isinstance(holder, list):
            out += [(holder, index) for index in range(len(holder))]
            waiting += holder
    return out


def _change(
    holder: dict[str, Json] | list[Json],
    key: str | int,
    what: int,
    value: int,
    places: list[_Place],
) -> None:
    slot = cast("dict[str | int, Json]", holder)
    match what % 8:
        case 0:
            del slot[key]
        case 1 if isinstance(holder, dict):
            holder["new"] = _value(value)
        case 1 | 2 if isinstance(holder, list):
            holder.insert(cast("int", key), _copy(holder[cast("int", key)]))
        case 3 | 4:
            other, there = places[value * 13 % len(places)]
            slot[key] = _copy(cast("dict[str | int, Json]", other)[there])
        case _:
            slot[key] = _value(value)


def _value(number: int) -> Json:
    return loads_exact(VALUES[number % len(VALUES)])


def _copy(value: Json) -> Json:
    return loads_exact(write(value))
