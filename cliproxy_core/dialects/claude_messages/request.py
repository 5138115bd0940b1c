"""A request of this API, read into the neutral form.

What the neutral form has no word for stays in `extras` at its own level and comes back
when the request is emitted into this dialect again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    Json,
    JsonObject,
    as_array,
    as_object,
    as_str,
    each,
    kind_of,
    need,
    need_str,
    opt_array,
    opt_bool,
    opt_int,
    opt_number,
    opt_object,
    opt_str,
    parse_each,
)
from cliproxy_core.ir.request import (
    Choice,
    Extras,
    Message,
    NativePart,
    NativeTool,
    Part,
    Request,
    Role,
    Sampling,
    Text,
    Tool,
)

from .grammar import NAME
from .request_blocks import Loose, bound, parse_block
from .rest import NO_REST, Rest, extras_of, rest_of
from .thinking import OLD_FORMAT, parse_thinking
from .tools import parse_choice, parse_tool

__all__ = ["parse_request"]

_ROLES: Final[Mapping[str, Role]] = {
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
    "system": Role.SYSTEM,
}

_MESSAGE: Final = frozenset({"role", "content"})
_BARE: Final = len(_MESSAGE)

_KNOWN: Final = frozenset(
    {
        "model",
        "messages",
        "system",
        "stream",
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "tools",
        "tool_choice",
        "thinking",
        "output_config",
        OLD_FORMAT,
        "metadata",
        "service_tier",
        "speed",
    }
)

# Known members that say nothing when they are empty.
_EMPTY: Final[Mapping[str, tuple[Json, ...]]] = {
    "system": ("", []),
    "tools": ([],),
    "stop_sequences": ([],),
    "stream": (False,),
}

# What Claude Code says about itself in the first block of its system text, anew for
# each request: no instruction, and the end of any other vendor's prompt cache.
_ATTRIBUTION: Final = "x-anthropic-billing-header:"

# facts/02, section 3.8: `speed` is what others call priority.
FAST: Final = "fast"
_TIERS: Final[Mapping[str, str]] = {
    "auto": "auto",
    "standard_only": "default",
    FAST: "priority",
}

SYSTEM: Final = ".system"
"""Where the text before the turns stands."""


def parse_request(payload: JsonObject) -> Request:
    """Read a request. Raises `DecodeError` with the path of the fault."""
    rest = rest_of(payload, _KNOWN)
    for key, empty in _EMPTY.items():
        if key in payload and payload[key] in empty:
            rest.hush(key, payload[key])
    declared = opt_array(payload, "tools", "")
    tools = tuple(parse_each(declared, ".tools", parse_tool)) if declared else ()
    choice, parallel = _choice(payload, tools, rest)
    reasoning, answer = parse_thinking(payload, rest)
    messages = as_array(need(payload, "messages", ""), ".messages")
    return Request(
        model=need_str(payload, "model", ""),
        messages=tuple(_messages(messages, _system(payload))),
        stream=opt_bool(payload, "stream", "") or False,
        tools=tools,
        choice=choice,
        parallel_tools=parallel,
        sampling=_sampling(payload),
        reasoning=reasoning,
        format=answer,
        user=_user(payload, rest),
        tier=_tier(payload, rest),
        stored=_stored(payload),
        extras=rest.extras,
    )


# Messages.


def _system(payload: JsonObject) -> list[Message]:
    """The text before the turns, as one message."""
    system = payload.get("system")
    if not system and isinstance(system, str | list | None):
        return []
    try:
        return [_content(Role.SYSTEM, system, SYSTEM, NO_REST)]
    except DecodeError as error:
        raise error.under(SYSTEM) from None


def _messages(values: list[Json], found: list[Message]) -> list[Message]:
    """The turns, after what was found before them."""
    path = ""
    try:
        for number, value in enumerate(values):
            path = f".messages[{number}]"
            found.append(_message(as_object(value, ""), path))
    except DecodeError as error:
        raise error.under(path) from None
    return found


def _message(message: JsonObject, path: str) -> Message:
    word = message.get("role")
    role = _ROLES.get(word) if isinstance(word, str) else None
    if role is None:
        need_str(message, "role", "")
        raise DecodeError(".role", "expected user, assistant or system")
    content = need(message, "content", "")
    extras = NO_REST if len(message) == _BARE else extras_of(message, _MESSAGE)
    try:
        return _content(role, content, path, extras)
    except DecodeError as error:
        raise error.under(".content") from None


def _content(role: Role, content: Json, path: str, extras: Extras) -> Message:
    """One message, its content a string or blocks."""
    if isinstance(content, str):
        said = (Text(content, None, NO_REST),)
        return Message(role=role, parts=said, path=path, extras=extras)
    if not isinstance(content, list):
        got = kind_of(content)
        raise DecodeError("", f"expected a string or an array, got {got}")
    read = _system_block if path == SYSTEM else parse_block
    parts = bound(parse_each(content, "", read))
    return Message(role=role, parts=parts, plain=False, path=path, extras=extras)


def _system_block(block: JsonObject) -> Part | Loose:
    text = block.get("text")
    if isinstance(text, str) and text.startswith(_ATTRIBUTION):
        return NativePart(NAME, block)
    return parse_block(block)


# Settings.


def _choice(
    payload: JsonObject, tools: tuple[Tool | NativeTool, ...], rest: Rest
) -> tuple[Choice | None, bool | None]:
    choice = opt_object(payload, "tool_choice", "")
    return (None, None) if choice is None else parse_choice(choice, tools, rest)


def _sampling(payload: JsonObject) -> Sampling:
    stop = opt_array(payload, "stop_sequences", "")
    return Sampling(
        max_output=opt_int(payload, "max_tokens", ""),
        temperature=opt_number(payload, "temperature", ""),
        top_p=opt_number(payload, "top_p", ""),
        top_k=opt_int(payload, "top_k", ""),
        stop=_stop(stop) if stop else (),
    )


def _stop(values: list[Json]) -> tuple[str, ...]:
    return tuple(as_str(text, path) for text, path in each(values, ".stop_sequences"))


def _user(payload: JsonObject, rest: Rest) -> str | None:
    metadata = opt_object(payload, "metadata", "")
    if metadata is None:
        return None
    rest.keep("metadata", metadata, frozenset({"user_id"}))
    return opt_str(metadata, "user_id", ".metadata")


def _tier(payload: JsonObject, rest: Rest) -> str | None:
    """How urgent it is. What is not the API's own word for that waits for its own."""
    speed, word = payload.get("speed"), payload.get("service_tier")
    tier = _TIERS[FAST] if speed == FAST else None
    if speed == "standard":
        rest.hush("speed", speed)
    elif speed not in (None, FAST):
        rest.fields["speed"] = speed
    if word in (FAST, "priority"):  # no word of the API, but of many of its callers
        rest.hush("service_tier", word)
        if tier is not None:
            rest.hush("speed", speed)
        return _TIERS[FAST]
    if tier is None and isinstance(word, str) and word in _TIERS:
        return _TIERS[word]
    if word is not None:
        rest.fields["service_tier"] = word
    return tier


def _stored(payload: JsonObject) -> tuple[str, ...]:
    """A thread that goes on is kept by the vendor, and is not in this request.

    A new one is only asked for. A container or an earlier message's id is about more
    than the conversation, which is whole without it.
    """
    thread = opt_object(payload, "thread", "")
    goes_on = thread is not None and thread.get("type") != "create"
    return (".thread",) if goes_on else ()
