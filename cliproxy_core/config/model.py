"""The configuration tree, complete and checked.

Spelling and meaning of the keys are CLIProxyAPI's where it has them; `timeouts` and
`max-body-bytes` are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from cliproxy_core.base.secret import Secret

from . import defaults

__all__ = [
    "NO_KEY",
    "ClaudeKey",
    "CodexKey",
    "CompatKey",
    "Config",
    "GeminiKey",
    "ModelName",
    "OpenAICompat",
    "Streaming",
    "Timeouts",
]

NO_KEY: Final = Secret("")


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long each wait may last, in seconds."""

    connect: float = defaults.CONNECT
    """TCP and TLS towards an upstream."""
    first_byte: float = defaults.FIRST_BYTE
    """From the request to the first byte of the answer."""
    silence: float = defaults.SILENCE
    """Without a byte inside an answer."""
    request: float = defaults.REQUEST
    """One request with all its attempts."""
    head: float = defaults.HEAD
    """From the first byte of a client's request to the end of its head."""
    body: float = defaults.BODY
    """Without a byte inside a client's body."""
    idle: float = defaults.IDLE
    """A kept-alive client connection between requests."""
    stall: float = defaults.STALL
    """A client that reads nothing while there is something to read."""


@attrs.frozen(kw_only=True)
class Streaming:
    """How streams are kept alive."""

    keepalive_seconds: float = defaults.KEEPALIVE
    """Silence towards the caller before a heartbeat; 0: never."""


@attrs.frozen(kw_only=True)
class ModelName:
    """A model of an upstream and the name callers use for it."""

    name: str
    """What the upstream calls it."""
    alias: str = ""
    """What callers call it. Empty: the same."""


@attrs.frozen(kw_only=True)
class CompatKey:
    """One key of an OpenAI-compatible service."""

    api_key: Secret = NO_KEY
    """Sent as a bearer token; empty: none is sent."""


@attrs.frozen(kw_only=True)
class OpenAICompat:
    """An upstream that speaks Chat Completions."""

    name: str
    """Chosen freely; it names the upstream in log lines."""
    base_url: str
    """Up to and without `/chat/completions`."""
    api_key_entries: tuple[CompatKey, ...] = ()
    """Each is a credential; none: one without a key."""
    models: tuple[ModelName, ...] = ()
    """None: every model that nobody else serves."""
    headers: Mapping[str, Secret] = {}
    """Sent with each request."""
    prefix: str = ""
    """`prefix/model` asks for this entry alone; without `models` nothing else does."""
    disabled: bool = False
    """Left out, but kept in the file."""


@attrs.frozen(kw_only=True)
class ClaudeKey:
    """A key for Claude's Messages API."""

    api_key: Secret
    """What the vendor gave."""
    base_url: str = "https://api.anthropic.com"
    """Up to and without `/v1/messages`."""
    models: tuple[ModelName, ...] = ()
    """None: every model whose name begins with `claude`."""
    headers: Mapping[str, Secret] = {}
    """Sent with each request."""
    prefix: str = ""
    """`prefix/model` asks for this entry alone; without `models` nothing else does."""


@attrs.frozen(kw_only=True)
class GeminiKey:
    """A key for Google's Gemini API."""

    api_key: Secret
    """What the vendor gave."""
    base_url: str = "https://generativelanguage.googleapis.com"
    """Up to and without `/v1beta`."""
    models: tuple[ModelName, ...] = ()
    """None: every model whose name begins with `gemini` or `gemma`."""
    headers: Mapping[str, Secret] = {}
    """Sent with each request."""
    prefix: str = ""
    """`prefix/model` asks for this entry alone; without `models` nothing else does."""


@attrs.frozen(kw_only=True)
class CodexKey:
    """A key for an upstream that speaks OpenAI's Responses API."""

    api_key: Secret
    """Sent as a bearer token."""
    base_url: str
    """Up to and without `/responses`."""
    models: tuple[ModelName, ...] = ()
    """None: every model with a name of OpenAI's (`gpt-`, `codex-`, `o3` and so on)."""
    headers: Mapping[str, Secret] = {}
    """Sent with each request."""
    prefix: str = ""
    """`prefix/model` asks for this entry alone; without `models` nothing else does."""


@attrs.frozen(kw_only=True)
class Config:
    """Everything that can be set."""

    host: str = defaults.HOST
    """The address to listen on. Empty: all interfaces, as in CLIProxyAPI."""
    port: int = defaults.PORT
    """0: any free one."""
    api_keys: tuple[Secret, ...] = ()
    """What callers must present; none: no check, loopback only."""
    openai_compatibility: tuple[OpenAICompat, ...] = ()
    """Upstreams that speak Chat Completions."""
    claude_api_key: tuple[ClaudeKey, ...] = ()
    """Keys for Claude's Messages API."""
    gemini_api_key: tuple[GeminiKey, ...] = ()
    """Keys for Google's Gemini API."""
    codex_api_key: tuple[CodexKey, ...] = ()
    """Keys for upstreams that speak OpenAI's Responses API."""
    streaming: Streaming = Streaming()
    """How streams are kept alive."""
    timeouts: Timeouts = Timeouts()
    """How long each wait may last."""
    max_body_bytes: int = defaults.MAX_BODY_BYTES
    """The largest request body that is taken."""
