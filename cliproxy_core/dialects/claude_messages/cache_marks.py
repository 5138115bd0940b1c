"""Marks for the prompt cache, within what the vendor takes.

At most four in a request; and one for an hour may not come after one for five minutes,
in the order in which a prompt is read: tools, system text, turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.request import Dropped, NativePart, Request, ToolResult

__all__ = ["fit_marks", "places_of"]

# Vendor, "Prompt caching" (2026-11).
MAX_MARKS: Final = 4

MARK: Final = "cache_control"
HOUR: Final = "1h"


def places_of(request: Request) -> dict[int, list[str]]:
    """Where in the request each mark is from, by the identity of its object."""
    out: dict[int, list[str]] = {}
    for number, tool in enumerate(request.tools):
        mark = getattr(tool, "cache", None)
        out.setdefault(id(mark), []).append(f".tools[{number}]")
    for index, message in enumerate(request.messages):
        path = message.path or f".messages[{index}]"
        for number, part in enumerate(message.parts):
            inner = part.parts if isinstance(part, ToolResult) else ()
            for each in (*inner, part):
                mark = getattr(each, "cache", None)
                if isinstance(each, NativePart):
                    mark = each.raw.get(MARK)
                out.setdefault(id(mark), []).append(f"{path}.content[{number}]")
    return out


def fit_marks(
    payload: JsonObject, dropped: list[Dropped], places: Mapping[int, list[str]]
) -> None:
    """Remove the marks that are too many, and lifetimes in the wrong order.

    Which go first, users of CLIProxyAPI know (facts/02, vector 179): system text and
    tools keep their last one for longest, of the turns the oldest go.
    """
    tools = _marked(payload.get("tools"), ".tools")
    system = _marked(payload.get("system"), ".system")
    turns = list(_in_turns(payload.get("messages")))
    least = [*system[:-1], *tools[:-1], *turns, *system[-1:], *tools[-1:]]
    excess = len(least) - MAX_MARKS
    for block, path in least[: max(excess, 0)]:
        place = _place(block.pop(MARK), places) or path
        reason = f"this API takes {MAX_MARKS} cache marks"
        dropped.append(Dropped(f"{place}.{MARK}", reason))
    short = False
    for block, path in (*tools, *system, *turns):
        mark = block.get(MARK)
        if not isinstance(mark, dict):
            continue
        if mark.get("ttl") != HOUR:
            short = True
        elif short:
            block[MARK] = {k: v for k, v in mark.items() if k != "ttl"}
            place = _place(mark, places) or path
            reason = "an hour cannot come after five minutes"
            dropped.append(Dropped(f"{place}.{MARK}.ttl", reason))


def _place(mark: Json, places: Mapping[int, list[str]]) -> str | None:
    """The next place that the mark stands at: some callers have one object for all."""
    found = places.get(id(mark))
    return found.pop(0) if found else None


def _marked(blocks: Json, path: str) -> list[tuple[JsonObject, str]]:
    if not isinstance(blocks, list):
        return []
    return [
        (block, f"{path}[{i}]")
        for i, block in enumerate(blocks)
        if isinstance(block, dict) and block.get(MARK) is not None
    ]


def _in_turns(messages: Json) -> Iterator[tuple[JsonObject, str]]:
    """Marked blocks, with those inside of tool results before the result itself."""
    for i, message in enumerate(messages if isinstance(messages, list) else ()):
        content = message.get("content") if isinstance(message, dict) else None
        for j, block in enumerate(content if isinstance(content, list) else ()):
            if not isinstance(block, dict):
                continue
            path = f".messages[{i}].content[{j}]"
            if block.get("type") == "tool_result":
                yield from _marked(block.get("content"), f"{path}.content")
            if block.get(MARK) is not None:
                yield block, path
