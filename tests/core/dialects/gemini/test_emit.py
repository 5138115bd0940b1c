"""What streams and complete answers write alike."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.gemini.carrier import wrap
from cliproxy_core.dialects.gemini.emit import (
    NOTHING,
    finish_word,
    is_lost,
    media_part,
    native_part,
    words_part,
)
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.stream import Reason

OWN = Signature("+/+/", "gemini")
FOREIGN = Signature("sig", "claude_messages")


@pytest.mark.parametrize(
    ("signature", "thought", "want"),
    [
        (None, False, {"text": "a"}),
        (None, True, {"text": "a", "thought": True}),
        (OWN, False, {"text": "a", "thoughtSignature": "+/+/"}),
        (
            FOREIGN,
            True,
            {"text": "a", "thought": True, "thoughtSignature": wrap(FOREIGN)},
        ),
    ],
)
def test_words(signature: Signature | None, thought: bool, want: Any) -> None:
    assert words_part("a", signature, thought=thought) == want


@pytest.mark.parametrize(
    ("kind", "mime"),
    [
        (MediaKind.IMAGE, "image/png"),
        (MediaKind.AUDIO, "audio/wav"),
        (MediaKind.VIDEO, "video/mp4"),
        (MediaKind.DOCUMENT, "application/pdf"),
    ],
)
def test_media(kind: MediaKind, mime: str) -> None:
    inline = media_part(Media(kind=kind, data="aGk="))
    assert inline == {"inlineData": {"mimeType": mime, "data": "aGk="}}
    address = media_part(Media(kind=kind, mime="x/y", url="gs://b/o"))
    assert address == {"fileData": {"mimeType": "x/y", "fileUri": "gs://b/o"}}
    assert media_part(Media(kind=kind)) is None


def test_a_part_of_its_own() -> None:
    assert native_part({"executableCode": {}, "deltas": []}) == {"executableCode": {}}


def test_the_part_of_a_chunk_that_only_finishes() -> None:
    assert NOTHING == {"text": ""}


@pytest.mark.parametrize(
    ("reason", "native", "lost", "want"),
    [
        (Reason.TOOL_USE, None, [], "STOP"),
        (Reason.TOOL_USE, "STOP", ['{"a":'], "MAX_TOKENS"),
        (Reason.END, None, ["[1]"], "MALFORMED_FUNCTION_CALL"),
        (Reason.END, None, ["[1]", "{"], "MAX_TOKENS"),
        (Reason.MAX_OUTPUT, None, ["[1]"], "MAX_TOKENS"),
        (Reason.REFUSAL, "SPII", ["{"], "SPII"),
        (Reason.OTHER, "MALFORMED_FUNCTION_CALL", [], "MALFORMED_FUNCTION_CALL"),
    ],
)
def test_finish_words(
    reason: Reason, native: str | None, lost: list[str], want: str
) -> None:
    assert finish_word(reason, native, lost) == want


@pytest.mark.parametrize(
    ("reason", "want"),
    [
        (Reason.END, "SAFETY"),
        (Reason.REFUSAL, "SAFETY"),
        (Reason.MAX_OUTPUT, "MAX_TOKENS"),
    ],
)
def test_the_end_tells_of_declining(reason: Reason, want: str) -> None:
    assert finish_word(reason, None, [], refused=True) == want


@pytest.mark.parametrize(
    ("arguments", "reason", "lost"),
    [
        ("", Reason.MAX_OUTPUT, True),
        (" ", Reason.CONTEXT_WINDOW, True),
        ("{}", Reason.MAX_OUTPUT, False),
        ("", Reason.TOOL_USE, False),
    ],
)
def test_which_calls_were_cut_before_their_arguments(
    arguments: str, reason: Reason, lost: bool
) -> None:
    assert is_lost(arguments, reason) is lost
