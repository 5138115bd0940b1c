"""From one dialect to another, and from a dialect to itself without touching it.

`request` is where to begin; see `Plan`.
"""

from cliproxy_core.base.errors import DecodeError

from .answer import Answer, Piece, StreamEnded, StreamFailed
from .lane import Lane, lane_of
from .plan import LossError, Plan, ResponseStream, UpstreamError, Whole, request
from .prepare import Prepared, prepare

__all__ = [
    "Answer",
    "DecodeError",
    "Lane",
    "LossError",
    "Piece",
    "Plan",
    "Prepared",
    "ResponseStream",
    "StreamEnded",
    "StreamFailed",
    "UpstreamError",
    "Whole",
    "lane_of",
    "prepare",
    "request",
]
