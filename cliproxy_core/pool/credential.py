"""A credential: an address, a key, and the models that it serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    NO_KEY,
    ClaudeKey,
    Config,
    ModelName,
    OpenAICompat,
)
from cliproxy_core.providers import PROFILES, Profile
from cliproxy_core.wire.url import Origin, split

__all__ = ["EXACT", "FAMILY", "REST", "Credential", "credentials_of"]

# How well a credential serves a model; better ones are asked first and alone.
EXACT: Final = 0
FAMILY: Final = 1
REST: Final = 2


@attrs.frozen(kw_only=True)
class Credential:
    """What an attempt needs to speak to an upstream."""

    id: str
    """Names it in logs; never the key."""
    profile: Profile = attrs.field(repr=False)
    origin: Origin
    path: str
    """The base URL's own path, without a slash at its end."""
    key: Secret
    headers: tuple[tuple[str, Secret], ...] = ()
    models: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """Name for callers -> the upstream's name."""
    family: str | None = None
    """Without `models`: the beginning of the names it serves; empty: all."""
    prefix: str = ""

    def serves(self, asked: str) -> tuple[int, str] | None:
        """How well it serves a model and what the upstream calls it, if it does."""
        head, slash, rest = asked.partition("/")
        if self.prefix and slash and head == self.prefix:
            name = rest
        elif self.prefix and not self.models:
            return None  # a catch-all behind a prefix is reached by the prefix only
        else:
            name = asked
        if name in self.models:
            return EXACT, self.models[name]
        if self.family is None or not name.startswith(self.family):
            return None
        return (FAMILY if self.family or self.prefix else REST), name

    def public_models(self) -> list[str]:
        """The names by which callers can ask for its models."""
        lead = f"{self.prefix}/" if self.prefix else ""
        return [lead + name for name in self.models]


def credentials_of(config: Config) -> tuple[Credential, ...]:
    """Every credential that a configuration describes, in its order."""
    numbers: Counter[str] = Counter()

    def named(name: str) -> str:
        """Entries may share a name; credentials may not: they are tried by id."""
        numbers[name] += 1
        return f"{name}#{numbers[name]}"

    out: list[Credential] = []
    for compat in config.openai_compatibility:
        if not compat.disabled:
            keys = [entry.api_key for entry in compat.api_key_entries] or [NO_KEY]
            out += [_of_compat(compat, key, named(compat.name)) for key in keys]
    out += [_of_claude(entry, named("claude")) for entry in config.claude_api_key]
    return tuple(out)


def _of_compat(compat: OpenAICompat, key: Secret, name: str) -> Credential:
    origin, path = split(compat.base_url)
    return Credential(
        id=name,
        profile=PROFILES["openai_compat"],
        origin=origin,
        path=path,
        key=key,
        headers=tuple(compat.headers.items()),
        models=_names(compat.models),
        family=None if compat.models else "",
        prefix=compat.prefix,
    )


def _of_claude(entry: ClaudeKey, name: str) -> Credential:
    origin, path = split(entry.base_url)
    return Credential(
        id=name,
        profile=PROFILES["claude"],
        origin=origin,
        path=path,
        key=entry.api_key,
        headers=tuple(entry.headers.items()),
        models=_names(entry.models),
        family=None if entry.models else _claude_family(entry.prefix),
        prefix=entry.prefix,
    )


def _claude_family(prefix: str) -> str:
    """Behind a prefix everything is meant for it; otherwise the vendor's names."""
    return "" if prefix else "claude"


def _names(models: tuple[ModelName, ...]) -> dict[str, str]:
    return {model.alias or model.name: model.name for model in models}
