"""The words of one downstream exchange at message level.

The server's side of HTTP without its bytes: ASGI speaks these directly, and a byte
connection translates them with a codec.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from cliproxy_core.lifecycle import effects as life
from cliproxy_core.lifecycle import inputs as heard
from cliproxy_core.wire.http import BodyData, BodyEnded, PeerFault, RequestHead

__all__ = ["ExchangeEffect", "ExchangeInput", "ReadOn"]


@attrs.frozen
class ReadOn:
    """The head is acceptable: let the body come (`100 Continue` if it waits)."""


ExchangeInput: TypeAlias = (
    RequestHead
    | BodyData
    | BodyEnded
    | PeerFault
    | heard.Tick
    | heard.DownstreamGone
    | heard.DownstreamBlocked
    | heard.DownstreamFlowing
    | heard.UpstreamInput
    | heard.Granted
    | heard.Refused
)
ExchangeEffect: TypeAlias = ReadOn | life.Effect
