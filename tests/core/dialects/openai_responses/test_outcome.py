"""How a response went, and what came of it."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy_core.dialects.openai_responses.outcome import (
    is_cut,
    mime_of,
    seconds_of,
    stop_of,
)
from cliproxy_core.ir.stream import Reason, Stopped


def incomplete(reason: Any) -> dict[str, Any]:
    return {"status": "incomplete", "incomplete_details": {"reason": reason}}


LIMIT = incomplete("max_output_tokens")
SEQUENCE = {"stop_reason": "stop", "stop_sequence": "END"}

# The response, whether there were calls, whether one was cut; and the reason.
STOPS: list[tuple[dict[str, Any], bool, bool, Stopped]] = [
    ({}, False, False, Stopped(Reason.END, "completed")),
    ({"status": "completed"}, False, False, Stopped(Reason.END, "completed")),
    ({}, True, False, Stopped(Reason.TOOL_USE, "completed")),
    ({}, True, True, Stopped(Reason.MAX_OUTPUT, "completed")),
    (LIMIT, False, False, Stopped(Reason.MAX_OUTPUT, "max_output_tokens")),
    (LIMIT, True, True, Stopped(Reason.MAX_OUTPUT, "max_output_tokens")),
    (
        incomplete("content_filter"),
        True,
        False,
        Stopped(Reason.REFUSAL, "content_filter"),
    ),
    (incomplete("steered"), False, False, Stopped(Reason.OTHER, "steered")),
    (incomplete(7), False, False, Stopped(Reason.OTHER, "incomplete")),
    ({"status": "incomplete"}, False, False, Stopped(Reason.OTHER, "incomplete")),
    (SEQUENCE, False, False, Stopped(Reason.STOP_SEQUENCE, "stop", "END")),
    (SEQUENCE, True, False, Stopped(Reason.TOOL_USE, "stop", "END")),
    (
        {"stop_sequence": "END"},
        False,
        False,
        Stopped(Reason.STOP_SEQUENCE, "completed", "END"),
    ),
    ({"stop_reason": "stop"}, False, False, Stopped(Reason.END, "stop")),
    ({"stop_reason": "end_turn"}, False, False, Stopped(Reason.END, "end_turn")),
    (
        {"stop_reason": "max_tokens"},
        False,
        False,
        Stopped(Reason.MAX_OUTPUT, "max_tokens"),
    ),
    ({"stop_reason": "refusal"}, False, False, Stopped(Reason.REFUSAL, "refusal")),
    ({"stop_reason": "tool_use"}, True, False, Stopped(Reason.TOOL_USE, "tool_use")),
    # Without a call there is nothing to use.
    ({"stop_reason": "tool_use"}, False, False, Stopped(Reason.END, "tool_use")),
]


@pytest.mark.parametrize(("response", "calls", "cut", "stopped"), STOPS)
def test_why_it_stopped(
    response: dict[str, Any], calls: bool, cut: bool, stopped: Stopped
) -> None:
    assert stop_of(response, calls=calls, cut=cut) == stopped


@pytest.mark.parametrize(
    ("item", "cut"),
    [
        ({"type": "function_call", "status": "incomplete"}, True),
        ({"type": "custom_tool_call", "status": "incomplete"}, True),
        ({"type": "function_call", "status": "completed"}, False),
        ({"type": "function_call"}, False),
        ({"type": "message", "status": "incomplete"}, False),
    ],
)
def test_calls_that_were_cut(item: dict[str, Any], cut: bool) -> None:
    assert is_cut(item) is cut


@pytest.mark.parametrize(
    ("item", "mime"),
    [
        ({}, "image/png"),
        ({"output_format": 7}, "image/png"),
        ({"output_format": "jpeg"}, "image/jpeg"),
        ({"output_format": "svg"}, "image/svg+xml"),
    ],
)
def test_media_types(item: dict[str, Any], mime: str) -> None:
    assert mime_of(item) == mime


@pytest.mark.parametrize(
    ("created", "seconds"),
    [
        (7, 7),
        (7.9, 7),
        (0, 0),
        (None, None),
        ("7", None),
        (-1, None),
        (1e30, None),
        (10**18, None),
        ([7], None),
    ],
)
def test_times(created: Any, seconds: int | None) -> None:
    assert seconds_of(created) == seconds
