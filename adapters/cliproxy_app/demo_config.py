"""What `--demo` adds: two credentials for the built-in upstream, and lines to try."""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CompatKey,
    Config,
    ModelName,
    OpenAICompat,
)
from cliproxy_core.testing.demo import MODELS

__all__ = ["CHAT_PREFIX", "CLAUDE_PREFIX", "demo_lines", "with_demo"]

CHAT_PREFIX: Final = "demo"
CLAUDE_PREFIX: Final = "demo-claude"


def with_demo(config: Config, port: int) -> Config:
    """The config, and the demo upstream on that port of the loopback."""
    models = tuple(ModelName(name=name) for name in MODELS)
    chat = OpenAICompat(
        name="demo",
        base_url=f"http://127.0.0.1:{port}/v1",
        api_key_entries=(CompatKey(api_key=Secret("demo")),),
        models=models,
        prefix=CHAT_PREFIX,
    )
    claude = ClaudeKey(
        api_key=Secret("demo"),
        base_url=f"http://127.0.0.1:{port}",
        models=models,
        prefix=CLAUDE_PREFIX,
    )
    return attrs.evolve(
        config,
        openai_compatibility=(*config.openai_compatibility, chat),
        claude_api_key=(*config.claude_api_key, claude),
    )


def demo_lines(address: str, *, keys: bool) -> list[str]:
    """Commands to copy: both client dialects, both upstreams, streamed and whole."""
    out = ["", "Try it from another terminal. The model's name chooses what happens:"]
    out += [f"  {', '.join(MODELS)}", ""]
    for title, path, model, stream in (
        ("Chat client, Chat upstream, streamed", CHAT_PATH, CHAT_PREFIX, True),
        ("Chat client, Claude upstream, whole", CHAT_PATH, CLAUDE_PREFIX, False),
        ("Claude client, Chat upstream, streamed", CLAUDE_PATH, CHAT_PREFIX, True),
        ("Claude client, Claude upstream, whole", CLAUDE_PATH, CLAUDE_PREFIX, False),
    ):
        out += [f"# {title}", _curl(address + path, f"{model}/text", stream, keys), ""]
    return out


CHAT_PATH: Final = "/v1/chat/completions"
CLAUDE_PATH: Final = "/v1/messages"


def _curl(address: str, model: str, stream: bool, keys: bool) -> str:
    limit = '"max_tokens":100,' if address.endswith(CLAUDE_PATH) else ""
    body = (
        f'{{"model":"{model}",{limit}"stream":{"true" if stream else "false"},'
        '"messages":[{"role":"user","content":"Hello"}]}'
    )
    key = ' -H "authorization: Bearer $CLIPROXY_KEY"' if keys else ""
    return (
        f"curl -sS{'N' if stream else ''} {address} "
        f"-H 'content-type: application/json'{key} -d '{body}'"
    )
