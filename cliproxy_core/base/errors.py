"""The only two exceptions: our own bugs, and documents that mean nothing.

What a peer does wrong is never an exception but a value (`ir.failure.Failure`).
"""

from __future__ import annotations

__all__ = ["DecodeError", "LocalError"]


class LocalError(Exception):
    """We misused ourselves. Never caused by input."""


class DecodeError(Exception):
    """A document does not mean what its place demands.

    `path` says where (`.messages[3].content[0].type`), `reason` says why. Neither
    ever quotes a value: values may be secrets.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or 'the document'}: {reason}")
        self.path = path
        self.reason = reason

    def under(self, place: str) -> DecodeError:
        """The same complaint, seen from a document that holds this one at `place`.

        Whoever reads a list or a member puts its place in front when a complaint
        passes by, so that no path is spelled out while nothing is wrong.
        """
        return DecodeError(place + self.path, self.reason)
