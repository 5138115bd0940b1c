"""The decorator for values that are made once per token.

`attrs.frozen` guards every assignment at run time, which makes creation about
three times as dear (0.40 against 0.15 microseconds for three fields on CPython
3.11). Values on the hot path are therefore frozen for the type checker only; at
run time they are plain slotted classes with the same equality and repr. Nothing
may assign to one after it was made: mypy says so, and so does a review.

Equality, hash and repr are the same three functions for all of them. attrs would
compile them for each class, which takes two thirds of the time to import one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from attrs import frozen as value
else:

    def value(cls=None, *, kw_only=False):
        """Make a class of values; `kw_only` as attrs has it."""
        if cls is None:
            return lambda decorated: value(decorated, kw_only=kw_only)
        cls.__eq__, cls.__hash__, cls.__repr__ = _equals, _hash, _repr
        return attrs.define(cls, kw_only=kw_only, getstate_setstate=False)

    def _equals(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return _compared(self) == _compared(other)

    def _hash(self):
        return hash((self.__class__, *_compared(self)))

    def _compared(self):
        fields = self.__attrs_attrs__
        return [getattr(self, field.name) for field in fields if field.eq]

    def _repr(self):
        fields = [field.name for field in self.__attrs_attrs__ if field.repr]
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in fields)
        return f"{self.__class__.__qualname__}({told})"


__all__ = ["value"]
