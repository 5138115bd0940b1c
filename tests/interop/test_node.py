"""The JavaScript SDKs and a well-behaved upstream: every pair, every way of reading.

They are installed from the lock once, into a folder of the virtual environment.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from cliproxy_core.testing.demo import demo_answer

from .conftest import FAST
from .readings import CHAT_STOPS, CLAUDE_STOPS, Stop
from .rig import ALL_PAIRS, DOWNSTREAM_KEY, Pair, start_rig

HERE: Final = Path(__file__).with_name("node")
CACHE: Final = Path(sys.prefix) / "interop-node"
LOCKED: Final = ("package.json", "package-lock.json", ".npmrc")

# An installation takes seconds; a registry that needs longer is not there.
INSTALL: Final = 300
CONVERSE: Final = 120

HELLO: Final = "Hello from the demo upstream."
THOUGHT: Final = "The user greets me."
PROOF: Final = b"ZGVtby1zaWduYXR1cmU="
STOPS: Final = {
    "chat": CHAT_STOPS,
    "responses": {"completed": Stop.END, "calls": Stop.CALLS},
    "claude": CLAUDE_STOPS,
    "gemini": {"STOP": Stop.END, "calls": Stop.CALLS},
}

pairs = pytest.mark.parametrize("pair", ALL_PAIRS, ids=str)
modes = pytest.mark.parametrize("mode", ["whole", "create", "stream"])


def installed() -> Path:
    """A folder with the script and what it needs, made anew when the lock changes."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed")
    locked = b"".join((HERE / name).read_bytes() for name in LOCKED)
    folder = CACHE / hashlib.sha256(locked).hexdigest()[:16]
    if not (folder / "node_modules" / ".complete").exists():
        shutil.rmtree(CACHE, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in LOCKED:
            shutil.copy(HERE / name, folder)
        subprocess.run([npm, "ci"], cwd=folder, check=True, timeout=INSTALL)
        (folder / "node_modules" / ".complete").touch()
    shutil.copy(HERE / "run.mjs", folder)
    return folder


@pytest.fixture(scope="module")
def results() -> Any:
    """What the SDKs made of every answer, by pair, mode and conversation."""
    folder = installed()
    with start_rig(FAST) as rig:
        for playlist in rig.playlists.values():
            playlist.play(demo_answer)
        done = subprocess.run(
            ["node", "run.mjs", rig.proxy.base_url, DOWNSTREAM_KEY],
            cwd=folder,
            check=False,
            timeout=CONVERSE,
            capture_output=True,
            text=True,
        )
        proven = sum(PROOF in r.body for r in rig.playlists["claude"].asked)
    assert done.returncode == 0, done.stderr
    return {"proven": proven, **json.loads(done.stdout)}


def read(results: Any, pair: Pair, mode: str, name: str) -> list[Any]:
    """The readings of a conversation, with stops in the words of all pairs."""
    result = results[f"{pair} {mode} {name}"]
    assert "error" not in result, result
    readings: list[Any] = result["readings"]
    for reading in readings:
        reading["stop"] = STOPS[pair.caller].get(reading["stop"], reading["stop"])
    return readings


@modes
@pairs
def test_text_and_usage(results: Any, pair: Pair, mode: str) -> None:
    (reading,) = read(results, pair, mode, "text")
    assert reading["text"] == HELLO
    assert reading["stop"] is Stop.END
    assert reading["tokens"] == [20, 8, 6]


@modes
@pairs
def test_a_tool_round_trip(results: Any, pair: Pair, mode: str) -> None:
    first, second = read(results, pair, mode, "tool")
    (call,) = first["calls"]
    assert (call["name"], call["arguments"]) == ("get_time", {"zone": "Paris"})
    assert first["stop"] is Stop.CALLS
    assert second["text"] == "The tool said: noon"
    assert second["stop"] is Stop.END


@modes
@pairs
def test_two_parallel_calls(results: Any, pair: Pair, mode: str) -> None:
    first, second = read(results, pair, mode, "tools")
    assert first["text"] == "Two at once."
    cities = [call["arguments"] for call in first["calls"]]
    assert cities == [{"city": "Paris"}, {"city": "Rome"}]
    assert len({call["id"] for call in first["calls"]}) == 2
    assert first["stop"] is Stop.CALLS
    assert second["text"].startswith("The tool said: ")
    assert second["stop"] is Stop.END


@modes
@pairs
def test_thinking_returns_with_its_proof(results: Any, pair: Pair, mode: str) -> None:
    """The upstream refuses a proof that is not its own."""
    first, second = read(results, pair, mode, "thinking")
    assert first["text"] == second["text"] == HELLO
    assert first["tokens"] == [20, 8, 11]
    if (pair.caller, mode) != ("chat", "stream"):
        # The SDK's accumulator keeps only the last piece of a field it does not know.
        assert first["thinking"] == second["thinking"] == THOUGHT


def test_every_proof_came_back(results: Any) -> None:
    callers_and_modes = 4 * 3
    assert results["proven"] == callers_and_modes


@modes
@pairs
@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("error", 500, "the demo broke down"),
        ("cut", 502, "upstream"),
        ("429", 429, "one at a time"),
    ],
)
def test_failures_are_errors(
    results: Any, pair: Pair, mode: str, name: str, status: int, words: str
) -> None:
    result = results[f"{pair} {mode} {name}"]
    assert words in result["error"]
    begun = mode != "whole" and status != 429
    # Gemini's errors bring their status along; Claude's is of an overloaded upstream.
    inside = (status, 529) if pair.caller == "gemini" else (None, 200)
    assert result["status"] in (inside if begun else (status,))
