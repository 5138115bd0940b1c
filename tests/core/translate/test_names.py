"""Names that fit: stable, unlike each other, and found again."""

from __future__ import annotations

import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import ToolLimits
from cliproxy_core.ir.request import Tool, ToolKind
from cliproxy_core.translate.names import (
    NO_NAMES,
    Identity,
    ToolNames,
    fit_id,
    fit_name,
    qualified,
)

CHAT = DIALECTS["openai_chat"].limits
CLAUDE = DIALECTS["claude_messages"].limits
LONG = "mcp__server__" + "x" * 70
limits = pytest.mark.parametrize(
    "limits", [d.limits for d in DIALECTS.values()], ids=list(DIALECTS)
)


@pytest.mark.parametrize("name", ["lookup", "a-b_C9", "x" * 64])
def test_what_fits_stays(name: str) -> None:
    assert fit_name(name, CHAT) == name


@limits
@given(name=st.text(max_size=200))
def test_whatever_the_name_it_fits_and_depends_on_itself_alone(
    limits: ToolLimits, name: str
) -> None:
    fitted = fit_name(name, limits)
    assert limits.name.fullmatch(fitted)
    assert len(fitted) <= limits.name_length
    assert fit_name(name, limits) == fitted
    assert fit_name(fitted, limits) == fitted


@limits
@given(names=st.sets(st.text(alphabet="ab .é", min_size=50, max_size=150), max_size=20))
def test_different_names_stay_different(limits: ToolLimits, names: set[str]) -> None:
    assert len({fit_name(name, limits) for name in names}) == len(names)


def test_long_names_with_a_common_beginning_stay_apart() -> None:
    one, other = fit_name(LONG + "a", CHAT), fit_name(LONG + "b", CHAT)
    assert one != other
    assert one[:50] == other[:50]


@pytest.mark.parametrize(
    ("namespace", "name", "full"),
    [
        (None, "f", "f"),
        ("", "f", "f"),
        ("ns", "f", "ns__f"),
        ("mcp__test__", "add", "mcp__test__add"),
        ("collab", "collaboration", "collab__collaboration"),
        ("ns", "ns__f", "ns__f"),
    ],
)
def test_a_group_goes_before_the_name(
    namespace: str | None, name: str, full: str
) -> None:
    assert qualified(namespace, name) == full


def test_ids() -> None:
    assert fit_id("call.with space:1", CLAUDE, ()) == "call_with_space_1"
    taken = fit_id("a.b", CLAUDE, {"a_b"})
    assert taken != "a_b"
    assert re.fullmatch(r"a_b_[0-9a-f]{16}", taken)
    narrow = fit_id("x" * 66, DIALECTS["openai_chat"].limits, ())
    assert narrow == "x" * 66, "this API has no limit"


def test_an_upstream_may_get_the_case_wrong() -> None:
    names = ToolNames.of([(Tool(name="Bash"), "Bash"), (Tool(name="Read"), "Read")])
    assert names.meant("Bash") == names.meant("bash") == Identity("Bash")
    assert names.meant("__READ ") == Identity("Read")
    assert names.meant("Write") is None
    twins = ToolNames.of([(Tool(name="Run"), "Run"), (Tool(name="run"), "run")])
    assert twins.meant("RUN") is None
    assert twins.meant("run") == Identity("run")


def test_a_call_without_a_name_means_the_only_free_text_tool() -> None:
    free = Tool(name="exec", kind=ToolKind.CUSTOM)
    names = ToolNames.of([(free, "exec"), (Tool(name="f"), "f")])
    assert names.nameless == "exec"
    assert NO_NAMES.nameless is None
    twins = ToolNames.of([(free, "exec"), (attrs.evolve(free, name="run"), "run")])
    assert twins.nameless is None
    assert not NO_NAMES
