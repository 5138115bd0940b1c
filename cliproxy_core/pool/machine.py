"""The pool: grants credentials to requests and remembers who holds what.

Leases are owned by request, from the moment of granting, so that one whose request
died before it read the grant is given back like any other (`Withdraw`, idempotent).
Among the credentials that serve a model best, and that a request has not tried, the
next in turn is granted.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from cliproxy_core.base.value import value
from cliproxy_core.ir.failure import Failure, Kind

from .credential import Credential

__all__ = [
    "Acquire",
    "Effect",
    "Granted",
    "Input",
    "Pool",
    "Refused",
    "Return",
    "Withdraw",
]


@value
class Acquire:
    """A request wants a credential for a model, but not one it has tried."""

    request: str
    model: str = attrs.field(repr=False)
    tried: frozenset[str] = frozenset()


@value
class Return:
    """A request has done with the credential it held."""

    request: str


@value
class Withdraw:
    """A request ended: whatever it holds is given back. Any number of times."""

    request: str


@value
class Granted:
    """A request holds a credential, under the upstream's name of the model."""

    request: str
    credential: Credential
    model: str


@value
class Refused:
    """No credential is left for a request."""

    request: str
    failure: Failure


Input: TypeAlias = Acquire | Return | Withdraw
Effect: TypeAlias = Granted | Refused


@attrs.define
class Pool:
    """All credentials, and which request holds which."""

    credentials: tuple[Credential, ...]
    held: dict[str, Credential] = attrs.field(factory=dict, init=False)
    """Leases by request. As many as there are requests under way."""
    _turns: dict[tuple[str, ...], int] = attrs.field(factory=dict, init=False)
    """For each set of equals the next to go. Sets come from the configuration."""

    def handle(self, event: Input) -> list[Effect]:
        match event:
            case Acquire():
                return [self._grant(event)]
            case Return(request) | Withdraw(request):
                self.held.pop(request, None)
                return []

    def models(self) -> list[str]:
        """Every name that callers can ask for, in order of configuration."""
        names = (n for c in self.credentials for n in c.public_models())
        return list(dict.fromkeys(names))

    def _grant(self, ask: Acquire) -> Effect:
        served = [(c, s) for c in self.credentials if (s := c.serves(ask.model))]
        if not served:
            return Refused(ask.request, unknown_model(ask.model))
        best = min(rank for _, (rank, _) in served)
        equals = [(c, name) for c, (rank, name) in served if rank == best]
        fresh = [pair for pair in equals if pair[0].id not in ask.tried]
        if not fresh:
            return Refused(ask.request, nobody_left())
        if len(equals) == 1:
            credential, name = equals[0]
        else:
            credential, name = self._next(equals, fresh)
        self.held[ask.request] = credential
        return Granted(ask.request, credential, name)

    def _next(
        self, equals: list[tuple[Credential, str]], fresh: list[tuple[Credential, str]]
    ) -> tuple[Credential, str]:
        """Take turns, passing over those that were tried."""
        group = tuple(credential.id for credential, _ in equals)
        turn = self._turns.get(group, 0)
        in_turn = equals[turn:] + equals[:turn]
        chosen = next(pair for pair in in_turn if pair in fresh)
        self._turns[group] = (equals.index(chosen) + 1) % len(equals)
        return chosen


def unknown_model(model: str) -> Failure:
    """400 rather than 404 keeps it apart from a missing route (facts/04, 7.5)."""
    return Failure(
        kind=Kind.REQUEST,
        status=400,
        message=f"unknown provider for model {model}",
        type="invalid_request_error",
        code="model_not_found",
        param="model",
    )


def nobody_left() -> Failure:
    return Failure(
        kind=Kind.UNAVAILABLE,
        status=503,
        message="no credential is left for this model",
        code="auth_unavailable",
    )
