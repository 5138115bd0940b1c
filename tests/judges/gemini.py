"""Gemini, judged by the official `google-genai` SDK.

It has no accumulator; its chats keep the turn chunk by chunk, and only if every chunk
has content, no part is empty and the end was told. That verdict is part of a reading.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final, Required

import attrs
from typing_extensions import TypedDict

from .player import JSON, SSE, URL, Player
from .reading import Candidate, Fault, Part, Reading, exact, joined, other
from .strict import Checker

__all__ = ["fold", "validate_request", "whole"]

PLAYER: Final = Player()


def fold(body: bytes) -> Reading:
    """A stream, chunk by chunk, and whether a chat keeps it."""
    from google.genai import errors

    PLAYER.play(body, SSE)
    chat = _client().chats.create(model="m")
    gathered = _Gathered()
    try:
        for chunk in chat.send_message_stream("hi"):
            gathered.take(chunk)
    except errors.APIError as error:
        gathered.error = Fault(error.status, error.code, error.message)
    return gathered.reading(kept=bool(chat.get_history(curated=True)))


def whole(body: bytes) -> Reading:
    """A complete answer."""
    PLAYER.play(body, JSON)
    chat = _client().chats.create(model="m")
    gathered = _Gathered()
    gathered.take(chat.send_message("hi"))
    return gathered.reading(kept=bool(chat.get_history(curated=True)))


def validate_request(document: Any) -> list[str]:
    """What the SDK's types of a request have against a document of the REST API."""
    return _checker().complaints(document)


@cache
def _client() -> Any:
    from google import genai

    options = genai.types.HttpOptions(base_url=URL, httpx_client=PLAYER.http)
    return genai.Client(api_key="k", vertexai=False, http_options=options)


@cache
def _checker() -> Checker:
    from google.genai import types

    class GenerationConfig(types.GenerationConfig):
        """With what the SDK writes there from a setting of its own."""

        image_config: types.ImageConfig | None = None

    request = TypedDict(  # noqa: UP013 - a class would need our way with names
        "request",
        {
            "contents": Required[list[types.Content]],
            "systemInstruction": types.Content,
            "tools": list[types.Tool],
            "toolConfig": types.ToolConfig,
            "generationConfig": GenerationConfig,
            "safetySettings": list[types.SafetySetting],
            "cachedContent": str,
            "labels": dict[str, str],
            "serviceTier": types.ServiceTier,
            "store": bool,
        },
        total=False,
    )
    return Checker.of(request, models=True)


@attrs.define
class _Gathered:
    """What the chunks of an answer said, by candidate."""

    parts: dict[int, list[Part]] = attrs.field(factory=dict)
    sources: dict[int, list[Part]] = attrs.field(factory=dict)
    """Where the words are from: told once, about all of them."""
    ends: dict[int, str] = attrs.field(factory=dict)
    roles: dict[int, str] = attrs.field(factory=dict)
    usage: dict[str, Any] | None = None
    error: Fault | None = None

    def take(self, chunk: Any) -> None:
        for candidate in chunk.candidates or ():
            self._candidate(candidate, candidate.index or 0)
        if chunk.usage_metadata is not None:
            self.usage = _plain(chunk.usage_metadata)
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason:
            blocked = chunk.prompt_feedback
            word = blocked.block_reason.value
            self.error = Fault("promptFeedback", word, blocked.block_reason_message)

    def reading(self, *, kept: bool) -> Reading:
        return Reading(
            candidates=tuple(
                Candidate(
                    (*joined(self.parts[index]), *self.sources.get(index, ())),
                    self.ends.get(index),
                    role=self.roles.get(index, ""),
                )
                for index in sorted(self.parts)
            ),
            usage=self.usage,
            error=self.error,
            kept=kept,
        )

    def _candidate(self, candidate: Any, index: int) -> None:
        known = self.parts.setdefault(index, [])
        if candidate.content is not None:
            known.extend(_parts(candidate.content.parts or ()))
            if candidate.content.role:
                self.roles[index] = candidate.content.role
        if candidate.finish_reason is not None:
            self.ends[index] = candidate.finish_reason.value
        told = (candidate.citation_metadata, candidate.grounding_metadata)
        found = [other(_plain(source), "citations") for source in told if source]
        self.sources.setdefault(index, []).extend(found)


def _parts(parts: Iterable[Any]) -> Iterator[Part]:
    for part in parts:
        if part.text is not None:
            yield ("reasoning" if part.thought else "text", part.text)
        elif part.function_call is not None:
            made = part.function_call
            yield ("call", made.id or "", made.name or "", exact(made.args or {}))
        else:
            plain = _plain(part)
            plain.pop("thoughtSignature", None)
            if plain:
                yield other(plain)
        if part.thought_signature:
            proof = base64.b64encode(part.thought_signature).decode()
            yield ("signature", proof)


def _plain(model: Any) -> dict[str, Any]:
    """A model as JSON in the names of the REST API."""
    plain: dict[str, Any] = model.model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    return plain
