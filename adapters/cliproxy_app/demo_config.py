"""What `--demo` adds: a credential for each of the built-in upstream's dialects, and
lines to try."""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    CompatKey,
    Config,
    GeminiKey,
    ModelName,
    OpenAICompat,
)
from cliproxy_core.testing.demo import MODELS

__all__ = ["PREFIXES", "demo_lines", "with_demo"]

CHAT: Final = "demo-chat"
RESPONSES: Final = "demo-responses"
CLAUDE: Final = "demo-claude"
GEMINI: Final = "demo-gemini"
PREFIXES: Final = (CHAT, RESPONSES, CLAUDE, GEMINI)

_KEY: Final = Secret("demo")


def with_demo(config: Config, port: int) -> Config:
    """The config, and the demo upstream on that port of the loopback."""
    models = tuple(ModelName(name=name) for name in MODELS)
    address = f"http://127.0.0.1:{port}"
    chat = OpenAICompat(
        name=CHAT,
        base_url=f"{address}/v1",
        api_key_entries=(CompatKey(api_key=_KEY),),
        models=models,
        prefix=CHAT,
    )
    responses = CodexKey(
        api_key=_KEY, base_url=f"{address}/v1", models=models, prefix=RESPONSES
    )
    claude = ClaudeKey(api_key=_KEY, base_url=address, models=models, prefix=CLAUDE)
    gemini = GeminiKey(api_key=_KEY, base_url=address, models=models, prefix=GEMINI)
    return attrs.evolve(
        config,
        openai_compatibility=(*config.openai_compatibility, chat),
        codex_api_key=(*config.codex_api_key, responses),
        claude_api_key=(*config.claude_api_key, claude),
        gemini_api_key=(*config.gemini_api_key, gemini),
    )


def demo_lines(address: str, *, keys: bool) -> list[str]:
    """Commands to copy: each client dialect, each upstream, streamed and whole."""
    out = [
        "",
        "Try it from another terminal. A model's name begins with its upstream",
        f"  {', '.join(PREFIXES)}",
        "and goes on with what happens",
        f"  {', '.join(MODELS)}",
        "",
    ]
    for title, path, body in (
        ("Chat client, Chat upstream, streamed", *_chat(CHAT)),
        ("Responses client, Claude upstream, whole", *_responses(CLAUDE)),
        ("Claude client, Gemini upstream, streamed", *_claude(GEMINI)),
        ("Gemini client, Responses upstream, streamed", *_gemini(RESPONSES)),
    ):
        out += [f"# {title}", _curl(address + path, body, keys), ""]
    return out


_HELLO: Final = '[{"role":"user","content":"Hello"}]'


def _chat(upstream: str) -> tuple[str, str]:
    said = f'{{"model":"{upstream}/text","stream":true,"messages":{_HELLO}}}'
    return "/v1/chat/completions", said


def _responses(upstream: str) -> tuple[str, str]:
    return "/v1/responses", f'{{"model":"{upstream}/text","input":"Hello"}}'


def _claude(upstream: str) -> tuple[str, str]:
    said = (
        f'{{"model":"{upstream}/text","max_tokens":100,"stream":true,'
        f'"messages":{_HELLO}}}'
    )
    return "/v1/messages", said


def _gemini(upstream: str) -> tuple[str, str]:
    path = f"/v1beta/models/{upstream}/text:streamGenerateContent?alt=sse"
    return path, '{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}'


def _curl(address: str, body: str, keys: bool) -> str:
    streams = '"stream":true' in body or "alt=sse" in address
    key = ' -H "authorization: Bearer $CLIPROXY_KEY"' if keys else ""
    return (
        f"curl -sS{'N' if streams else ''} '{address}' "
        f"-H 'content-type: application/json'{key} -d '{body}'"
    )
