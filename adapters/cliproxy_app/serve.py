"""Runs the proxy until a signal, and beside it the demo upstream when asked."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from cliproxy_asyncio import host_machine, serve
from cliproxy_driver import engine

from cliproxy_core.config.model import Config
from cliproxy_core.gateway.app import App
from cliproxy_core.testing.demo import demo_answer
from cliproxy_core.testing.script import ScriptedUpstream, ScriptLog

from . import entropy
from .demo_config import demo_lines, with_demo
from .logs import BatchedLog

__all__ = ["CannotServeError", "run"]

# A burst of parsed events is some thousand objects that are gone at the end of the
# read. With CPython's 700 the collector walks them again and again, to no avail: what
# the machines make has no cycles.
YOUNG_OBJECTS = 10_000


class CannotServeError(Exception):
    """What the machine does not allow, in one line for its owner."""


def run(config: Config, *, demo: bool) -> None:
    """Serve until SIGINT or SIGTERM; a second one stops at once."""
    refused: OSError | None = None
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        try:
            runner.run(_main(config, demo=demo))
        except* OSError as group:
            refused = _first(group)
        except* asyncio.CancelledError:
            raise SystemExit(1) from None
    if refused is not None:
        raise CannotServeError(_reason(refused, config))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed; None means asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _main(config: Config, *, demo: bool) -> None:
    stop = asyncio.Event()
    _listen_to_signals(stop)
    if not demo:
        await _serve(config, stop, demo=False)
        return
    async with asyncio.TaskGroup() as tasks:
        upstream_stop = asyncio.Event()
        port = await _demo_upstream(tasks, upstream_stop)
        try:
            await _serve(with_demo(config, port), stop, demo=True)
        finally:
            upstream_stop.set()


async def _serve(config: Config, stop: asyncio.Event, *, demo: bool) -> None:
    def on_ready(host: str, port: int) -> None:
        lines = [f"cliproxy listens on http://{_shown(host)}:{port}"]
        if demo:
            lines += demo_lines(
                f"http://{_shown(host)}:{port}", keys=bool(config.api_keys)
            )
        _print(lines)
        # What exists by now lives as long as the process: the collector need not
        # walk it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)

    log = BatchedLog(asyncio.get_running_loop())
    try:
        await serve(
            App(config, entropy.seed()),
            host=config.host,
            port=config.port,
            on_ready=on_ready,
            stop=stop,
            log=log,
        )
    finally:
        log.flush()


async def _demo_upstream(tasks: asyncio.TaskGroup, stop: asyncio.Event) -> int:
    """Start the scripted upstream on a free port of the loopback; return the port."""
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    codec = engine("auto").server

    def connection() -> ScriptedUpstream:
        # A log of its own for each connection: nobody reads it, and it must not grow.
        return ScriptedUpstream(codec(), demo_answer, ScriptLog())

    hosting = tasks.create_task(
        host_machine(
            connection,
            host="127.0.0.1",
            port=0,
            on_ready=lambda _, port: ready.set_result(port),
            stop=stop,
        )
    )
    await asyncio.wait((hosting, ready), return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        await hosting  # it failed before it listened, and says so
    return ready.result()


def _listen_to_signals(stop: asyncio.Event) -> None:
    main = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def signalled() -> None:
        if stop.is_set() and main is not None:
            main.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C raises instead
            loop.add_signal_handler(number, signalled)


def _shown(host: str) -> str:
    """The address as one would type it on this machine."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104  # shown, not bound
        return "127.0.0.1"
    return f"[{host.strip('[]')}]" if ":" in host else host


def _print(lines: list[str]) -> None:
    with suppress(OSError):  # nobody reads; that is no reason not to serve
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


def _first(group: BaseExceptionGroup[OSError]) -> OSError:
    for error in group.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    raise AssertionError("a group has members")


def _reason(error: OSError, config: Config) -> str:
    place = f"port {config.port} on {config.host or 'all interfaces'}"
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"{place} is in use; stop what listens there, or choose another --port"
            )
        case errno.EACCES:
            return f"{place} needs more rights than this user has"
        case errno.EADDRNOTAVAIL:
            return f"{place}: this machine does not have that address"
        case _:
            told = os.strerror(error.errno) if error.errno and error.errno > 0 else ""
            return f"cannot listen on {place}: {told or type(error).__name__}"
