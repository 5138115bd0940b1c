"""Arbitrary bytes are a JSON value or a `DecodeError`; the readers give no more."""

from __future__ import annotations

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
        return
    assert jsonval.loads(jsonval.dumps(value)) == value
    _walk(value, "")


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
