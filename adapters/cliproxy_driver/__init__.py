"""What every adapter shares: async syntax at most, no async library."""

from cliproxy_core.lifecycle.link import Link

from .drive import Runtime, drive
from .engines import Engine, engine
from .limits import BACKLOG, DRAIN, LINGER
from .perform import Heard, Order, Performer, Session, Sessions, Upstreams, bug

__all__ = [
    "BACKLOG",
    "DRAIN",
    "LINGER",
    "Engine",
    "Heard",
    "Link",
    "Order",
    "Performer",
    "Runtime",
    "Session",
    "Sessions",
    "Upstreams",
    "bug",
    "drive",
    "engine",
]
