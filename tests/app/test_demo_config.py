"""What `--demo` adds to a configuration, and the commands that it prints."""

from __future__ import annotations

import json
import shlex

from cliproxy_app.demo_config import demo_lines, with_demo

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import Config, OpenAICompat


def test_both_upstreams_are_added_and_nothing_is_lost() -> None:
    own = OpenAICompat(name="own", base_url="https://x")
    config = with_demo(
        Config(openai_compatibility=(own,), api_keys=(Secret("k"),)), 5000
    )
    assert config.openai_compatibility[0] == own
    assert config.api_keys == (Secret("k"),)
    chat, claude = config.openai_compatibility[1], config.claude_api_key[0]
    assert (chat.prefix, chat.base_url) == ("demo", "http://127.0.0.1:5000/v1")
    assert (claude.prefix, claude.base_url) == ("demo-claude", "http://127.0.0.1:5000")
    assert [m.name for m in chat.models] == [m.name for m in claude.models]


def test_the_lines_are_commands() -> None:
    lines = [li for li in demo_lines("http://h:1", keys=False) if li.startswith("curl")]
    asked = []
    for line in lines:
        words = shlex.split(line)
        body = json.loads(words[words.index("-d") + 1])
        asked.append((words[2], body["model"], body["stream"]))
    assert asked == [
        ("http://h:1/v1/chat/completions", "demo/text", True),
        ("http://h:1/v1/chat/completions", "demo-claude/text", False),
        ("http://h:1/v1/messages", "demo/text", True),
        ("http://h:1/v1/messages", "demo-claude/text", False),
    ]


def test_where_keys_are_asked_for_the_lines_send_one() -> None:
    lines = "\n".join(demo_lines("http://h:1", keys=True))
    assert lines.count('"authorization: Bearer $CLIPROXY_KEY"') == 4
