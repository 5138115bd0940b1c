"""The proxy as an ASGI application: `uvicorn --factory tests.bench.asgi:new`.

The configuration file is named by the environment: uvicorn passes no arguments on.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cliproxy_anyio import Dialer
from cliproxy_app.logs import LogWriter
from cliproxy_asgi import create_app
from cliproxy_asgi.application import Application
from cliproxy_driver import engine

from cliproxy_core.gateway.app import App
from tests.bench.launcher import configuration

__all__ = ["CONFIG", "new"]

CONFIG: Final = "CLIPROXY_BENCH_CONFIG"


def new() -> Application:
    """What uvicorn serves."""
    app = App(configuration(Path(os.environ[CONFIG])), bytes(32))
    return create_app(app, dialer=Dialer(engine("auto")), log=LogWriter())
