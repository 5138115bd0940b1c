"""Named edits on a JSON body that is otherwise left alone, byte for byte.

Prompt caches and signatures are computed over bytes, so a body is never parsed and
written again: the value of a top-level member is cut out and another put in its
place. Everything between keeps its order, its whitespace and its unknown fields.

Where a member is, is found without a parser of our own. The bytes `"model"` in valid
JSON, not after a backslash, are always a whole string token. It is a key of the
outermost object if and only if a colon follows, and `{` and all from the token's
first byte on is again a valid document: inside a nested object one closing bracket
would be left over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import orjson

from cliproxy_core.base.errors import LocalError
from cliproxy_core.base.jsonval import Json, JsonObject, dumps, write

__all__ = ["splice"]

# Tools may declare a property of the same name. Each candidate costs a parse of its
# surroundings; beyond this many one linear scan is cheaper and always right.
MAX_CANDIDATES: Final = 16

_BACKSLASH: Final = ord("\\")
# Possessive: a body may be one string of many megabytes, and going back costs memory.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]]', re.DOTALL)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^,}\]\s]+")
_COLON = re.compile(rb"\s*:\s*")


def splice(body: bytes, document: JsonObject, edits: Mapping[str, Json]) -> bytes:
    """Set top-level members of `body`, whose parsed form is `document`.

    A member that is missing is put in at the end; one that stands there several
    times is set everywhere, so that no reader can see another value.
    """
    cuts: list[tuple[int, int, bytes]] = []
    more: list[bytes] = []
    for key, wanted in edits.items():
        if key not in document:
            more.append(b"%b:%b" % (dumps(key), write(wanted)))
        elif document[key] != wanted or type(document[key]) is not type(wanted):
            text = write(wanted)
            places = _by_candidates(body, key) or _by_scan(body, key)
            cuts += [(start, _value_end(body, start), text) for start in places]
    if more:
        end = body.rindex(b"}")
        cuts.append((end, end, b",".join([b"", *more] if document else more)))
    return _replaced(body, sorted(cuts)) if cuts else body


def _replaced(body: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    """The body with other text between some places, all at once: it may be large."""
    pieces: list[bytes] = []
    done = 0
    for start, end, text in cuts:
        pieces += (body[done:start], text)
        done = end
    pieces.append(body[done:])
    return b"".join(pieces)


def _by_candidates(body: bytes, key: str) -> list[int]:
    """Where the member's values begin; empty when that is better found by a scan."""
    token, at = dumps(key), len(body)
    found: list[tuple[int, int]] = []
    # Backwards, as CPython looks for a short token twice as fast from that side.
    while (at := body.rfind(token, 0, at)) >= 0:
        colon = _COLON.match(body, at + len(token))
        # After a backslash it is the end of a longer name, such as `a\"model`.
        if colon is not None and body[at - 1] != _BACKSLASH:
            found.append((at, colon.end()))
            if len(found) > MAX_CANDIDATES:
                return []
    if len(found) == 1 and body[: found[0][0]].strip() == b"{":
        return [found[0][1]]
    found.reverse()
    return [start for at, start in found if _is_top_level(body, at)]


def _is_top_level(body: bytes, at: int) -> bool:
    try:
        orjson.loads(b"{" + body[at:])
    except orjson.JSONDecodeError:
        return False
    return True


def _by_scan(body: bytes, key: str) -> list[int]:
    """The same by looking at every string and bracket."""
    depth = 0
    found: list[int] = []
    for token in _TOKEN.finditer(body):
        text = token.group()
        if text in b"{[":
            depth += 1
        elif text in b"}]":
            depth -= 1
        elif depth == 1 and orjson.loads(text) == key:
            colon = _COLON.match(body, token.end())
            if colon:
                found.append(colon.end())
    if not found:
        raise LocalError("the document has a member that its text does not have")
    return found


def _value_end(body: bytes, start: int) -> int:
    opener = body[start : start + 1]
    if opener == b'"':
        match = _STRING.match(body, start)
        assert match is not None
        return match.end()
    if opener not in (b"{", b"["):
        match = _SCALAR.match(body, start)
        assert match is not None
        return match.end()
    depth = 0
    for token in _TOKEN.finditer(body, start):
        if token.group() in b"{[":
            depth += 1
        elif token.group() in b"}]":
            depth -= 1
            if depth == 0:
                return token.end()
    raise LocalError("a value of a valid document does not end")
