"""The official `google-genai` SDK as a caller, and what it made of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import attrs
import httpx2
from google import genai
from google.genai import errors, types

from .readings import Asked, Broken, Outcome, Part, Reading, Said, Stop, Thought, Tokens
from .tee import Tee

__all__ = ["GeminiClient"]

Mode = Literal["whole", "create", "stream"]

STOPS: Final = {"STOP": Stop.END, "MAX_TOKENS": Stop.LIMIT}


@attrs.define
class GeminiClient:
    """A caller who speaks Gemini."""

    base_url: str
    key: str
    tee: Tee = attrs.field(factory=Tee, init=False)
    sdk: genai.Client = attrs.field(init=False)
    _http: httpx2.Client = attrs.field(init=False)
    _names: dict[str, str] = attrs.field(factory=dict, init=False)
    """Tools by the ids of their calls: a result has to name its tool."""

    dialect: Final = "gemini"

    def __attrs_post_init__(self) -> None:
        self._http = httpx2.Client(transport=self.tee)
        self.sdk = genai.Client(
            api_key=self.key,
            http_options=types.HttpOptions(
                base_url=self.base_url, httpx_client=self._http
            ),
        )

    def close(self) -> None:
        self.sdk.close()
        self._http.close()  # the SDK leaves what it was given

    @property
    def heard(self) -> bytes:
        """The body of the latest answer."""
        return bytes(self.tee.heard)

    # Requests.

    def user(self, text: str) -> types.Content:
        return types.Content(role="user", parts=[types.Part(text=text)])

    def tool(self, name: str, *properties: str) -> types.Tool:
        schema = {
            "type": "object",
            "properties": {name: {"type": "string"} for name in properties},
        }
        declared = types.FunctionDeclaration(name=name, parameters_json_schema=schema)
        return types.Tool(function_declarations=[declared])

    def results(self, answers: Mapping[str, str]) -> list[types.Content]:
        """What the tools said, by call id."""
        parts = [
            types.Part(
                function_response=types.FunctionResponse(
                    id=None if call_id.startswith("#") else call_id,
                    name=self._names[call_id],
                    response={"result": text},
                )
            )
            for call_id, text in answers.items()
        ]
        return [types.Content(role="user", parts=parts)]

    def ask(
        self,
        mode: Mode,
        model: str,
        messages: Sequence[Any],
        *,
        tools: Sequence[Any] = (),
        usage: bool = True,
        headers: Mapping[str, str] | None = None,
        thinking: bool = False,
    ) -> Outcome:
        """Send a request and read its answer. A turn is several contents; usage comes
        unasked."""
        config = types.GenerateContentConfig(tools=list(tools) or None)
        if thinking:
            config.thinking_config = types.ThinkingConfig(
                include_thoughts=True, thinking_budget=1024
            )
        if headers:
            config.http_options = types.HttpOptions(headers=dict(headers))
        read: Callable[..., tuple[list[types.Content], Any, Any]] = {
            "whole": self._whole,
            "create": self._create,
            "stream": self._stream,
        }[mode]
        said: list[str] = []
        try:
            return self._reading(*read(model, _flat(messages), config, said))
        except errors.APIError as error:
            return Broken(error=error, said="".join(said))

    def _whole(
        self, model: str, contents: list[types.Content], config: Any, said: list[str]
    ) -> tuple[list[types.Content], Any, Any]:
        answer = self.sdk.models.generate_content(
            model=model, contents=contents, config=config
        )
        return _gathered([answer], said)

    def _create(
        self, model: str, contents: list[types.Content], config: Any, said: list[str]
    ) -> tuple[list[types.Content], Any, Any]:
        """Chunk by chunk, as many programs do it."""
        chunks = self.sdk.models.generate_content_stream(
            model=model, contents=contents, config=config
        )
        return _gathered(chunks, said)

    def _stream(
        self, model: str, contents: list[types.Content], config: Any, said: list[str]
    ) -> tuple[list[types.Content], Any, Any]:
        """A conversation of the SDK's, which keeps valid turns only."""
        *before, last = contents
        chat = self.sdk.chats.create(model=model, config=config, history=[*before])
        chunks = chat.send_message_stream(last.parts)
        _, reason, usage = _gathered(chunks, said)
        return chat.get_history(curated=True)[len(contents) :], reason, usage

    def _reading(self, turn: list[types.Content], reason: Any, usage: Any) -> Reading:
        parts = tuple(self._parts(turn))
        stop = STOPS[reason.value]
        if any(isinstance(part, Asked) for part in parts) and stop is Stop.END:
            stop = Stop.CALLS
        tokens = None if usage is None else _tokens(usage)
        return Reading(parts=parts, stop=stop, tokens=tokens, turn=turn)

    def _parts(self, turn: Iterable[types.Content]) -> Iterator[Part]:
        """Words in a row are one part, as no chunk has all of them."""
        row: list[str] = []
        thought = False
        for part in (p for content in turn for p in content.parts or ()):
            if part.text is not None and bool(part.thought) is thought:
                row.append(part.text)
                continue
            yield from _joined(row, thought)
            row, thought = [part.text or ""], bool(part.thought)
            call = part.function_call
            if call is not None:
                call_id = call.id or f"#{len(self._names)}"
                self._names[call_id] = str(call.name)
                yield Asked(str(call.name), call.args or {}, call_id)
        yield from _joined(row, thought)


def _tokens(usage: types.GenerateContentResponseUsageMetadata) -> Tokens:
    prompt = usage.prompt_token_count or 0
    prompt += usage.tool_use_prompt_token_count or 0
    output = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    return Tokens(prompt, usage.cached_content_token_count or 0, output)


def _joined(row: list[str], thought: bool) -> Iterator[Part]:
    text = "".join(row)
    if text:
        yield Thought(text) if thought else Said(text)


def _flat(messages: Iterable[Any]) -> list[types.Content]:
    out: list[types.Content] = []
    for message in messages:
        out += message if isinstance(message, list) else [message]
    return out


def _gathered(
    chunks: Iterable[types.GenerateContentResponse], said: list[str]
) -> tuple[list[types.Content], Any, Any]:
    """One content of all parts; the finish reason, once; the latest counts."""
    parts: list[types.Part] = []
    reason = usage = None
    for chunk in chunks:
        assert reason is None, "a chunk after the finish reason"
        usage = chunk.usage_metadata or usage
        assert chunk.candidates is not None
        (candidate,) = chunk.candidates
        reason = candidate.finish_reason
        assert candidate.content is not None
        assert candidate.content.parts, "a chunk with empty parts"
        parts += candidate.content.parts
        said += [p.text for p in candidate.content.parts if p.text and not p.thought]
    assert reason is not None, "no finish reason"
    return [types.Content(role="model", parts=parts)], reason, usage
