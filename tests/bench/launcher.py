"""Our proxy with an engine and a loop of one's choice, under a profiler if wanted.

`cliproxy serve` takes the fastest of both; the rows of the other combinations, and the
profiles, are made with this. Run as `python -m tests.bench.launcher`.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import os
import signal
from pathlib import Path

from cliproxy_app import config_file
from cliproxy_app.logs import LogWriter
from cliproxy_asyncio import serve

from cliproxy_core.config.model import Config
from cliproxy_core.gateway.app import App
from tests.bench.upstream import loop_factory

__all__ = ["configuration", "main"]


async def _run(config: Config, engine: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(
        App(config, bytes(32)),
        host=config.host,
        port=config.port,
        engine_name=engine,
        on_ready=lambda _host, _port: gc.freeze(),
        stop=stop,
        log=LogWriter(),
    )


def configuration(file: Path) -> Config:
    """What the file says; it is generated, so it says it right."""
    config = config_file.read(file.read_text(encoding="utf-8"), os.environ).config
    assert config is not None
    return config


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--loop", choices=("asyncio", "auto"), default="auto")
    parser.add_argument("--profile", type=Path, help="where to put a profile")
    arguments = parser.parse_args()
    config = configuration(arguments.config)
    factory = loop_factory if arguments.loop == "auto" else None
    profiler = cProfile.Profile()
    with asyncio.Runner(loop_factory=factory) as runner:
        if arguments.profile is not None:
            profiler.enable()
        runner.run(_run(config, arguments.engine))
    if arguments.profile is not None:
        profiler.disable()
        profiler.dump_stats(arguments.profile)


if __name__ == "__main__":
    main()
