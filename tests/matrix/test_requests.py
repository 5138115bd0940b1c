"""Every caller's requests to every upstream, judged by the upstreams' SDKs.

`dropped.toml` is the list of what does not cross, by caller and upstream, at its place
in the caller's document; it is rewritten with `--bless`, and a change of it is a change
of behaviour. `docs/reference/dropped.md` is made from it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_object,
    dumps,
    loads,
    loads_exact,
    write,
)
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.translate import Plan, request

from .callers import (
    ALLOWED,
    FULL,
    NAMES,
    SAMPLES,
    STORED,
    document_of,
    leads,
    validate,
)

PINNED: Final = Path(__file__).with_name("dropped.toml")
CROSSINGS: Final = [(down, up) for down in NAMES for up in NAMES if down != up]

names = pytest.mark.parametrize("name", NAMES)
crossings = pytest.mark.parametrize(("down", "up"), CROSSINGS)
sampled = pytest.mark.parametrize(
    ("down", "title"),
    [
        pytest.param(name, title, id=f"{name}-{title}")
        for name in NAMES
        for title in SAMPLES[name]
    ],
)


def crossed(body: bytes, down: str, up: str) -> Plan:
    streams = True if down == "gemini" else None
    return request(body, source=down, target=up, model="theirs", stream=streams)


def spelled(text: bytes) -> Any:
    """A document in which numbers are what was written, and keys have an order."""
    return json.loads(
        text,
        parse_int=lambda word: ("number", word),
        parse_float=lambda word: ("number", word),
        object_pairs_hook=lambda pairs: ("object", *pairs),
    )


def unordered(value: Any) -> Any:
    """The same with the keys of objects in any order."""
    match value:
        case ("object", *pairs):
            return {key: unordered(inner) for key, inner in pairs}
        case list():
            return [unordered(inner) for inner in value]
        case _:
            return value


# What stays as it is.


@names
def test_a_full_request_is_one_of_the_vendors(name: str) -> None:
    assert validate(name, document_of(name)) == []


@names
def test_nothing_is_lost_on_the_way_there_and_back(name: str) -> None:
    check_there_and_back(name, FULL[name])
    future = {**document_of(name), "from_the_future": {"x": [None, {"y": 1.50}]}}
    check_there_and_back(name, dumps(future))


@sampled
def test_nothing_of_a_sample_is_lost(down: str, title: str) -> None:
    check_there_and_back(down, dumps(SAMPLES[down][title]))


def check_there_and_back(name: str, body: bytes) -> None:
    parsed = DIALECTS[name].parse_request(as_object(loads_exact(body), ""))
    emitted = DIALECTS[name].emit_request(parsed)
    assert emitted.dropped == ()
    assert unordered(spelled(write(emitted.payload))) == unordered(spelled(body))


@names
@pytest.mark.parametrize("indent", [None, 2])
def test_natively_only_the_model_changes(name: str, indent: int | None) -> None:
    body = json.dumps(json.loads(FULL[name]), indent=indent).encode()
    plan = crossed(body, name, name)
    assert plan.body == body.replace(b'"model": "m"', b'"model": "theirs"', 1)
    assert plan.dropped == ()


# What crosses.


@crossings
def test_a_full_request_is_one_of_the_upstreams_vendor(down: str, up: str) -> None:
    plan = crossed(FULL[down], down, up)
    document = loads(plan.body)
    assert validate(up, document) == []
    if DIALECTS[up].names_model:
        assert isinstance(document, dict)
        assert (document["model"], document["stream"]) == ("theirs", True)


@sampled
@pytest.mark.parametrize("up", NAMES)
def test_a_sample_is_one_of_the_upstreams_vendor(
    down: str, title: str, up: str
) -> None:
    document: JsonObject = SAMPLES[down][title]
    kept = {path[1:] for name, path, _ in STORED if name == down}
    if down != up and kept & document.keys():
        return  # test_what_an_upstream_keeps_crosses_nowhere
    plan = crossed(dumps(document), down, up)
    assert validate(up, loads(plan.body)) == []
    for item in plan.dropped:
        assert leads(document, item.path), item


@pytest.mark.parametrize("allowed", ALLOWED, ids=lambda allowed: allowed[2])
def test_every_exception_is_needed(allowed: tuple[str, Any, str]) -> None:
    """The list cannot outlive what it is for."""
    up, words, reason = allowed
    assert reason
    judge = __import__(f"tests.judges.{up}", fromlist=["validate_request"])
    bodies = [(down, FULL[down]) for down in NAMES if down != up]
    bodies += [
        (down, dumps(sample))
        for down in ("openai_chat", "claude_messages")
        for sample in SAMPLES[down].values()
    ]
    complaints = [
        complaint
        for down, body in bodies
        for complaint in judge.validate_request(loads(crossed(body, down, up).body))
    ]
    assert any(words.search(complaint) for complaint in complaints)


@pytest.mark.parametrize(("down", "path", "more"), STORED)
@pytest.mark.parametrize("up", NAMES)
def test_what_an_upstream_keeps_crosses_nowhere(
    down: str, path: str, more: JsonObject, up: str
) -> None:
    body = dumps({**SAMPLES[down]["the least"], **more})
    if down == up:
        assert crossed(body, down, up).dropped == ()
        return
    with pytest.raises(DecodeError) as caught:
        crossed(body, down, up)
    assert caught.value.path == path


# What does not.


def dropped(down: str, up: str) -> dict[str, str]:
    """The reasons by place; a place may have several."""
    found: dict[str, str] = {}
    for item in crossed(FULL[down], down, up).dropped:
        before = f"{found[item.path]}; " if item.path in found else ""
        found[item.path] = before + item.reason
    return found


def test_what_is_dropped_is_pinned(bless: bool) -> None:
    found = {f"{down} to {up}": dropped(down, up) for down, up in CROSSINGS}
    if bless:
        PINNED.write_text(toml(found), encoding="utf-8")
    assert tomllib.loads(PINNED.read_text(encoding="utf-8")) == found


@crossings
def test_a_loss_has_a_place_in_the_callers_document(down: str, up: str) -> None:
    document = document_of(down)
    for item in crossed(FULL[down], down, up).dropped:
        assert leads(document, item.path), item


def toml(tables: Mapping[str, Mapping[str, str]]) -> str:
    lines = [
        "# What of the requests in `full/` does not cross, or crosses as something",
        "# near it. Written by test_requests.py: make bless",
    ]
    for title, rows in tables.items():
        lines += ["", f"[{quoted(title)}]"]
        lines += [f"{quoted(path)} = {quoted(why)}" for path, why in rows.items()]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    return json.dumps(text)
