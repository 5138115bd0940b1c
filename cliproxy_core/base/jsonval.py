"""JSON as a type, and readers that complain with a path.

Whoever reads a document from outside uses these and never checks again (parse,
don't validate). Paths are written like `.messages[3].content[0].type`. A complaint
names places and JSON types, never a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

import orjson

from .errors import DecodeError
from .exact import parse, rewritten, spelled

__all__ = [
    "Json",
    "JsonObject",
    "as_array",
    "as_int",
    "as_object",
    "as_str",
    "dumps",
    "each",
    "exactly",
    "kind_of",
    "loads",
    "loads_exact",
    "need",
    "need_str",
    "opt_array",
    "opt_bool",
    "opt_int",
    "opt_number",
    "opt_object",
    "opt_str",
    "parse_each",
    "write",
]

Json: TypeAlias = (
    Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None
)
JsonObject: TypeAlias = dict[str, "Json"]

T = TypeVar("T")

dumps: Callable[[Json], bytes] = orjson.dumps
"""For documents of our own making, whose depth we know and whose numbers are plain."""


def write(document: Json) -> bytes:
    """The text of a document that holds parts of somebody else's.

    What can be read may be nested deeper than what can be written (about 1,000 and 254
    levels); raises `DecodeError` for that. Numbers that `loads_exact` read are spelled
    as they came.
    """
    try:
        return orjson.dumps(document, spelled, orjson.OPT_PASSTHROUGH_SUBCLASS)
    except orjson.JSONEncodeError:
        raise DecodeError("", "nested too deeply") from None


def loads(data: bytes | str) -> Json:
    """Parse one JSON document (RFC 8259, UTF-8). Raises `DecodeError`."""
    try:
        value: Json = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise DecodeError("", f"not JSON at byte {error.pos}") from None
    return value


def loads_exact(data: bytes | str) -> Json:
    """Parse a document whose numbers `write` shall give back digit for digit.

    Accepts and refuses what `loads` does. Only a document that holds a number which
    orjson would write differently is read a second time, with the slower parser of the
    standard library; its nesting limit is that of the interpreter's stack.
    """
    return exactly(loads(data), data)


def exactly(value: Json, data: bytes | str) -> Json:
    """What `loads_exact` makes of a document, given what `loads` made of it.

    Most clients write JSON as orjson does. Where it gives the whole document back as it
    came, it does so with each number, and nothing has to be looked for.
    """
    document = data.encode() if isinstance(data, str) else data
    if _comes_back(value, document) or not rewritten(document):
        return value
    try:
        exact: Json = parse(document.decode())  # type: ignore[assignment]
    except RecursionError:
        raise DecodeError("", "nested too deeply") from None
    return exact


def _comes_back(value: Json, document: bytes) -> bool:
    try:
        return orjson.dumps(value) == document
    except orjson.JSONEncodeError:  # nested too deeply
        return False


def kind_of(value: Json) -> str:
    """The JSON name of a value's type, for complaints."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, int | float):
        return "a number"
    return "an object" if isinstance(value, Mapping) else "an array"


def as_object(value: Json, path: str) -> JsonObject:
    if isinstance(value, dict):
        return value
    raise DecodeError(path, f"expected an object, got {kind_of(value)}")


def as_array(value: Json, path: str) -> list[Json]:
    if isinstance(value, list):
        return value
    raise DecodeError(path, f"expected an array, got {kind_of(value)}")


def as_str(value: Json, path: str) -> str:
    if isinstance(value, str):
        return value
    raise DecodeError(path, f"expected a string, got {kind_of(value)}")


def as_int(value: Json, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise DecodeError(path, f"expected an integer, got {kind_of(value)}")


def need(holder: JsonObject, key: str, path: str) -> Json:
    """The value of a key that must be there."""
    if key in holder:
        return holder[key]
    raise DecodeError(f"{path}.{key}", "required")


def need_str(holder: JsonObject, key: str, path: str) -> str:
    """The string under a key that must be there."""
    value = holder.get(key)
    if isinstance(value, str):
        return value
    return as_str(need(holder, key, path), f"{path}.{key}")  # complains


def each(values: Sequence[Json], path: str) -> list[tuple[Json, str]]:
    """The elements of an array, each with its path."""
    return [(value, f"{path}[{i}]") for i, value in enumerate(values)]


def parse_each(
    values: Sequence[Json], path: str, parse: Callable[[JsonObject], T]
) -> list[T]:
    """The objects of an array, parsed. Complaints get the place of the element."""
    out: list[T] = []
    try:
        for value in values:
            out.append(parse(as_object(value, "")))  # noqa: PERF401 - `out` counts
    except DecodeError as error:
        raise error.under(f"{path}[{len(out)}]") from None
    return out


# Absent and null mean the same to these; a wrong type is a complaint. Paths are spelled
# out only for one.


def opt_object(holder: JsonObject, key: str, path: str) -> JsonObject | None:
    value = holder.get(key)
    if value is None or isinstance(value, dict):
        return value
    return as_object(value, f"{path}.{key}")


def opt_array(holder: JsonObject, key: str, path: str) -> list[Json] | None:
    value = holder.get(key)
    if value is None or isinstance(value, list):
        return value
    return as_array(value, f"{path}.{key}")


def opt_str(holder: JsonObject, key: str, path: str) -> str | None:
    value = holder.get(key)
    if value is None or isinstance(value, str):
        return value
    return as_str(value, f"{path}.{key}")


def opt_int(holder: JsonObject, key: str, path: str) -> int | None:
    value = holder.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return as_int(value, f"{path}.{key}")


def opt_number(holder: JsonObject, key: str, path: str) -> float | int | None:
    value = holder.get(key)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise DecodeError(f"{path}.{key}", f"expected a number, got {kind_of(value)}")


def opt_bool(holder: JsonObject, key: str, path: str) -> bool | None:
    value = holder.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise DecodeError(f"{path}.{key}", f"expected a boolean, got {kind_of(value)}")
