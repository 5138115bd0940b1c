"""`cliproxy_app.asgi:app`: configured when started, and not started with nonsense."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

import anyio
import pytest
from cliproxy_app.asgi import MAX_FILE_BYTES, CannotConfigureError, ConfiguredApp

GOOD = """
api-keys: [key]
openai-compatibility:
  - name: up
    base-url: https://up.invalid/v1
"""

Message = MutableMapping[str, object]


def called(app: ConfiguredApp, scope: Message, *said: Message) -> list[Message]:
    """What the application sends in a scope in which it is told so much."""
    told = iter(said)
    sent: list[Message] = []

    async def receive() -> Message:
        return next(told)

    async def send(message: Message) -> None:
        sent.append(message)

    async def main() -> None:
        await app(scope, receive, send)

    anyio.run(main)
    return sent


def started(app: ConfiguredApp) -> list[Message]:
    startup: Message = {"type": "lifespan.startup"}
    shutdown: Message = {"type": "lifespan.shutdown"}
    return called(app, {"type": "lifespan"}, startup, shutdown)


def get(path: str) -> Message:
    return {"type": "http", "method": "GET", "path": path, "headers": []}


def written(folder: Path, text: str) -> ConfiguredApp:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return ConfiguredApp({"CLIPROXY_CONFIG": str(file)})


def reason(app: ConfiguredApp) -> str:
    (failed,) = started(app)
    assert failed["type"] == "lifespan.startup.failed"
    return str(failed["message"])


def test_it_starts_serves_and_stops(tmp_path: Path) -> None:
    app = written(tmp_path, GOOD)
    assert [message["type"] for message in started(app)] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    start, body = called(app, get("/v1/models"))
    assert start["status"] == 401
    assert body["more_body"] is False


def test_a_server_without_lifespan_is_served_too(tmp_path: Path) -> None:
    start, _ = called(written(tmp_path, GOOD), get("/"))
    assert start["status"] == 200


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nonsense: 1", "nonsense"),
        (GOOD.replace("[key]", "[]"), "set api-keys"),
        ("- a list", "expected keys"),
        ("#" * (MAX_FILE_BYTES + 1), "too large"),
    ],
)
def test_nonsense_keeps_it_from_starting(
    text: str, complaint: str, tmp_path: Path
) -> None:
    said = reason(written(tmp_path, text))
    assert complaint in said
    assert "\n" not in said


def test_what_cannot_be_read_keeps_it_from_starting(tmp_path: Path) -> None:
    assert "CLIPROXY_CONFIG" in reason(ConfiguredApp({}))
    missing = ConfiguredApp({"CLIPROXY_CONFIG": str(tmp_path / "none.yaml")})
    assert "No such file" in reason(missing)
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\xfd")
    assert "UTF-8" in reason(
        ConfiguredApp({"CLIPROXY_CONFIG": str(tmp_path / "latin.yaml")})
    )


def test_a_request_to_an_unconfigured_application_raises() -> None:
    with pytest.raises(CannotConfigureError):
        called(ConfiguredApp({}), {"type": "http"})
