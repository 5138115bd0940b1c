"""What stands around the candidates of a chunk: names, and token counts.

The first chunk names the stream; later ones repeat its id. Token counts may come in
any chunk and any number of times, but have one legal place: a chunk without
candidates before the end mark.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, loads, loads_exact, write
from cliproxy_core.ir.dialect import Legal, StreamContext
from cliproxy_core.ir.usage import Usage

from .usage import parse_usage

__all__ = ["CHUNK", "END_MARK", "Ledger", "Names", "is_whole", "read", "written"]

CHUNK: Final = "chat.completion.chunk"
END_MARK: Final = b"data: [DONE]\n\n"

_NESTED: Final = re.compile(rb'"(?:arguments|input)"\s*:\s*[{\[\d-]')
"""Arguments that are no text."""


@attrs.define
class Names:
    """The fields that every chunk of a stream has."""

    context: StreamContext
    repairs: Counter[str]
    id: str = attrs.field(default="", init=False)
    model: str = attrs.field(default="", init=False)
    created: int = attrs.field(default=0, init=False)

    def mend(self, payload: JsonObject) -> JsonObject:
        """The fields of a chunk with candidates that must be different."""
        fixed: JsonObject = {}
        ident, model = payload.get("id"), payload.get("model")
        if not self.id:
            if isinstance(ident, str) and ident:
                self.id = ident
            else:
                self.id = self.context.ids("chatcmpl-")
        if ident != self.id:
            fixed["id"] = self.id
        if isinstance(model, str) and model:
            self.model = model
        else:
            fixed["model"] = self.model = self.model or self.context.model
        if payload.get("object") != CHUNK:
            fixed["object"] = CHUNK
        created = payload.get("created")
        if isinstance(created, bool) or not isinstance(created, int):
            fixed["created"] = self.created or self.context.created
        else:
            self.created = created
        for name in fixed:
            self.repairs[f"{name}_fixed"] += 1
        return fixed

    def around(self, choices: list[Json]) -> JsonObject:
        """A chunk of our own making."""
        return {
            "id": self.id,
            "object": CHUNK,
            "created": self.created or self.context.created,
            "model": self.model,
            "choices": choices,
        }


@attrs.define
class Ledger:
    """The token counts, and the chunk that tells them, until the end."""

    wanted: bool
    repairs: Counter[str]
    counts: JsonObject | None = attrs.field(default=None, init=False)
    _chunk: tuple[JsonObject, bytes] | None = attrs.field(default=None, init=False)
    _usage: Usage | None = attrs.field(default=None, init=False)

    @property
    def usage(self) -> Usage | None:
        if self._usage is None and self.counts is not None:
            self._usage = parse_usage(self.counts)
        return self._usage

    def count(self, counts: Json) -> None:
        """A later report replaces what it tells again, and only that."""
        if isinstance(counts, dict):
            told = {key: count for key, count in counts.items() if count is not None}
            self.counts = {**(self.counts or {}), **told}
            self._usage = None

    def keep(self, payload: JsonObject, raw: bytes) -> None:
        """Hold a chunk that tells usage and nothing else."""
        if not self.wanted:
            self.repairs["usage_unwanted"] += 1
            return
        if self._chunk is not None:
            self.repairs["usage_repeated"] += 1
        self._chunk = (payload, raw)

    def chunk(self, names: Names) -> Legal | None:
        """The one usage chunk: the upstream's own if it tells all there is."""
        if self.counts is None or not self.wanted:
            return None
        if self._chunk is not None:
            payload, raw = self._chunk
            if payload["usage"] == self.counts and payload.get("choices") == []:
                fixed = names.mend(payload)
                payload = {**payload, **fixed}
                return payload, written(payload) if fixed else raw
        self.repairs["usage_moved"] += 1
        payload = {**names.around([]), "usage": self.counts}
        return payload, written(payload)


def read(data: bytes) -> Json:
    """An event's document; arguments that are no text will be one, digit for digit."""
    nested = _NESTED.search(data) is not None
    return loads_exact(data) if nested else loads(data)


def written(payload: JsonObject) -> bytes:
    """The frame of a payload in canonical form."""
    return b"data: %b\n\n" % write(payload)


def is_whole(data: bytes) -> bool:
    """Whether the data of an event that lost its end is all there."""
    try:
        loads(data)
    except DecodeError:
        return data.strip() == b"[DONE]"
    return True
