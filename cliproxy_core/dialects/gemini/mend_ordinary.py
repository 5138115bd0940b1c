"""The ordinary chunk: more words of one candidate that has begun, and nothing else."""

from __future__ import annotations

from collections.abc import Set
from typing import Final, TypedDict

from cliproxy_core.base.jsonval import Json
from cliproxy_core.wire.sse import SseFrame

__all__ = ["PLAIN", "Chunk", "is_ordinary"]

PLAIN: Final = frozenset(
    {"candidates", "usageMetadata", "modelVersion", "responseId", "createTime"}
)
"""What may be in a chunk that needs no second look."""


class _Part(TypedDict, total=False):
    text: str
    thought: bool


class _Content(TypedDict):
    parts: list[_Part]
    role: str


class _Candidate(TypedDict, total=False):
    content: _Content
    index: int


class Chunk(TypedDict, total=False):
    """What it looks like; `KeyError` if it does not."""

    candidates: list[_Candidate]
    usageMetadata: Json
    modelVersion: str
    responseId: str


def is_ordinary(frame: SseFrame, payload: Chunk, ready: Set[int]) -> bool:
    """Whether a chunk may pass as it came; whatever it is not may also raise."""
    (candidate,) = payload["candidates"]
    content = candidate["content"]
    (part,) = content["parts"]
    index = candidate["index"] if len(candidate) == 2 else 0
    return (
        bool(part["text"])
        and part["text"].__class__ is str
        and (len(part) == 1 or (len(part) == 2 and part.get("thought") is True))
        and content["role"] == "model"
        and len(content) == 2
        and len(candidate) <= 2
        and index in ready
        and index.__class__ is int
        and payload.get("responseId", "").__class__ is str
        and payload.get("modelVersion", "").__class__ is str
        and (_is_usual(payload) or payload.keys() <= PLAIN)
        and not frame.event
        and b"\n" not in frame.data
    )


def _is_usual(payload: Chunk) -> bool:
    """Whether it has the four keys that the vendor's own chunks have."""
    return len(payload) == 4 and (
        "responseId" in payload
        and "modelVersion" in payload
        and "usageMetadata" in payload
    )
