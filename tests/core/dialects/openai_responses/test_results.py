"""Outputs of calls, from this dialect and from others."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.dialects.openai_responses.parts import kept
from cliproxy_core.dialects.openai_responses.parts_emit import Writer
from cliproxy_core.dialects.openai_responses.results import (
    OUTPUTS,
    emit_result,
    parse_result,
)
from cliproxy_core.ir.media import Media, MediaKind
from cliproxy_core.ir.request import (
    Extras,
    MediaPart,
    NativePart,
    Text,
    ToolKind,
    ToolResult,
)

NAME = "openai_responses"
PICTURE = MediaPart(Media(kind=MediaKind.IMAGE, url="https://x/y", detail="high"))
SHOWN = {"type": "input_image", "image_url": "https://x/y", "detail": "high"}
SPELLED = (
    '[{"type":"input_text","text":"Captured"},'
    '{"type":"input_image","image_url":"data:image/png;base64,AA==",'
    '"detail":"original"}]'
)


@pytest.mark.parametrize(
    ("item", "result"),
    [
        (
            {"type": "function_call_output", "call_id": "a", "output": "1"},
            ToolResult(call_id="a", parts=(Text("1"),)),
        ),
        (
            {
                "type": "custom_tool_call_output",
                "call_id": "a",
                "output": [
                    {"type": "input_text", "text": "1"},
                    {"type": "input_image", "image_url": "u"},
                    {"type": "refusal", "refusal": "no"},
                ],
                "id": "ctco_1",
                "cache_control": {"type": "ephemeral"},
            },
            ToolResult(
                call_id="a",
                parts=(
                    Text("1"),
                    MediaPart(Media(kind=MediaKind.IMAGE, url="u")),
                    NativePart(NAME, {"type": "refusal", "refusal": "no"}),
                ),
                kind=ToolKind.CUSTOM,
                plain=False,
                cache={"type": "ephemeral"},
                extras=kept({"id": "ctco_1"}),
            ),
        ),
        (
            {
                "type": "function_call_output",
                "call_id": "a",
                "output": [],
                "name": "f",
                "status": None,
            },
            ToolResult(
                call_id="a",
                parts=(),
                name="f",
                plain=False,
                extras=kept({"status": None}),
            ),
        ),
    ],
)
def test_outputs(item: Any, result: ToolResult) -> None:
    assert parse_result(item, OUTPUTS[item["type"]]) == result
    assert emit_result(result, ".p", Writer(own=True)) == item


def test_an_output_of_a_call_without_an_id_is_its_upstreams_business() -> None:
    item: Any = {"type": "function_call_output", "name": "f", "output": "1"}
    assert parse_result(item, ToolKind.FUNCTION) == NativePart(NAME, item)


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"output": None}, ".output"),
        ({"output": {}}, ".output"),
        ({"output": [7]}, ".output[0]"),
        ({"call_id": 7}, ".call_id"),
        ({"name": 7}, ".name"),
    ],
    ids=str,
)
def test_a_bad_output_is_a_complaint(more: Any, path: str) -> None:
    item = {"type": "function_call_output", "call_id": "a", "output": "", **more}
    with pytest.raises(DecodeError) as caught:
        parse_result(item, ToolKind.FUNCTION)
    assert caught.value.path == path


def output(
    *parts: Any, own: bool = False, plain: bool = False, error: bool | None = None
) -> tuple[Any, list[str]]:
    writer = Writer(own=own)
    result = ToolResult(call_id="a", parts=parts, plain=plain, error=error)
    item = emit_result(result, ".p", writer)
    assert (item["type"], item["call_id"]) == ("function_call_output", "a")
    return item["output"], [dropped.path for dropped in writer.dropped]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((), ""),
        ((Text("sunny"),), "sunny"),
        (
            (Text("a"), Text("b")),
            [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}],
        ),
        ((Text("a"), PICTURE), [{"type": "input_text", "text": "a"}, SHOWN]),
        ((PICTURE,), [SHOWN]),
    ],
)
@pytest.mark.parametrize("plain", [True, False])
def test_an_output_of_another_dialect_is_a_string_where_that_says_it_all(
    parts: Any, told: Any, plain: bool
) -> None:
    if len(parts) < 2:
        assert output(*parts, plain=plain) == (told, [])
    assert output(*parts) == (told, [])


@pytest.mark.parametrize(
    ("parts", "plain", "told"),
    [
        ((Text("a"),), True, "a"),
        ((Text("a"),), False, [{"type": "input_text", "text": "a"}]),
        ((), True, ""),
        ((), False, []),
        ((Text(SPELLED),), True, SPELLED),
    ],
)
def test_an_output_of_this_dialect_stays_what_it_was(
    parts: Any, plain: bool, told: Any
) -> None:
    assert output(*parts, own=True, plain=plain) == (told, [])


def test_an_error_is_said_in_words() -> None:
    lost = [".p.is_error"]
    assert output(Text("no file"), error=True) == ("Error: no file", lost)
    assert output(Text("error 404"), error=True) == ("error 404", lost)
    assert output(error=True) == ("Error:", lost)
    assert output(PICTURE, Text("x"), error=True) == (
        [SHOWN, {"type": "input_text", "text": "Error: x"}],
        lost,
    )
    assert output(PICTURE, error=True) == (
        [{"type": "input_text", "text": "Error:"}, SHOWN],
        lost,
    )
    assert output(Text("fine"), error=False) == ("fine", [])


def test_pictures_that_are_spelled_out_are_shown() -> None:
    told, lost = output(Text(SPELLED), plain=True)
    assert [part["type"] for part in told] == ["input_text", "input_image"]
    assert told[1]["detail"] == "original"
    assert lost == []


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        '{"status":"ok"}',
        '[{"type":"input_text","text":"only words"}]',
        '[{"type":"input_image"}]',
        '[{"type":"input_image","image_url":123}]',
        '[{"type":"input_image","image_url":"u","detail":123}]',
        '[{"type":"input_image","image_url":"u"},{"type":"input_file"}]',
        '["input_image"]',
        SPELLED[:-1],
        SPELLED + "x",
    ],
)
def test_anything_else_stays_a_string(text: str) -> None:
    assert output(Text(text), plain=True) == (text, [])


def test_what_is_lost_on_the_way() -> None:
    writer = Writer(own=False)
    result = ToolResult(
        call_id="a",
        parts=(
            Text("x", {"type": "ephemeral"}),
            NativePart("other", {}),
        ),
        name="f",
        kind=ToolKind.CUSTOM,
        plain=False,
        cache={"type": "ephemeral"},
        extras=Extras("other", {"x": 1}),
    )
    assert emit_result(result, ".p", writer) == {
        "type": "custom_tool_call_output",
        "call_id": "a",
        "output": [{"type": "input_text", "text": "x"}],
    }
    assert [dropped.path for dropped in writer.dropped] == [
        ".p.content[0].cache_control",
        ".p.content[1]",
        ".p.cache_control",
        ".p.x",
    ]


def test_what_this_dialect_said_beside() -> None:
    result = ToolResult(
        call_id="a",
        parts=(Text("x"),),
        name="f",
        cache={"type": "ephemeral"},
        extras=kept({"id": "i", "status": None}),
    )
    assert emit_result(result, ".p", Writer(own=True)) == {
        "type": "function_call_output",
        "call_id": "a",
        "output": "x",
        "name": "f",
        "cache_control": {"type": "ephemeral"},
        "id": "i",
        "status": None,
    }


def test_pictures_spelled_out_by_callers_are_pictures_and_go_back_as_words() -> None:
    item: Any = {
        "type": "function_call_output",
        "call_id": "a",
        "output": SPELLED,
        "id": "fco_1",
    }
    result = parse_result(item, ToolKind.FUNCTION)
    assert isinstance(result, ToolResult)
    assert [type(part) for part in result.parts] == [Text, MediaPart]
    assert emit_result(result, ".p", Writer(own=True)) == item
    assert result.extras.fields == {}  # nothing that others would miss
    spoilt = SPELLED.replace("data:image/png;base64,AA==", "data:")
    assert parse_result({**item, "output": spoilt[:-1]}, ToolKind.FUNCTION) == (
        attrs.evolve(
            result, parts=(Text(spoilt[:-1]),), plain=True, extras=kept({"id": "fco_1"})
        )
    )
