"""The numbers, each with its reason."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BODY",
    "CONNECT",
    "FIRST_BYTE",
    "HEAD",
    "HOST",
    "IDLE",
    "KEEPALIVE",
    "MAX_BODY_BYTES",
    "PORT",
    "REQUEST",
    "SILENCE",
    "STALL",
]

# Loopback: a proxy that holds keys must be opened on purpose.
HOST: Final = "127.0.0.1"

# CLIProxyAPI's port, so that clients set up for it find us.
PORT: Final = 8317

# TCP and TLS together. An upstream that needs longer is down for its callers.
CONNECT: Final = 10.0

# Reasoning models may think for minutes before the first byte; the vendors' SDKs
# wait 600 seconds by default.
FIRST_BYTE: Final = 600.0

# Inside a stream upstreams send pings or tokens; five minutes without either is a
# connection that nobody serves any more.
SILENCE: Final = 300.0

# The longest answers on record take under an hour.
REQUEST: Final = 3600.0

# A client that takes longer to send its head is a slow-loris attack.
HEAD: Final = 30.0

# Between two reads of a body, not for the whole of it: uploads may be long.
BODY: Final = 30.0

# An idle downstream connection: longer than the pools of the vendors' SDKs keep one
# (5 to 60 seconds), so that it is the client who closes.
IDLE: Final = 75.0

# A caller that reads nothing for as long as an upstream may be silent is gone.
STALL: Final = 300.0

# Comments towards a silent caller. Proxies and load balancers between us and the
# caller commonly cut after 60 seconds without a byte.
KEEPALIVE: Final = 15.0

# The vendors take 32 MB (Claude) to 50 MB (OpenAI) a request.
MAX_BODY_BYTES: Final = 64 * 1024 * 1024
