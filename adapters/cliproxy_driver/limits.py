"""Numbers that every adapter keeps to, each with its reason."""

from __future__ import annotations

from typing import Final

__all__ = ["BACKLOG", "DRAIN", "LINGER"]

# Connections that wait to be accepted. Linux caps it at 4,096 by default.
BACKLOG: Final = 2048

# How long answers under way may go on after a stop. Orchestrators kill after 30.
DRAIN: Final = 25.0

# After its last event an upstream needs one more packet to end the HTTP body. One that
# takes longer than this is not going to.
LINGER: Final = 1.0
