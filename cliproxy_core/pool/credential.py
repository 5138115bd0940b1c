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
    CodexKey,
    Config,
    GeminiKey,
    ModelName,
    OpenAICompat,
)
from cliproxy_core.providers import PROFILES, Profile
from cliproxy_core.wire.url import Origin, split

__all__ = ["EXACT", "FAMILY", "REST", "Credential", "credentials_of"]

# How the names of a vendor's models begin, for keys that list none (vendors' model
# pages, 2026-11). Google writes its own with `models/` in front.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "claude": ("claude",),
    "gemini": ("gemini", "gemma", "models/gemini", "models/gemma"),
    "codex": ("gpt-", "chatgpt-", "codex-", "o1", "o3", "o4"),
}

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
    family: str | tuple[str, ...] | None = None
    """Without `models`: how the names it serves begin; empty text: all of them."""
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
    for profile, entries in (
        ("claude", config.claude_api_key),
        ("gemini", config.gemini_api_key),
        ("codex", config.codex_api_key),
    ):
        out += [_of_key(entry, profile, named(profile)) for entry in entries]
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


def _of_key(
    entry: ClaudeKey | GeminiKey | CodexKey, profile: str, name: str
) -> Credential:
    origin, path = split(entry.base_url)
    # Behind a prefix everything is meant for it; otherwise the vendor's names.
    family = "" if entry.prefix else FAMILIES[profile]
    return Credential(
        id=name,
        profile=PROFILES[profile],
        origin=origin,
        path=path,
        key=entry.api_key,
        headers=tuple(entry.headers.items()),
        models=_names(entry.models),
        family=None if entry.models else family,
        prefix=entry.prefix,
    )


def _names(models: tuple[ModelName, ...]) -> dict[str, str]:
    return {model.alias or model.name: model.name for model in models}
