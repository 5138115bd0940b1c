"""asyncio or trio, by way of anyio: awaiting tasks drive the machines."""

from .serve import serve
from .session import Dialer

__all__ = ["Dialer", "serve"]
