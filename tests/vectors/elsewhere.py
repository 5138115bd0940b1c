"""Vectors that are tested where they belong: number -> node id of the test."""

from __future__ import annotations

from typing import Final

__all__ = ["ELSEWHERE"]

_THINKING: Final = "tests/core/translate/test_thinking.py::"

ELSEWHERE: Final[dict[str, str]] = {
    **{f"v{number}": f"{_THINKING}test_vectors" for number in range(162, 172)},
}
