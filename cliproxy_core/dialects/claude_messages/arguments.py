"""Arguments of calls: objects on this wire, text in the neutral form.

In a stream an object grows letter by letter, and readers parse it at every step: the
vendor's SDK raises, and loses the message, when what came so far is not the beginning
of a JSON object. So only what is one goes out, as it came and when it came:

    a tool that takes free text    {"input": "<the text>"}, while it grows
    never the beginning of one     {"input": "<the text>"}, when it is known whole
    ceases to be one on the way    ends before that, and the call counts as cut
    nothing, blanks, or null       {}

The same rules make the object of a complete answer, where a call that was cut has none.
"""

from __future__ import annotations

import re
from math import isinf
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import JsonObject, dumps, loads_exact
from cliproxy_core.ir.request import ToolKind

__all__ = ["Arguments", "inside_string", "settled"]

# The vendor's SDK refuses more than 200 levels.
MAX_DEPTH: Final = 190

# The vendor's SDK refuses integers of more than 4,300 digits (as Python's `int` does).
MAX_DIGITS: Final = 4000

inside_string: Final = re.compile(r'(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt])*+').fullmatch
"""More of a string that goes on after it."""

_STRING: Final = re.compile(r'[^"\\\x00-\x1f]*+')
_BLANK: Final = re.compile(r"[ \t\r\n]*+")
_ATOM: Final = re.compile(r"[-+.\w]*+", re.ASCII)

# What numbers and words are, and what may yet become one.
_WHOLE_ATOM: Final = re.compile(
    r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
)
_PART_ATOM: Final = re.compile(
    r"t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?"
    r"|-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)?"
    r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[eE][-+]?[0-9]*"
)
_ESCAPES: Final = frozenset('"\\/bfnrt')
_HEX: Final = re.compile(r"[0-9a-fA-F]{4}")
_PART_HEX: Final = re.compile(r"[0-9a-fA-F]{0,3}")

# What is expected next.
_START, _KEY1, _KEY, _COLON, _VALUE, _VALUE1, _AFTER, _IN_KEY, _IN_STRING, _END = range(
    10
)
_IN: Final = (_IN_KEY, _IN_STRING)


class _Bad(Exception):  # noqa: N818 - never leaves this module
    """The text is not the beginning of an object."""


@attrs.define
class Arguments:
    """Transducer from pieces of text to pieces of one JSON object."""

    kind: ToolKind = ToolKind.FUNCTION
    cut: bool = attrs.field(default=False, init=False)
    """Whether what went out is less than an object; known at the end."""
    broken: bool = attrs.field(default=False, init=False)
    """Whether the text was not what it should be."""
    _state: int = attrs.field(default=_START, init=False)
    _stack: str = attrs.field(default="", init=False)
    _held: str = attrs.field(default="", init=False, repr=False)
    """What has not gone out yet: it might not be the beginning of anything."""
    _sent: bool = attrs.field(default=False, init=False)
    _at: int = attrs.field(default=0, init=False)

    @property
    def in_string(self) -> bool:
        """Whether a piece without a special letter may go out unseen."""
        return self._state in _IN and not self._held and not self.broken

    def feed(self, text: str) -> str:
        """More text; what may go out because of it."""
        if self.kind is ToolKind.CUSTOM:
            return self._grow_text(text)
        if self.broken:
            self._held += "" if self._sent else text
            return ""
        text = self._held + text
        self._at = 0
        try:
            self._scan(text)
        except _Bad:
            self.broken = True
        bare = self._state == _START or (self._state == _KEY1 and self._stack == "{")
        if bare and not self._sent:
            # Nothing yet that no other text begins with.
            self._state, self._stack, self._held = _START, "", text
            return ""
        self._sent, self._held = True, text[self._at :]
        return text[: self._at]

    def finish(self) -> str:
        """There is no more."""
        if self.kind is ToolKind.CUSTOM:
            return ("" if self._sent else self._grow_text("")) + '"}'
        held, self._held = self._held, ""
        if self._sent:
            self.cut = self.broken or self._state != _END
            return ""
        if held.strip() == "null":
            self.broken = False  # how some models say that there are none
            return ""
        if self.broken:
            return dumps({"input": held}).decode()
        self.cut = bool(held.strip())  # an object that had barely begun
        return ""

    def _grow_text(self, text: str) -> str:
        head = "" if self._sent else '{"input":"'
        self._sent = True
        return head + dumps(text).decode()[1:-1]

    # Reading. What is left when a step stops may be half an escape or half a number.

    def _scan(self, text: str) -> None:
        """Take what can be taken; raises `_Bad` at what cannot follow it."""
        end = len(text)
        while self._at < end:
            if self._state in _IN:
                self._string(text)
                if self._state in _IN:
                    return
                continue
            self._at = _BLANK.match(text, self._at).end()  # type: ignore[union-attr]
            if self._at == end:
                return
            at = self._token(text, self._at)
            if at == self._at:
                return
            self._at = at

    def _string(self, text: str) -> None:
        """The rest of a string, or as much of it as there is."""
        while True:
            self._at = _STRING.match(text, self._at).end()  # type: ignore[union-attr]
            sign = text[self._at : self._at + 1]
            if sign == '"':
                self._state = _COLON if self._state == _IN_KEY else self._after()
                self._at += 1
                return
            if not sign:
                return
            if sign != "\\":
                raise _Bad  # a control character
            at = _escape(text, self._at)
            if at == self._at:
                return
            self._at = at

    def _after(self) -> int:
        return _AFTER if self._stack else _END

    def _token(self, text: str, at: int) -> int:
        sign, state = text[at], self._state
        if state == _START:
            if sign != "{":
                raise _Bad
            return self._open(sign, at)
        if sign == '"' and state in (_KEY1, _KEY, _VALUE, _VALUE1):
            self._state = _IN_KEY if state in (_KEY1, _KEY) else _IN_STRING
            return at + 1
        if state == _COLON and sign == ":":
            self._state = _VALUE
            return at + 1
        if state == _AFTER and sign == ",":
            self._state = _KEY if self._stack[-1] == "{" else _VALUE
            return at + 1
        if sign in "}]" and state in (_AFTER, _KEY1, _VALUE1):
            if self._stack[-1] != ("{" if sign == "}" else "["):
                raise _Bad
            self._stack = self._stack[:-1]
            self._state = self._after()
            return at + 1
        if state not in (_VALUE, _VALUE1):
            raise _Bad
        return self._open(sign, at) if sign in "{[" else self._atom(text, at)

    def _open(self, sign: str, at: int) -> int:
        if len(self._stack) >= MAX_DEPTH:
            raise _Bad
        self._stack += sign
        self._state = _KEY1 if sign == "{" else _VALUE1
        return at + 1

    def _atom(self, text: str, at: int) -> int:
        """A number or a word. One at the end of the text may go on: it waits."""
        end = _ATOM.match(text, at).end()  # type: ignore[union-attr]
        atom = text[at:end]
        if len(atom) > MAX_DIGITS:
            raise _Bad
        if end == len(text):
            if _PART_ATOM.fullmatch(atom) or _WHOLE_ATOM.fullmatch(atom):
                return at
            raise _Bad
        if not _WHOLE_ATOM.fullmatch(atom):
            raise _Bad
        if atom[0] not in "tfn" and isinf(float(atom)):
            raise _Bad  # readers refuse it
        self._state = _AFTER
        return end


def _escape(text: str, at: int) -> int:
    """The end of an escape; its start if it is not all there yet.

    Half of a surrogate pair is no character, so both halves go out together.
    """
    rest = text[at + 1 : at + 2]
    if rest in _ESCAPES:
        return at + 2
    if rest == "":
        return at
    if rest != "u":
        raise _Bad
    unit = _unit(text, at)
    if unit is None:
        return at
    if 0xDC00 <= unit <= 0xDFFF:
        raise _Bad
    if not 0xD800 <= unit <= 0xDBFF:
        return at + 6
    second = at + 6
    if not "\\u".startswith(text[second : second + 2]):
        raise _Bad
    low = _unit(text, second)
    if low is None:
        return at
    if not 0xDC00 <= low <= 0xDFFF:
        raise _Bad
    return second + 6


def _unit(text: str, at: int) -> int | None:
    """The code unit of `\\uXXXX`; None while digits are missing."""
    digits = text[at + 2 : at + 6]
    if _HEX.fullmatch(digits):
        return int(digits, 16)
    if _PART_HEX.fullmatch(digits):
        return None
    raise _Bad


def settled(text: str, kind: ToolKind) -> tuple[JsonObject, Arguments]:
    """The object of a complete call, and what is to be known of it."""
    if kind is ToolKind.FUNCTION:
        try:
            value = loads_exact(text)
        except DecodeError:
            value = None
        if isinstance(value, dict):
            return value, _SOUND
    arguments = Arguments(kind)
    said = arguments.feed(text) + arguments.finish()
    value = {} if arguments.cut or not said else loads_exact(said)
    return value if isinstance(value, dict) else {}, arguments


_SOUND: Final = Arguments()
"""What is to be known of an object that is one."""
