"""A log line is a value; writing it is the adapter's."""

from __future__ import annotations

import enum
from typing import TypeAlias

import attrs

__all__ = ["Field", "Level", "LogLine"]

Field: TypeAlias = str | int | float | None


class Level(enum.Enum):
    """How much somebody should care."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@attrs.frozen
class LogLine:
    """One event with named fields. No field ever holds a key, a header or a body."""

    event: str
    level: Level = Level.INFO
    fields: tuple[tuple[str, Field], ...] = ()
