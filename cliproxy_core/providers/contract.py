"""What a provider is: a description, no behaviour of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.translate.prepare import Finish
from cliproxy_core.wire.http import Headers
from cliproxy_core.wire.url import Origin

__all__ = ["CountPlace", "Profile"]


@attrs.frozen(kw_only=True)
class CountPlace:
    """Where a provider says how many tokens a request has."""

    path: Callable[[str], str]
    """Appended to the base URL's path; given a model."""
    edits: Callable[[JsonObject, str], Mapping[str, Json]]
    """What is set in a question of the same dialect, given a model."""


@attrs.frozen(kw_only=True)
class Profile:
    """Somebody who speaks a dialect, and how he wants to be spoken to."""

    id: str
    dialect: Dialect
    path: Callable[[str, bool], str]
    """Path and query, appended to the base URL's path; given a model, and whether a
    stream is wanted."""
    auth: Callable[[str, Origin], Headers]
    """The header fields that carry a key to an address; the key may be empty."""
    headers: Headers = ()
    """Fields that go with every request unless the caller's say otherwise."""
    forwarded: tuple[bytes, ...] = ()
    """Names, or beginnings of names, of caller's fields that go on natively."""
    finish: Finish
    counting: CountPlace | None = None
    """None: it cannot count tokens."""
