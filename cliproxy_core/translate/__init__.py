"""From one dialect to another, and from a dialect to itself without touching it."""

from .answer import Answer, Piece, StreamEnded, StreamFailed
from .lane import Lane, lane_of
from .prepare import Prepared, prepare

__all__ = [
    "Answer",
    "Lane",
    "Piece",
    "Prepared",
    "StreamEnded",
    "StreamFailed",
    "lane_of",
    "prepare",
]
