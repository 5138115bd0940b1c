"""The three shapes of the core: function, transducer, machine.

A function has no memory. A transducer has memory but no clock and no effects; how
its input was cut never shows. A machine reacts to the world: one call takes one
input and returns everything that it caused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import attrs

from .clock import Mono, Now

__all__ = ["Machine", "Tick", "Transducer"]

In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)


@attrs.frozen
class Tick:
    """The deadline has passed."""


class Machine(Protocol[In_contra, Out_co]):
    """Reacts to the world; the driver performs what it returns, in order."""

    @property
    def deadline(self) -> Mono | None:
        """When a `Tick` is wanted at the latest. Cheap; read after every call."""

    @property
    def done(self) -> bool:
        """Whether no further input can matter."""

    def handle(self, event: In_contra, now: Now, /) -> Sequence[Out_co]:
        """Take one input; return all it causes, in order."""


class Transducer(Protocol[In_contra, Out_co]):
    """Turns one sequence into another, piece by piece."""

    def feed(self, item: In_contra, /) -> Sequence[Out_co]:
        """Take one item; return what it completes."""

    def finish(self) -> Sequence[Out_co]:
        """There is no more; return what is left."""
