"""Distinctive secrets, one for each way in, and a search for them.

A canary looks like no kind of key, so that only its value can give it away.
"""

from __future__ import annotations

import gc
import types
from collections.abc import Iterator
from typing import Any, Final

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CompatKey,
    Config,
    OpenAICompat,
)

__all__ = [
    "BODY",
    "CALLER_KEY",
    "HEADER",
    "SETTING",
    "UPSTREAM_KEY",
    "config",
    "told",
    "told_by_all",
    "unseen",
]

CALLER_KEY: Final = "canary-yellow-caller"
UPSTREAM_KEY: Final = "canary-yellow-upstream"
SETTING: Final = "canary-yellow-setting"
HEADER: Final = "canary-yellow-header"
BODY: Final = "canary-yellow-body"

MARK: Final = "canary-yellow"


def config(chat_url: str, claude_url: str, **settings: Any) -> Config:
    """A canary in every secret of the configuration."""
    headers = {"x-setting": Secret(SETTING)}
    return Config(
        api_keys=(Secret(CALLER_KEY),),
        openai_compatibility=(
            OpenAICompat(
                name="compat",
                base_url=f"{chat_url}/v1",
                api_key_entries=(CompatKey(api_key=Secret(UPSTREAM_KEY)),),
                headers=headers,
                prefix="chat",
            ),
        ),
        claude_api_key=(
            ClaudeKey(
                api_key=Secret(UPSTREAM_KEY),
                base_url=claude_url,
                headers=headers,
                prefix="claude",
            ),
        ),
        **settings,
    )


def unseen(*texts: str | bytes) -> bool:
    """Whether no canary is in any of them."""
    return not any(
        MARK in (text if isinstance(text, str) else text.decode("latin-1"))
        for text in texts
    )


# Texts are what is kept; what matters is who shows them.
SILENT: Final = (
    str, bytes, bytearray, memoryview, tuple, list, dict, set, frozenset,
    types.MappingProxyType, type, types.ModuleType, types.FunctionType,
    types.BuiltinFunctionType, types.CodeType, types.FrameType, types.MethodType,
)  # fmt: skip
DEAD_ENDS: Final = (
    type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType,
    types.CodeType, types.FrameType,
)  # fmt: skip


def told(*roots: object) -> Iterator[str]:
    """What every object that can be reached says of itself, with its type's name."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, DEAD_ENDS):
            continue
        seen.add(id(found))
        waiting += gc.get_referents(found)
        if not isinstance(found, SILENT):
            yield f"{type(found).__name__}: {found!r} {found}"


def told_by_all() -> Iterator[str]:
    """The same for every object of ours in this process, reachable or not."""
    for found in gc.get_objects():
        if str(type(found).__module__).startswith("cliproxy"):
            yield f"{type(found).__name__}: {found!r} {found}"
