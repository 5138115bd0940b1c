"""What each dialect calls a setting, and where it has it: a table.

The keys are the names that emitters report; of several places the first that is in the
caller's document is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from .thinking_wires import WIRES

__all__ = ["LEAVES", "SETTINGS"]

_Words: TypeAlias = Mapping[str, tuple[str, ...]]

_CHAT: Final = "openai_chat"
_RESPONSES: Final = "openai_responses"
_CLAUDE: Final = "claude_messages"
_GEMINI: Final = "gemini"
_CONFIG: Final = ".generationConfig"


def _words(
    chat: str = "", responses: str = "", claude: str = "", gemini: str = ""
) -> _Words:
    """Places by dialect; several are parted by blanks."""
    told = {_CHAT: chat, _RESPONSES: responses, _CLAUDE: claude, _GEMINI: gemini}
    return {name: tuple(places.split()) for name, places in told.items()}


def _generation(
    chat: str, gemini: str, responses: str = "", claude: str = ""
) -> _Words:
    return _words(chat, responses, claude, f"{_CONFIG}.{gemini}")


_LIMIT: Final = _words(
    ".max_completion_tokens .max_tokens",
    ".max_output_tokens",
    ".max_tokens",
    f"{_CONFIG}.maxOutputTokens",
)
_CHOICE: Final = _words(
    ".tool_choice .function_call",
    ".tool_choice",
    ".tool_choice",
    ".toolConfig.functionCallingConfig .toolConfig",
)
_PARALLEL: Final = _words(
    ".parallel_tool_calls",
    ".parallel_tool_calls",
    ".tool_choice.disable_parallel_tool_use",
)
_FORMAT: Final = _words(
    ".response_format.json_schema .response_format",
    ".text.format",
    ".output_config.format .output_format",
    f"{_CONFIG}.responseJsonSchema {_CONFIG}.responseSchema {_CONFIG}.responseMimeType",
)
_USER: Final = _words(".user", ".user", ".metadata.user_id")
_KEY: Final = _words(".prompt_cache_key", ".prompt_cache_key")
_KEPT: Final = _words(".prompt_cache_retention", ".prompt_cache_retention")
_TIER: Final = _words(".service_tier", ".service_tier", ".service_tier", ".serviceTier")
_COUNT: Final = _generation(".n", "candidateCount")
_LABELS: Final = _words(".metadata", ".metadata", ".metadata", ".labels")


def _thinking(*names: str) -> _Words:
    """The first of these places that the caller's document has."""
    return {
        dialect: (*(getattr(wire, name) for name in names), *_ABOVE[dialect])
        for dialect, wire in WIRES.items()
    }


_ABOVE: Final[_Words] = _words(
    ".reasoning .thinking",
    ".reasoning",
    ".thinking .output_config",
    f"{_CONFIG}.thinkingConfig",
)

SETTINGS: Final[Mapping[str, _Words]] = {
    ".max_output_tokens": _LIMIT,
    ".max_output": _LIMIT,
    ".max_tokens": _LIMIT,
    ".temperature": _generation("", "temperature"),
    ".top_p": _generation("", "topP"),
    ".top_k": _generation("", "topK"),
    ".stop": _generation(".stop", "stopSequences", claude=".stop_sequences"),
    ".seed": _generation("", "seed"),
    ".presence_penalty": _generation("", "presencePenalty"),
    ".frequency_penalty": _generation("", "frequencyPenalty"),
    ".n": _COUNT,
    ".count": _COUNT,
    ".logprobs": _generation("", "responseLogprobs", ".top_logprobs .include"),
    ".top_logprobs": _generation("", "logprobs"),
    ".tool_choice": _CHOICE,
    ".choice": _CHOICE,
    ".parallel_tools": _PARALLEL,
    ".parallel_tool_calls": _PARALLEL,
    ".format": _FORMAT,
    ".response_format": _FORMAT,
    ".verbosity": _words("", ".text.verbosity"),
    ".modalities": _generation("", "responseModalities"),
    ".user": _USER,
    ".metadata": _LABELS,
    ".cache_key": _KEY,
    ".cache_retention": _KEPT,
    ".tier": _TIER,
    ".service_tier": _TIER,
    ".reasoning.visible": _thinking("visible"),
    ".reasoning.budget": _thinking("budget"),
    ".reasoning.adaptive": _thinking("adaptive"),
    ".reasoning.effort": _thinking("effort"),
    ".reasoning": _thinking("effort", "budget", "adaptive"),
}

# The same for what is said of a part or of a tool.
LEAVES: Final[Mapping[str, tuple[str, ...]]] = {
    ".detail": (".image_url.detail",),
    ".filename": (".file.filename", ".title"),
    ".signature": (
        ".thoughtSignature",
        ".extra_content.google.thought_signature",
        ".encrypted_content",
    ),
    ".arguments": (".function.arguments", ".input", ".functionCall.args"),
    ".strict": (".function.strict",),
    ".format": (".custom.format",),
    ".allowed_domains": (".filters.allowed_domains",),
    ".blocked_domains": (".filters.blocked_domains",),
    ".context_size": (".search_context_size",),
    ".location": (".user_location",),
}
