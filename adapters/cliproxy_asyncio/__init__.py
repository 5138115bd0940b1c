"""asyncio: protocol callbacks drive the machines directly, without a task per chunk."""

from .host import Host
from .serve import host_machine, serve

__all__ = ["Host", "host_machine", "serve"]
