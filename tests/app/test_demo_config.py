"""What `--demo` adds to a configuration, and the commands that it prints."""

from __future__ import annotations

import json
import shlex

from cliproxy_app.demo_config import PREFIXES, demo_lines, with_demo

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import Config, OpenAICompat
from cliproxy_core.pool import credentials_of
from cliproxy_core.testing.demo import MODELS


def test_all_upstreams_are_added_and_nothing_is_lost() -> None:
    own = OpenAICompat(name="own", base_url="https://x")
    config = with_demo(
        Config(openai_compatibility=(own,), api_keys=(Secret("k"),)), 5000
    )
    assert config.openai_compatibility[0] == own
    assert config.api_keys == (Secret("k"),)
    _, *added = credentials_of(config)
    assert {
        c.prefix: (c.profile.dialect.name, c.origin.port, c.path) for c in added
    } == {
        "demo-chat": ("openai_chat", 5000, "/v1"),
        "demo-responses": ("openai_responses", 5000, "/v1"),
        "demo-claude": ("claude_messages", 5000, ""),
        "demo-gemini": ("gemini", 5000, ""),
    }
    assert {c.prefix for c in added} == set(PREFIXES)
    assert all(tuple(c.models) == MODELS for c in added)


def commands(*, keys: bool = False) -> list[list[str]]:
    lines = demo_lines("http://h:1", keys=keys)
    return [shlex.split(line) for line in lines if line.startswith("curl")]


def test_the_lines_are_commands() -> None:
    asked = []
    for words in commands():
        body = json.loads(words[words.index("-d") + 1])
        asked.append((words[1], words[2], body.get("model"), body.get("stream")))
    google = (
        "http://h:1/v1beta/models/demo-responses/text:streamGenerateContent?alt=sse"
    )
    assert asked == [
        ("-sSN", "http://h:1/v1/chat/completions", "demo-chat/text", True),
        ("-sS", "http://h:1/v1/responses", "demo-claude/text", None),
        ("-sSN", "http://h:1/v1/messages", "demo-gemini/text", True),
        ("-sSN", google, None, None),
    ]


def test_where_keys_are_asked_for_the_lines_send_one() -> None:
    for words in commands(keys=True):
        assert "authorization: Bearer $CLIPROXY_KEY" in words
