"""What a caller asks for arrives, wherever the upstream's dialect has a place for it.

One table: how each dialect says a thing. What is said at the place in the caller's
column is found at the place in the upstream's; where that column is empty, it is named
as a loss, at its place in the caller's document.
"""

from __future__ import annotations

import copy
import json
import re
from itertools import pairwise
from typing import Any, Final, TypeAlias

import pytest

from cliproxy_core.translate import request

from .callers import NAMES, validate

Said: TypeAlias = tuple[str, Any]
"""A place, and what stands there."""
Row: TypeAlias = tuple[Said | None, Said | None, Said | None, Said | None]
"""For Chat, Responses, Claude and Gemini."""

TOOL: Final = {"type": "object", "properties": {"x": {"type": "integer"}}}
LEAST: Final[dict[str, Any]] = {
    "openai_chat": {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": TOOL}}],
    },
    "openai_responses": {
        "model": "m",
        "input": [{"role": "user", "content": "hi"}],
        "tools": [
            {"type": "function", "name": "f", "parameters": TOOL, "strict": False}
        ],
    },
    "claude_messages": {
        "model": "m",
        "max_tokens": 9000,
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": "f", "input_schema": TOOL}],
    },
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "tools": [
            {"functionDeclarations": [{"name": "f", "parametersJsonSchema": TOOL}]}
        ],
    },
}

CONFIG: Final = ".generationConfig"
CALLING: Final = ".toolConfig.functionCallingConfig"
SCHEMA: Final = {
    "type": "object",
    "properties": {"x": {"type": "integer"}},
    "required": ["x"],
    "additionalProperties": False,
}


def same(path: str, value: Any) -> Said:
    return path, value


def content(*parts: Any) -> dict[str, Said]:
    """The words and one more part, where each dialect has them."""
    chat, responses, claude, gemini = parts
    return {
        "openai_chat": (".messages[0].content[1]", chat),
        "openai_responses": (".input[0].content[1]", responses),
        "claude_messages": (".messages[0].content[1]", claude),
        "gemini": (".contents[0].parts[1]", gemini),
    }


def row(*columns: Said | None) -> dict[str, Said]:
    told = dict(zip(NAMES, columns, strict=True))
    return {name: said for name, said in told.items() if said is not None}


def choice(openai: Any, claude: Any, gemini: Any) -> dict[str, Said]:
    return row(
        (".tool_choice", openai),
        (".tool_choice", openai),
        (".tool_choice", claude),
        (CALLING, gemini),
    )


def effort(word: str) -> dict[str, Said]:
    return row(
        (".reasoning_effort", word),
        (".reasoning.effort", word),
        (".output_config.effort", word),
        (f"{CONFIG}.thinkingConfig.thinkingLevel", word),
    )


PNG: Final = "data:image/png;base64,aGk="
PDF: Final = "data:application/pdf;base64,aGk="
SITE: Final = "https://x.test/i.png"
FILE: Final = {"type": "base64", "media_type": "application/pdf", "data": "aGk="}

ROWS: Final[dict[str, dict[str, Said]]] = {
    "limit": row(
        (".max_tokens", 7000),
        (".max_output_tokens", 7000),
        (".max_tokens", 7000),
        (f"{CONFIG}.maxOutputTokens", 7000),
    ),
    "temperature": row(
        same(".temperature", 0.5),
        same(".temperature", 0.5),
        same(".temperature", 0.5),
        (f"{CONFIG}.temperature", 0.5),
    ),
    "top_p": row(
        same(".top_p", 0.9),
        same(".top_p", 0.9),
        same(".top_p", 0.9),
        (f"{CONFIG}.topP", 0.9),
    ),
    "top_k": row(None, None, (".top_k", 40), (f"{CONFIG}.topK", 40)),
    "stop": row(
        (".stop", ["END", "X"]),
        None,
        (".stop_sequences", ["END", "X"]),
        (f"{CONFIG}.stopSequences", ["END", "X"]),
    ),
    "seed": row((".seed", 7), None, None, (f"{CONFIG}.seed", 7)),
    "presence": row(
        (".presence_penalty", 0.1), None, None, (f"{CONFIG}.presencePenalty", 0.1)
    ),
    "frequency": row(
        (".frequency_penalty", 0.2), None, None, (f"{CONFIG}.frequencyPenalty", 0.2)
    ),
    "candidates": row((".n", 2), None, None, (f"{CONFIG}.candidateCount", 2)),
    "choice: auto": choice("auto", {"type": "auto"}, {"mode": "AUTO"}),
    "choice: none": choice("none", {"type": "none"}, {"mode": "NONE"}),
    "choice: required": choice("required", {"type": "any"}, {"mode": "ANY"}),
    "choice: named": row(
        (".tool_choice", {"type": "function", "function": {"name": "f"}}),
        (".tool_choice", {"type": "function", "name": "f"}),
        (".tool_choice", {"type": "tool", "name": "f"}),
        (CALLING, {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ),
    "no parallel calls": row(
        (".parallel_tool_calls", False),
        (".parallel_tool_calls", False),
        (".tool_choice", {"type": "auto", "disable_parallel_tool_use": True}),
        None,
    ),
    "schema": row(
        (".response_format.json_schema.schema", SCHEMA),
        (".text.format.schema", SCHEMA),
        (".output_config.format.schema", SCHEMA),
        (f"{CONFIG}.responseJsonSchema", SCHEMA),
    ),
    "effort: low": effort("low"),
    "effort: high": effort("high"),
    "cache key": row(
        (".prompt_cache_key", "k"), (".prompt_cache_key", "k"), None, None
    ),
    "user": row((".user", "ann"), (".user", "ann"), (".metadata.user_id", "ann"), None),
    "verbosity": row((".verbosity", "low"), (".text.verbosity", "low"), None, None),
    "labels": row((".metadata", {"a": "b"}), (".metadata", {"a": "b"}), None, None),
    "tier": row(
        (".service_tier", "flex"),
        (".service_tier", "flex"),
        None,
        (".serviceTier", "flex"),
    ),
    "picture": content(
        {"type": "image_url", "image_url": {"url": PNG}},
        {"type": "input_image", "image_url": PNG, "detail": "auto"},
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "aGk="},
        },
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
    ),
    "picture at an address": content(
        {"type": "image_url", "image_url": {"url": SITE}},
        {"type": "input_image", "image_url": SITE, "detail": "auto"},
        {"type": "image", "source": {"type": "url", "url": SITE}},
        {"fileData": {"mimeType": "image/png", "fileUri": SITE}},
    ),
    "document": content(
        {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}},
        {"type": "input_file", "filename": "a.pdf", "file_data": PDF},
        {"type": "document", "title": "a.pdf", "source": FILE},
        {
            "inlineData": {
                "mimeType": "application/pdf",
                "data": "aGk=",
                "displayName": "a.pdf",
            }
        },
    ),
}

# A level is one that not every Claude model knows: it becomes a budget.
BUDGETS: Final = {"effort: low": 1024, "effort: high": 24576}
# The limit holds for reasoning too, or it was not said: Chat has a word for either.
LIMITS: Final = {"openai_responses": ".max_completion_tokens"}


def put(document: Any, path: str, value: Any) -> None:
    steps = re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path)
    for (key, number), (following, _) in pairwise(steps):
        if key:
            document = document.setdefault(key, {} if following else [])
        else:
            document = document[int(number)]
    key, number = steps[-1]
    if key:
        document[key] = value
    else:
        document.append(value)


def found(document: Any, path: str) -> Any:
    for key, number in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        document = document[key] if key else document[int(number)]
    return document


def asked(down: str, title: str) -> Any:
    document = copy.deepcopy(LEAST[down])
    path, value = ROWS[title][down]
    match down, title:
        case ("openai_chat" | "openai_responses" | "claude_messages", _) if (
            ".content[1]" in path
        ):
            words = "input_text" if down == "openai_responses" else "text"
            slot = "input" if down == "openai_responses" else "messages"
            document[slot][0]["content"] = [{"type": words, "text": "hi"}]
        case ("openai_chat", "schema"):
            document["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "n", "strict": True},
            }
        case ("openai_responses", "schema"):
            shape = {"type": "json_schema", "name": "n", "strict": True}
            document["text"] = {"format": shape}
        case ("claude_messages", "schema"):
            document["output_config"] = {"format": {"type": "json_schema"}}
        case ("gemini", "schema"):
            document["generationConfig"] = {"responseMimeType": "application/json"}
        case _:
            pass
    put(document, path, value)
    return document


@pytest.mark.parametrize("up", NAMES)
@pytest.mark.parametrize(
    ("title", "down"),
    [pytest.param(t, d, id=f"{t}-{d}") for t, columns in ROWS.items() for d in columns],
)
def test_what_is_asked_for_arrives(title: str, down: str, up: str) -> None:
    document = asked(down, title)
    assert validate(down, document) == []
    body = json.dumps(document)
    plan = request(body, source=down, target=up, model="m", stream=False)
    sent = json.loads(plan.body)
    assert validate(up, sent) == []
    dropped = [item.path for item in plan.dropped]
    path, _ = ROWS[title][down]
    if up not in ROWS[title]:
        assert any(place == path or place.startswith(f"{path}.") for place in dropped)
        return
    where, value = ROWS[title][up]
    if down != up and up == "claude_messages" and title in BUDGETS:
        where, value = ".thinking.budget_tokens", BUDGETS[title]
    elif up == "openai_chat" and title == "limit":
        where = LIMITS.get(down, where)
    assert plain(found(sent, where)) == plain(value)
    assert [place for place in dropped if not place.endswith(".name")] == []


def plain(value: Any) -> Any:
    """Without what is the same when it is not said."""
    if not isinstance(value, dict):
        return value
    return {key: plain(v) for key, v in value.items() if (key, v) != ("detail", "auto")}


# System text, wherever it is put.

SYSTEM: Final[dict[str, dict[str, Any]]] = {
    "openai_chat": {
        "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": "hi"},
        ]
    },
    "openai_responses": {"instructions": "be kind"},
    "claude_messages": {"system": "be kind"},
    "gemini": {"systemInstruction": {"parts": [{"text": "be kind"}]}},
}


def system_of(dialect: str, document: Any) -> str:
    """The system text, which stands before everything else."""
    match dialect:
        case "openai_chat":
            first = document["messages"][0]
            assert first["role"] == "system"
            return words(first["content"])
        case "openai_responses":
            if "instructions" in document:
                return str(document["instructions"])
            assert document["input"][0]["role"] == "system"
            return words(document["input"][0]["content"])
        case "claude_messages":
            return words(document["system"])
        case _:
            return words(document["systemInstruction"]["parts"])


def words(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content)


@pytest.mark.parametrize("down", NAMES)
@pytest.mark.parametrize("up", NAMES)
def test_system_text_arrives(down: str, up: str) -> None:
    body = json.dumps({**LEAST[down], **SYSTEM[down]})
    plan = request(body, source=down, target=up, model="m", stream=False)
    assert plan.dropped == ()
    sent = json.loads(plan.body)
    assert validate(up, sent) == []
    assert system_of(up, sent) == "be kind"
