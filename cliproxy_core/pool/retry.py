"""What a failure before the commit point means for the next attempt: a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.ir.failure import Kind, Then

__all__ = ["RETRY"]

# The caller's fault stays the caller's fault whoever is asked; everything else may be
# one credential's or one upstream's (facts/01, section 7.1, rule 3).
# fmt: off
RETRY: Final[Mapping[Kind, Then]] = {
    Kind.REQUEST:     Then.STOP,
    Kind.AUTH:        Then.NEXT,
    Kind.BILLING:     Then.NEXT,
    Kind.PERMISSION:  Then.NEXT,
    Kind.NOT_FOUND:   Then.STOP,
    Kind.TOO_LARGE:   Then.STOP,
    Kind.RATE:        Then.NEXT,
    Kind.OVERLOADED:  Then.NEXT,
    Kind.SERVER:      Then.NEXT,
    Kind.TIMEOUT:     Then.NEXT,
    Kind.CONNECT:     Then.NEXT,
    Kind.RESET:       Then.NEXT,
    Kind.TRUNCATED:   Then.NEXT,
    Kind.MALFORMED:   Then.NEXT,
    Kind.EMPTY:       Then.NEXT,
    Kind.UNAVAILABLE: Then.STOP,
    Kind.GONE:        Then.STOP,
    Kind.INTERNAL:    Then.STOP,
}
# fmt: on
