"""Every dialect's words for a setting lead to something that it reads."""

from __future__ import annotations

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.translate.places_table import LEAVES, SETTINGS


def test_every_setting_is_somewhere_in_some_dialect() -> None:
    for name, words in SETTINGS.items():
        assert set(words) == set(DIALECTS), name
        for places in words.values():
            assert all(place.startswith(".") for place in places)


def test_what_is_shared_has_one_name() -> None:
    assert SETTINGS[".max_tokens"] == SETTINGS[".max_output_tokens"]
    assert SETTINGS[".temperature"]["openai_chat"] == ()
    assert SETTINGS[".temperature"]["gemini"] == (".generationConfig.temperature",)
    assert SETTINGS[".stop"]["claude_messages"] == (".stop_sequences",)
    assert SETTINGS[".max_output"]["openai_chat"] == (
        ".max_completion_tokens",
        ".max_tokens",
    )


def test_thinking_is_where_its_own_table_has_it() -> None:
    assert SETTINGS[".reasoning"]["claude_messages"] == (
        ".output_config.effort",
        ".thinking.budget_tokens",
        ".thinking.type",
        ".thinking",
        ".output_config",
    )


def test_leaves_are_below_something() -> None:
    for name, others in LEAVES.items():
        assert name.startswith(".")
        assert all(other.startswith(".") for other in others)
