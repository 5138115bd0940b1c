"""Arguments of calls: objects on this wire, raw JSON text in the neutral form.

Reading and writing an object again would change how numbers, escapes and spaces were
spelled, so the text is cut out of the frame that it came in and put into the frame that
it goes out in.

An upstream may also send arguments in fragments (Vertex, where the request says
`streamFunctionCallArguments`): each names a place by a JSON path and brings a value, or
more of a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads, loads_exact, write
from cliproxy_core.ir.request import ToolKind

__all__ = ["EMPTY", "Fragments", "arguments_in", "object_text", "parse_object"]

EMPTY: Final = "{}"

# Paths in schemas that people write are a handful of steps; the limit keeps what is
# assembled writable, with room for what stands around it.
MAX_STEPS: Final = 64

# Elements that a fragment may leave out before its own: none in what was seen.
MAX_GAP: Final = 1024

_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]:]', re.DOTALL)
_PLACE: Final = (
    b"",
    b'"candidates"',
    b"",
    b'"content"',
    b'"parts"',
    b"",
    b'"functionCall"',
    b'"args"',
)
"""The keys of the objects and arrays around arguments, and their own."""

_STEP: Final = re.compile(
    r"""
    \.([^.\[\]]+) | \[(\d{1,9})\]
    | \['((?:[^'\\]|\\.)*)'\] | \["((?:[^"\\]|\\.)*)"\]
    """,
    re.VERBOSE,
)


def arguments_in(frame: bytes, calls: list[JsonObject]) -> list[str]:
    """The arguments of all calls of a frame, as they are spelled in it."""
    objects = [call for call in calls if isinstance(call.get("args"), dict)]
    found = list(_texts(frame)) if objects else []
    texts = iter(found if len(found) == len(objects) else [None] * len(objects))
    return [
        _spelled(call["args"], next(texts))
        if isinstance(call.get("args"), dict)
        else ""
        for call in calls
    ]


def _texts(frame: bytes) -> Iterator[bytes]:
    """What stands at the place of arguments in a frame of valid JSON."""
    keys: list[bytes] = []
    key = last = b""
    start, place = 0, list(_PLACE)
    for token in _TOKEN.finditer(frame, max(frame.find(b"{"), 0)):
        sign = token.group()
        if sign == b":":
            key = last
        elif sign in b"{[":
            keys.append(key)
            key = b""
            if keys == place:
                start = token.start()
        elif sign in b"}]":
            if keys == place:
                yield frame[start : token.end()]
            keys.pop()
            key = b""
        else:
            last, key = sign, b""


def _spelled(args: Json, text: bytes | None) -> str:
    """The text, if it means the very same; keys that stand twice spoil it."""
    if text is not None and args in (loads(text), loads_exact(text)):
        return text.decode()
    return write(args).decode()


def parse_object(text: str) -> JsonObject | None:
    """The object that arguments are, with no number changed.

    How a number is spelled is remembered only where reading it changes it.
    """
    try:
        value, exact = loads(text), loads_exact(text)
    except DecodeError:
        return None
    value = value if value == exact else exact
    return value if isinstance(value, dict) else None


def object_text(text: str, kind: ToolKind) -> str | None:
    """Arguments as the text of an object; None where they are none.

    No arguments at all are an empty object, and so is `null`. Anything else that is not
    an object was cut or is broken: a call must not be run with less than was meant.
    """
    if kind is ToolKind.CUSTOM:
        return write({"input": text}).decode()
    stripped = text.strip()
    if stripped in ("", "null"):
        return EMPTY
    try:
        value = loads(text)
        if not isinstance(value, dict):
            return None
        if "\n" in stripped or "\r" in stripped:  # a frame is one line
            return write(loads_exact(text)).decode()
    except DecodeError:
        return None
    return stripped


@attrs.define
class Fragments:
    """Arguments that come piece by piece."""

    document: JsonObject = attrs.field(factory=dict, repr=False)
    _open: dict[str, list[str]] = attrs.field(factory=dict, init=False, repr=False)
    """Paths whose string goes on, and what came of it."""

    def add(self, fragment: Json) -> None:
        """Raises `DecodeError` for a place or a value that makes no sense."""
        path = fragment.get("jsonPath") if isinstance(fragment, dict) else None
        if not isinstance(fragment, dict) or not isinstance(path, str):
            raise DecodeError(".jsonPath", "required")
        steps, value = _steps(path), _value(fragment)
        more = fragment.get("willContinue") is True
        pieces = self._open.pop(path, None)
        if isinstance(value, str) and (more or pieces is not None):
            pieces = pieces or []
            pieces.append(value)
            if more:
                self._open[path] = pieces
                return
            value = "".join(pieces)
        self._set(steps, value)

    def finish(self) -> str:
        """All of it. Raises `DecodeError` if it cannot be written."""
        for path, pieces in self._open.items():
            self._set(_steps(path), "".join(pieces))
        self._open.clear()
        return write(self.document).decode()

    def _set(self, steps: list[str | int], value: Json) -> None:
        if steps:
            _put(self.document, steps, value)


def _steps(path: str) -> list[str | int]:
    """The members and elements that a JSON path (RFC 9535) names, one after another."""
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None or len(steps) == MAX_STEPS:
            raise DecodeError(".jsonPath", "not a path to one place")
        name, number, single, double = match.groups()
        if number is not None:
            steps.append(int(number))
        else:
            steps.append(name or re.sub(r"\\(.)", r"\1", single or double or ""))
        at = match.end()
    if path[:1] != "$":
        raise DecodeError(".jsonPath", "not a path from the root")
    return steps


def _value(fragment: JsonObject) -> Json:
    for key in ("stringValue", "numberValue", "boolValue"):
        if fragment.get(key) is not None:
            return fragment[key]
    return None if "nullValue" in fragment else ""


def _member(holder: Json, step: str | int) -> Json:
    if isinstance(step, int) and isinstance(holder, list):
        return holder[step] if step < len(holder) else None
    return (
        holder.get(step) if isinstance(step, str) and isinstance(holder, dict) else None
    )


def _put(document: JsonObject, steps: list[str | int], value: Json) -> None:
    """Set a place, making the objects and arrays on the way to it."""
    holder: Json = document
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        fresh: Json = value
        if following is not None:
            fresh = [] if isinstance(following, int) else {}
            known = _member(holder, step)
            if isinstance(known, list if isinstance(following, int) else dict):
                holder = known
                continue
        if isinstance(step, int) and isinstance(holder, list):
            if step > len(holder) + MAX_GAP:
                raise DecodeError(".jsonPath", "too far beyond the last element")
            holder.extend([None] * (step + 1 - len(holder)))
            holder[step] = fresh
        elif isinstance(step, str) and isinstance(holder, dict):
            holder[step] = fresh
        else:
            raise DecodeError(".jsonPath", "does not fit what is there")
        holder = fresh
