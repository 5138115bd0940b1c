"""References within a schema: JSON pointers and what they point at (RFC 6901)."""

from __future__ import annotations

from urllib.parse import unquote

from cliproxy_core.base.jsonval import Json, JsonObject

__all__ = ["name_of", "target"]


def target(root: JsonObject, reference: str) -> JsonObject | None:
    """The schema that a local reference points at, if there is one."""
    if not reference.startswith("#"):
        return None
    place: Json = root
    for segment in _segments(reference):
        if isinstance(place, dict) and segment in place:
            place = place[segment]
        elif isinstance(place, list) and _is_index(segment, len(place)):
            place = place[int(segment)]
        else:
            return None
    return place if isinstance(place, dict) else None


def name_of(reference: str) -> str:
    """What to call the schema that a reference points at."""
    return reference.rpartition("/")[2] or reference


def _segments(reference: str) -> list[str]:
    # A fragment of a URI is percent-encoded: generators write `Page%5BUser%5D`.
    pointer = unquote(reference[1:])
    if not pointer:
        return []
    if not pointer.startswith("/"):
        return [pointer]  # an anchor, which nothing is found under
    return [s.replace("~1", "/").replace("~0", "~") for s in pointer[1:].split("/")]


def _is_index(segment: str, length: int) -> bool:
    # As many digits as the length of a list has, or `int` could be made to work hard.
    return (
        segment.isascii()
        and segment.isdigit()
        and len(segment) <= len(str(length))
        and int(segment) < length
    )
