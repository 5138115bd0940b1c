"""What others ask for, as this API has it, and what it has no place for."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.dialects.openai_chat import DIALECT
from cliproxy_core.ir.reasoning import Effort, ReasoningWish, Signature
from cliproxy_core.ir.request import (
    NO_EXTRAS,
    Choice,
    ChoiceMode,
    Extras,
    Hosted,
    Message,
    NativeTool,
    Request,
    Role,
    Sampling,
    Text,
    Tool,
    ToolCall,
    WebSearch,
)

HI: dict[str, Any] = {"role": "user", "content": "hi"}
ASKED = Request(model="m", messages=(Message(role=Role.USER, parts=(Text("hi"),)),))
TOOL = Tool(name="f")
TOLD = [{"type": "function", "function": {"name": "f"}}]


def emitted(**fields: Any) -> tuple[dict[str, Any], list[str]]:
    """What a request of another dialect has beside model and messages, and losses."""
    request = attrs.evolve(ASKED, extras=Extras("other", {}), **fields)
    out = DIALECT.emit_request(request)
    rest = {k: v for k, v in out.payload.items() if k not in ("model", "messages")}
    return rest, [drop.path for drop in out.dropped]


SETTINGS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {}, []),
    ({"verbosity": "low"}, {"verbosity": "low"}, []),
    ({"verbosity": "chatty"}, {}, [".verbosity"]),
    ({"modalities": ("text", "image")}, {"modalities": ["text", "image"]}, []),
    ({"user": "u"}, {"user": "u"}, []),
    ({"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}, []),
    ({"cache_key": "k"}, {"prompt_cache_key": "k"}, []),
    ({"cache_retention": "24h"}, {"prompt_cache_retention": "24h"}, []),
    ({"cache_retention": "5m"}, {}, [".prompt_cache_retention"]),
    ({"tier": "priority"}, {"service_tier": "priority"}, []),
    ({"tier": "standard_only"}, {}, [".service_tier"]),
    ({"store": False}, {"store": False}, []),
    ({"sampling": Sampling(top_k=3, max_output=9)}, {"max_tokens": 9}, [".top_k"]),
    (
        {"sampling": Sampling(top_logprobs=2)},
        {"logprobs": True, "top_logprobs": 2},
        [],
    ),
    (
        {"reasoning": ReasoningWish(effort=Effort.LOW)},
        {"reasoning_effort": "low"},
        [],
    ),
    ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}, []),
    ({"tools": (TOOL,), "parallel_tools": False}, {"parallel_tool_calls": False}, []),
    ({"parallel_tools": False}, {}, []),
    ({"choice": Choice(ChoiceMode.NONE)}, {}, []),
    ({"choice": Choice(ChoiceMode.REQUIRED)}, {}, [".tool_choice"]),
    (
        {"tools": (TOOL,), "choice": Choice(ChoiceMode.NONE)},
        {"tool_choice": "none"},
        [],
    ),
    (
        {"tools": (TOOL,), "choice": Choice(ChoiceMode.AUTO, allowed=("f",))},
        {
            "tool_choice": {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "auto", "tools": TOLD},
            }
        },
        [],
    ),
    (
        {
            "tools": (TOOL, NativeTool("o", {}, Hosted.WEB_SEARCH, WebSearch())),
            "choice": Choice(ChoiceMode.NAMED, hosted=Hosted.WEB_SEARCH),
        },
        {"web_search_options": {}},
        [".tool_choice"],
    ),
]


@pytest.mark.parametrize(("fields", "want", "lost"), SETTINGS, ids=str)
def test_settings_of_others(
    fields: dict[str, Any], want: dict[str, Any], lost: list[str]
) -> None:
    tools = {"tools": TOLD} if TOOL in fields.get("tools", ()) else {}
    assert emitted(**fields) == (tools | want, lost)


def test_fields_of_others_are_reported() -> None:
    other = Extras("claude_messages", {"container": 1})
    out = DIALECT.emit_request(attrs.evolve(ASKED, extras=other))
    assert out.payload == {"model": "m", "messages": [HI]}
    assert [drop.path for drop in out.dropped] == [".container"]


@pytest.mark.parametrize(
    ("model", "lost"), [("google/Gemini-3-pro", False), ("gpt-5.6", True)]
)
def test_the_state_of_a_call_goes_to_geminis_only(model: str, lost: bool) -> None:
    call = ToolCall(
        call_id="a", name="f", arguments="{}", signature=Signature("c2ln", "gemini")
    )
    turn = Message(role=Role.ASSISTANT, parts=(call,), plain=False)
    request = Request(model=model, messages=(turn,), extras=NO_EXTRAS)
    out: Any = DIALECT.emit_request(request)
    (told,) = out.payload["messages"][0]["tool_calls"]
    state = {"google": {"thought_signature": "c2ln"}}
    assert told.get("extra_content") == (None if lost else state)
    paths = [drop.path for drop in out.dropped]
    assert paths == ([".messages[0].content[0].signature"] if lost else [])
