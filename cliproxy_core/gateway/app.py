"""What all connections of one process share: keys, credentials, names."""

from __future__ import annotations

import attrs

from cliproxy_core.base.ids import Ids
from cliproxy_core.config.model import Config
from cliproxy_core.lifecycle.effects import PoolEffect
from cliproxy_core.lifecycle.inputs import Granted, Refused
from cliproxy_core.pool import Pool, credentials_of

from .access import Access

__all__ = ["App"]


@attrs.define
class App:
    """The shared state. One event loop owns it."""

    config: Config
    seed: bytes = attrs.field(repr=False)
    """32 bytes of entropy; every id is drawn from it."""
    access: Access = attrs.field(init=False)
    pool: Pool = attrs.field(init=False)
    _ids: Ids = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.access = Access.of(self.config.api_keys)
        self.pool = Pool(credentials_of(self.config))
        self._ids = Ids(self.seed)

    def new_request(self) -> str:
        """A name for the next request."""
        return self._ids("req_")

    def new_ids(self, request: str) -> Ids:
        """The names that one request gives out."""
        return Ids(self.seed[:32] + request.encode()[:32])

    def handle(self, effect: PoolEffect) -> list[Granted | Refused]:
        """What a request wants of the shared state, and the answers to requests."""
        return self.pool.handle(effect)
