"""What a provider is: a description, no behaviour of its own."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from cliproxy_core.ir.dialect import Dialect
from cliproxy_core.translate.prepare import Finish
from cliproxy_core.wire.http import Headers
from cliproxy_core.wire.url import Origin

__all__ = ["Profile"]


@attrs.frozen(kw_only=True)
class Profile:
    """Somebody who speaks a dialect, and how he wants to be spoken to."""

    id: str
    dialect: Dialect
    path: str
    """Appended to the base URL's path."""
    auth: Callable[[str, Origin], Headers]
    """The header fields that carry a key to an address; the key may be empty."""
    headers: Headers = ()
    """Fields that go with every request unless the caller's say otherwise."""
    forwarded: tuple[bytes, ...] = ()
    """Names, or beginnings of names, of caller's fields that go on natively."""
    finish: Finish
