"""One candidate of a chunk, made as the vendor would have written it.

Relays spell keys in snake case, leave roles out, send arguments as text, give two calls
one id. What bends a rule is written anew and counted; what cannot be put right, such as
a call without a name or with arguments that were cut, is a `DecodeError`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.ids import Ids
from cliproxy_core.base.jsonval import Json, JsonObject

from .arguments import parse_object
from .usage import REASONS

__all__ = [
    "Lane",
    "Open",
    "camel",
    "continues",
    "is_substance",
    "notes_of",
    "opened",
    "says",
]

# Whose keys are the caller's or the model's own.
_THEIRS: Final = frozenset({"args", "response", "partMetadata", "part_metadata"})

_SNAKE: Final = re.compile(r"(?<=[a-z0-9])_([a-z])")
_SNAKY: Final = re.compile(r"[a-z][a-zA-Z0-9]*(?:_[a-z][a-zA-Z0-9]*)+")

# RFC 4648, either alphabet. SDKs break off at a proof that is not base64.
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")

# Finish words of other APIs, as relays leave them.
_FOREIGN: Final[Mapping[str, str]] = {
    "LENGTH": "MAX_TOKENS",
    "TOOL_CALLS": "STOP",
    "TOOL_USE": "STOP",
    "FUNCTION_CALL": "STOP",
    "END_TURN": "STOP",
    "STOP_SEQUENCE": "STOP",
    "CONTENT_FILTER": "SAFETY",
    "REFUSAL": "SAFETY",
}
_UNSAID: Final = frozenset({"", "FINISH_REASON_UNSPECIFIED"})

_AROUND: Final = frozenset({"content", "index", "finishReason"})

Open = tuple[Json, Json]
"""Name and id of a call whose arguments go on."""


def camel(value: Json) -> Json:
    """The same with keys in camel case; the very same if they are."""
    if isinstance(value, list):
        items = [camel(item) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else items
    if not isinstance(value, dict):
        return value
    fixed = {
        _camel_key(key): item if key in _THEIRS else camel(item)
        for key, item in value.items()
    }
    same = fixed.keys() == value.keys()
    return value if same and all(fixed[k] is value[k] for k in value) else fixed


def _camel_key(key: str) -> str:
    if "_" not in key or not _SNAKY.fullmatch(key):
        return key
    return _SNAKE.sub(lambda match: match[1].upper(), key)


def continues(known: Open | None, call: JsonObject) -> bool:
    """Whether a call is more of the one whose arguments go on."""
    if known is None:
        return False
    name, ident = known
    if not call.get("name"):
        return True
    return call.get("name") == name and ident is not None and call.get("id") == ident


def opened(known: Open | None, call: JsonObject) -> Open | None:
    """The call whose arguments go on after this one."""
    if call.get("willContinue") is not True:
        return None
    if known is not None and continues(known, call):
        return known
    return call.get("name"), call.get("id")


def is_substance(part: Json) -> bool:
    """Whether a part says anything."""
    if not isinstance(part, dict):
        return False
    return "text" not in part or bool(part["text"]) or "thoughtSignature" in part


def says(candidate: JsonObject) -> bool:
    """Whether any part of a candidate says anything."""
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    return isinstance(parts, list) and any(is_substance(part) for part in parts)


@attrs.define(eq=False)
class Lane:
    """One candidate over all its chunks."""

    number: int
    ids: Ids
    repairs: Counter[str]
    said: bool = attrs.field(default=False, init=False)
    """Whether anything was said."""
    word: str | None = attrs.field(default=None, init=False)
    """Why it finished, once it did."""
    _calls: set[str] = attrs.field(factory=set, init=False)
    _open: Open | None = attrs.field(default=None, init=False)
    _bent: bool = attrs.field(default=False, init=False)

    def mend(self, candidate: JsonObject) -> JsonObject:
        """The candidate as it should be; the very same if it is."""
        self._bent = False
        fixed = candidate.copy()
        index = candidate.get("index")
        told = 0 if index is None else index
        if type(told) is not int or told != self.number:
            self._mend("index_fixed")
            fixed["index"] = self.number
        self._finish(fixed)
        content = candidate.get("content")
        if content is not None:
            if not isinstance(content, dict):
                raise DecodeError(".content", "expected an object")
            fixed["content"] = self._content(content)
        if fixed.get("finishReason") is not None and self.word is None:
            self._fill(fixed)
        self.said = self.said or says(fixed)
        return fixed if self._bent else candidate

    def note_finish(self, word: str) -> str:
        """The word that counts: the first, unless a later one says that it was cut."""
        if self.word is not None:
            self._mend("finish_repeated")
        if self.word in (None, "STOP"):
            self.word = word
        return self.word or word

    def _mend(self, repair: str) -> None:
        self.repairs[repair] += 1
        self._bent = True

    def _finish(self, fixed: JsonObject) -> None:
        if "finishReason" not in fixed:
            return
        word = fixed["finishReason"]
        if word is None or (isinstance(word, str) and word in _UNSAID):
            if word is not None:
                self._mend("finish_empty")
                del fixed["finishReason"]
            return
        if not isinstance(word, str):
            raise DecodeError(".finishReason", "expected a string")
        upper = word.upper()
        legal = upper if upper in REASONS else _FOREIGN.get(upper, word)
        if legal != word:
            self._mend("finish_word")
            fixed["finishReason"] = legal

    def _fill(self, fixed: JsonObject) -> None:
        """Chats forget a turn of which any chunk, thus also the last, has no parts."""
        content = fixed.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        if not parts and self.said:
            self._mend("parts_missing")
            fixed["content"] = {"role": "model", "parts": [{"text": ""}]}

    def _content(self, content: JsonObject) -> JsonObject:
        fixed = content.copy()
        parts = content.get("parts")
        if isinstance(parts, dict | str):
            self._mend("parts_not_list")
            parts = [parts]
        if parts is not None:
            if not isinstance(parts, list):
                raise DecodeError(".content.parts", "expected an array")
            mended = [self._part(part) for part in parts]
            fixed["parts"] = [part for part in mended if part is not None]
        if content.get("role") != "model" and content:
            self._mend("role_fixed")
            fixed["role"] = "model"
        return fixed if self._bent else content

    def _part(self, part: Json) -> JsonObject | None:
        if isinstance(part, str):
            self._mend("part_not_object")
            return {"text": part}
        if not isinstance(part, dict):
            raise DecodeError(".content.parts", "expected an object")
        fixed = part.copy()
        self._words(fixed)
        proof = fixed.get("thoughtSignature")
        if "thoughtSignature" in fixed and not _is_proof(proof):
            self._mend("signature_odd")
            del fixed["thoughtSignature"]
        if fixed.keys() <= {"thought", "thoughtSignature"}:
            if "thoughtSignature" not in fixed:
                self._mend("part_empty")
                return None
            self._mend("text_missing")
            fixed["text"] = ""
        if "functionCall" in fixed:
            fixed["functionCall"] = self._call(fixed["functionCall"])
        return fixed

    def _words(self, fixed: JsonObject) -> None:
        for key in [key for key, value in fixed.items() if value is None]:
            self._mend("part_null")
            del fixed[key]
        if not isinstance(fixed.get("text", ""), str):
            raise DecodeError(".content.parts.text", "expected a string")
        if not isinstance(fixed.get("thought", True), bool):
            self._mend("thought_odd")
            fixed["thought"] = bool(fixed["thought"])

    def _call(self, call: Json) -> JsonObject:
        path = ".content.parts.functionCall"
        if not isinstance(call, dict):
            raise DecodeError(path, "expected an object")
        fixed = call.copy()
        args = call.get("args")
        if isinstance(args, str):
            self._mend("args_text")
            fixed["args"] = args = parse_object(args or "{}")
            if args is None:
                raise DecodeError(f"{path}.args", "not an object, or cut")
        if args is not None and not isinstance(args, dict):
            raise DecodeError(f"{path}.args", "expected an object")
        if "id" in call and (not isinstance(call["id"], str) or not call["id"]):
            self._mend("id_odd")
            del fixed["id"]
        if not continues(self._open, fixed):
            name = fixed.get("name")
            if not isinstance(name, str) or not name:
                raise DecodeError(f"{path}.name", "required")
            self._name(fixed)
        self._open = opened(self._open, fixed)
        return fixed

    def _name(self, call: JsonObject) -> None:
        """Answers find their call by its id, so no two have the same."""
        ident = call.get("id")
        if isinstance(ident, str):
            if ident in self._calls:
                self._mend("id_repeated")
                # A decoder names calls without ids; it and this one may draw in any
                # order.
                call["id"] = ident = self.ids("call_again_")
            self._calls.add(ident)


def _is_proof(proof: Json) -> bool:
    return isinstance(proof, str) and _BASE64.fullmatch(proof) is not None


def notes_of(candidate: JsonObject) -> JsonObject:
    """What a candidate has beside its words and its end."""
    return {key: value for key, value in candidate.items() if key not in _AROUND}
