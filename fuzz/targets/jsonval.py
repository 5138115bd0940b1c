"""Arbitrary bytes are a JSON value or a `DecodeError`; the readers give no more.

What is read exactly is written as it came, but for the spaces and what strings allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from cliproxy_core.base import jsonval
from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject

__all__ = ["run"]

READERS: Final[tuple[Callable[[JsonObject, str, str], object], ...]] = (
    jsonval.need,
    jsonval.opt_array,
    jsonval.opt_bool,
    jsonval.opt_int,
    jsonval.opt_number,
    jsonval.opt_object,
    jsonval.opt_str,
)


def run(data: bytes) -> None:
    """Parse, write and parse again, and read every place in every way."""
    try:
        value = jsonval.loads(data)
    except DecodeError as error:
        _says_nothing(error, data)
        _refused(data)
        return
    try:
        assert jsonval.loads(jsonval.write(value)) == value
    except DecodeError:
        return  # nested deeper than can be written
    _walk(value, "")
    _exact(data, value)


def _refused(data: bytes) -> None:
    try:
        jsonval.loads_exact(data)
    except DecodeError:
        return
    raise AssertionError("accepted by one of two readers")


def _exact(data: bytes, value: Json) -> None:
    """The same document, number by number, and the same again."""
    exact = jsonval.loads_exact(data)
    assert _rounded(exact) == value
    written = jsonval.write(exact)
    assert _numbers(written) == _numbers(jsonval.write(jsonval.loads_exact(written)))
    if b'"' not in data:  # nor can a key be there twice
        assert written == b"".join(data.split())


def _rounded(exact: Json) -> Json:
    """What the other reader makes of the same document."""
    return jsonval.loads(jsonval.write(exact))


def _numbers(document: bytes) -> list[bytes]:
    """The document without its strings, cut at every sign that is none of a number."""
    return re.split(rb"[^-+.\deE]+", re.sub(rb'"(?:[^"\\]|\\.)*"', b"", document))


def _walk(value: Json, path: str) -> None:
    if isinstance(value, dict):
        for key in [*value, "absent"]:
            for reader in READERS:
                _read(reader, value, key, path)
        for key, child in value.items():
            _walk(child, f"{path}.{key}")
    elif isinstance(value, list):
        for child, inner in jsonval.each(value, path):
            _walk(child, inner)


def _read(
    reader: Callable[[JsonObject, str, str], object],
    holder: JsonObject,
    key: str,
    path: str,
) -> None:
    complaint = None
    try:
        reader(holder, key, path)
    except DecodeError as error:
        complaint = error
    assert complaint is None or complaint.path == f"{path}.{key}"


def _says_nothing(error: DecodeError, data: bytes) -> None:
    """A complaint about a document does not quote it."""
    assert error.reason.startswith("not JSON at byte "), data
