"""`uvicorn cliproxy_app.asgi:app`: the file named by CLIPROXY_CONFIG, as an ASGI app.

Importing this reads nothing. The file is read when the server starts the application
(its lifespan), and a file that makes no sense keeps the server from starting.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
from cliproxy_anyio import Dialer
from cliproxy_asgi import Application, Receive, Scope, Send, create_app
from cliproxy_driver import engine

from cliproxy_core.config.model import Config
from cliproxy_core.gateway.app import App

from . import config_file, entropy
from .logs import LogWriter

__all__ = ["CannotConfigureError", "ConfiguredApp", "app"]

VARIABLE: Final = "CLIPROXY_CONFIG"

# A file larger than this is not a configuration; it would take minutes to parse.
MAX_FILE_BYTES: Final = 4 * 1024 * 1024


class CannotConfigureError(Exception):
    """What the file or the environment lacks, in one line for its owner."""


@attrs.define
class ConfiguredApp:
    """An ASGI application that finds its configuration when it is first called."""

    environ: Mapping[str, str] = attrs.field(repr=False)
    _application: Application | None = attrs.field(default=None, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            application = self._configured()
        except CannotConfigureError as error:
            if scope["type"] != "lifespan":
                raise
            await receive()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await application(scope, receive, send)

    def _configured(self) -> Application:
        if self._application is None:
            app = App(_config(self.environ), entropy.seed())
            dialer = Dialer(engine())
            self._application = create_app(app, dialer=dialer, log=LogWriter())
        return self._application


def _config(environ: Mapping[str, str]) -> Config:
    name = environ.get(VARIABLE)
    if not name:
        raise CannotConfigureError(f"set {VARIABLE} to the name of a file")
    reading = config_file.read(_text(Path(name)), environ)
    config = reading.config
    if config is None:
        complaints = "; ".join(str(remark) for remark in reading.complaints)
        raise CannotConfigureError(f"{name}: {complaints}")
    if not config.api_keys:
        # The server listens, and does not say where before the first request.
        text = f"{name}: set api-keys: this server may be reached from outside"
        raise CannotConfigureError(text)
    return config


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise CannotConfigureError(f"{file}: {reason}") from None
    except UnicodeDecodeError:
        raise CannotConfigureError(f"{file}: not UTF-8 text") from None
    if len(data) > MAX_FILE_BYTES:
        raise CannotConfigureError(f"{file}: too large for a configuration")
    return text


app = ConfiguredApp(os.environ)
