"""The rules of each setting, as hooks of cattrs, and its errors as paths.

A plain tree goes in; what comes out is typed and checked, and nobody checks again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol, TypeAlias, TypeVar, cast

import attrs
from cattrs import Converter
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.errors import ClassValidationError, IterableValidationError
from cattrs.gen import make_dict_structure_fn, override

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    CompatKey,
    Config,
    GeminiKey,
    ModelName,
    OpenAICompat,
    Streaming,
    Timeouts,
)
from cliproxy_core.wire import url

__all__ = ["Path", "WrongError", "faults", "key_of", "structure"]

Path: TypeAlias = "tuple[str | int, ...]"
T = TypeVar("T")
Hook: TypeAlias = Callable[[object, object], object]

# The keys of CLIProxyAPI's example file: whoever starts with them has no keys at all.
_SAMPLE_KEY = re.compile(r"your-api-key(-\d+)?")

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_KEY = re.compile(r"[ -~]*")  # it travels in a header field
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # section 5.5

NOT_A_KEY: Final = "not a key: only printable ASCII can be sent"


class WrongError(Exception):
    """A value that does not fit its place; several places when it is a list."""

    def __init__(self, text: str, path: Path = ()) -> None:
        super().__init__(text)
        self.found: list[tuple[Path, str]] = [(path, text)]


def key_of(name: str) -> str:
    """The key in the file for the name of a field."""
    return name.replace("_", "-")


def structure(tree: object, shape: type[T]) -> T:
    """Raises groups of exceptions; `faults` takes them apart."""
    return _CONVERTER.structure(tree, shape)


def faults(error: BaseException, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every single thing that is wrong, with its path."""
    if isinstance(error, ClassValidationError):
        named, rest = error.group_exceptions()
        for inner, note in named:
            yield from faults(inner, (*path, key_of(note.name)))
        for inner in rest:
            yield from faults(inner, path)
    elif isinstance(error, IterableValidationError):
        for inner, index in error.group_exceptions()[0]:
            yield from faults(inner, (*path, index.index))
    elif isinstance(error, WrongError):
        for below, text in error.found:
            yield (*path, *below), text
    elif isinstance(error, KeyError):
        yield path, "required"
    else:
        yield path, "cannot be read"


def _kind(value: object) -> str:
    """What a person would call the type of a YAML value."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, int | float):
        return "a number"
    return "keys and values" if isinstance(value, Mapping) else "a list"


# Types.


def _str(value: object, _: object) -> str:
    if isinstance(value, str):
        return value
    hint = " (put it in quotes)" if isinstance(value, int | float) else ""
    raise WrongError(f"expected a string, got {_kind(value)}{hint}")


def _int(value: object, _: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise WrongError(f"expected a whole number, got {_kind(value)}")


def _float(value: object, _: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise WrongError(f"expected a number, got {_kind(value)}")


def _bool(value: object, _: object) -> bool:
    if isinstance(value, bool):
        return value
    raise WrongError(f"expected true or false, got {_kind(value)}")


def _secret(value: object, _: object) -> Secret:
    key = _str(value, _).strip()
    if not _KEY.fullmatch(key):
        raise WrongError(NOT_A_KEY)
    return Secret(key)


# Settings with a rule beyond their type.


def _required(value: object, _: object) -> str:
    text = _str(value, _).strip()
    if not text:
        raise WrongError("required")
    return text


def _required_secret(value: object, _: object) -> Secret:
    return _secret(_required(value, _), _)


def _port(value: object, _: object) -> int:
    port = _int(value, _)
    if not 0 <= port <= 65535:
        raise WrongError("expected a port from 0 (any) to 65535")
    return port


def _positive(value: object, _: object) -> float:
    number = _float(value, _)
    if not 0 < number < float("inf"):
        raise WrongError("expected a number above 0")
    return number


def _positive_int(value: object, _: object) -> int:
    number = _int(value, _)
    if number <= 0:
        raise WrongError("expected a number above 0")
    return number


def _keepalive(value: object, _: object) -> float:
    """CLIProxyAPI takes anything up to 0 as: never."""
    number = _float(value, _)
    if not number < float("inf"):
        raise WrongError("expected a number of seconds")
    return max(number, 0.0)


def _base_url(value: object, _: object) -> str:
    text = _required(value, _).rstrip("/")
    try:
        url.split(text)
    except DecodeError as error:
        raise WrongError(error.reason) from None
    return text


def _prefix(value: object, _: object) -> str:
    text = _str(value, _).strip().strip("/")
    if "/" in text:
        raise WrongError("a prefix has no slash inside")
    return text


def _headers(value: object, _: object) -> Mapping[str, Secret]:
    if not isinstance(value, dict):
        raise WrongError(f"expected keys and values, got {_kind(value)}")
    out: dict[str, Secret] = {}
    wrong: list[tuple[Path, str]] = []
    for name, field in value.items():
        if not isinstance(field, str):
            wrong.append(((name,), f"expected a string, got {_kind(field)}"))
        elif not _TOKEN.fullmatch(name) or not _FIELD_VALUE.fullmatch(field):
            wrong.append(((name,), "not a header: a character that HTTP forbids"))
        else:
            out[name] = Secret(field)
    return _unless(wrong, out)


def _api_keys(value: object, _: object) -> tuple[Secret, ...]:
    if not isinstance(value, list):
        raise WrongError(f"expected a list, got {_kind(value)}")
    out: dict[str, Secret] = {}
    wrong: list[tuple[Path, str]] = []
    for i, item in enumerate(value):
        if not isinstance(item, str):
            hint = " (put it in quotes)" if isinstance(item, int | float) else ""
            wrong.append(((i,), f"expected a string, got {_kind(item)}{hint}"))
        elif _SAMPLE_KEY.fullmatch(item.strip()):
            wrong.append(((i,), "a sample key that everybody knows; make your own"))
        elif not _KEY.fullmatch(item.strip()):
            wrong.append(((i,), NOT_A_KEY))
        elif item.strip():
            out[item.strip()] = Secret(item.strip())
    return _unless(wrong, tuple(out.values()))


def _unless(wrong: list[tuple[Path, str]], value: T) -> T:
    if wrong:
        error = WrongError("")
        error.found = wrong
        raise error
    return value


# What is the same for every kind of key.
_KEY_RULES: Final[tuple[tuple[str, Hook], ...]] = (
    ("api_key", _required_secret),
    ("base_url", _base_url),
    ("headers", _headers),
    ("prefix", _prefix),
)

RULES: Final[Mapping[tuple[type, str], Hook]] = {
    (Config, "port"): _port,
    (Config, "api_keys"): _api_keys,
    (Config, "max_body_bytes"): _positive_int,
    (Streaming, "keepalive_seconds"): _keepalive,
    (ModelName, "name"): _required,
    (OpenAICompat, "name"): _required,
    (OpenAICompat, "base_url"): _base_url,
    (OpenAICompat, "headers"): _headers,
    (OpenAICompat, "prefix"): _prefix,
    **{
        (shape, name): rule
        for shape in (ClaudeKey, GeminiKey, CodexKey)
        for name, rule in _KEY_RULES
    },
    **{(Timeouts, field.name): _positive for field in attrs.fields(Timeouts)},
}

# Innermost first: a class is structured with the hooks of those inside it.
SHAPES: Final = (
    Timeouts, Streaming, ModelName, CompatKey, OpenAICompat, ClaudeKey, GeminiKey,
    CodexKey, Config,
)  # fmt: skip

# Vendors with one address: an empty one is theirs.
_HAVE_ADDRESS: Final = (ClaudeKey, GeminiKey)


class _Maker(Protocol):
    """What cattrs' function is to us: its keywords are options and fields alike."""

    def __call__(
        self, shape: type, converter: Converter, /, **overrides: object
    ) -> Hook: ...


def _class_hook(shape: type, converter: Converter) -> Hook:
    overrides = {
        field.name: override(
            rename=key_of(field.name), struct_hook=RULES.get((shape, field.name))
        )
        for field in attrs.fields(shape)
    }
    build = cast("_Maker", make_dict_structure_fn)(shape, converter, **overrides)

    def hook(value: object, target: object) -> object:
        if not isinstance(value, dict):
            raise WrongError(f"expected keys and values, got {_kind(value)}")
        # A key without a value is a key that is not there, as in CLIProxyAPI.
        given = {key: inner for key, inner in value.items() if inner is not None}
        if shape in _HAVE_ADDRESS and given.get("base-url") == "":
            del given["base-url"]
        return build(given, target)

    return hook


def _tuple_hook(shape: type, converter: Converter) -> Hook:
    build = homogenous_tuple_structure_factory(shape, converter)

    def hook(value: object, target: object) -> object:
        if not isinstance(value, list):
            raise WrongError(f"expected a list, got {_kind(value)}")
        return build(value, target)

    return hook


def _converter() -> Converter:
    converter = Converter(detailed_validation=True)
    for kind, hook in ((str, _str), (int, _int), (float, _float), (bool, _bool)):
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook(Secret, _secret)
    converter.register_structure_hook_factory(
        lambda shape: getattr(shape, "__origin__", None) is tuple,
        lambda shape: _tuple_hook(shape, converter),
    )
    for shape in SHAPES:
        converter.register_structure_hook(shape, _class_hook(shape, converter))
    return converter


_CONVERTER: Final = _converter()
