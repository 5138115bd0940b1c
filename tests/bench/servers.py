"""The proxies that are compared: how they are started, and what they cost.

Everything listens on 127.0.0.1. Proxies run on one core, all else on the others.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

import attrs

from tests.bench.samples import MODEL

__all__ = ["ASGI", "NATIVE", "NGINX", "Server", "Site", "on_core", "start_upstream"]

ROOT: Final = Path(__file__).resolve().parents[2]

NGINX: Final = "nginx"
NATIVE: Final = "cliproxy, httptools + uvloop"
PURE: Final = "cliproxy, h11 + asyncio"
ASGI: Final = "cliproxy, ASGI under uvicorn"

# Where `tests.bench.asgi` finds its configuration.
ASGI_CONFIG: Final = "CLIPROXY_BENCH_CONFIG"

PEER: Final = "CLIPROXY_BENCH_PEER_"

# Some peers load for a while.
START: Final = 60.0
STOP: Final = 5.0

_TICK: Final = os.sysconf("SC_CLK_TCK")

_NGINX_CONF: Final = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  upstream there {{
    server 127.0.0.1:{upstream};
    keepalive 1024;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location / {{
      proxy_pass http://there;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }}
  }}
}}
"""

_CONFIG: Final = """\
host: 127.0.0.1
port: {port}
openai-compatibility:
  - name: bench
    base-url: http://127.0.0.1:{upstream}/v1
    api-key-entries:
      - api-key: bench
    models:
      - name: {model}
"""


@attrs.define(eq=False)
class Server:
    """A proxy that runs, with all the processes that it started."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    output: Path

    def cpu(self) -> float:
        """User and system time of all its processes so far, in seconds."""
        total = 0
        for pid in self._family():
            with contextlib.suppress(OSError):
                fields = _stat(pid)
                total += sum(int(field) for field in fields[11:15])
        return total / _TICK

    def resident(self) -> float:
        """Megabytes that all its processes hold in memory."""
        total = 0
        for pid in self._family():
            with contextlib.suppress(OSError):
                text = Path(f"/proc/{pid}/statm").read_text(encoding="ascii")
                total += int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return total / 2**20

    def _family(self) -> list[int]:
        parents: dict[int, int] = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError):
                    parents[int(entry)] = int(_stat(int(entry))[1])
        family = [self.process.pid]
        for pid in family:  # grows while it is walked
            family += [child for child, parent in parents.items() if parent == pid]
        return family


def _stat(pid: int) -> list[str]:
    """The fields after the command's name, which may hold anything."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()


@attrs.define
class Site:
    """A folder for generated files, and where the upstream listens."""

    folder: Path
    upstream: int
    notes: list[str] = attrs.field(factory=list)
    """What is missing, in words for the reader of the tables."""

    def commands(self) -> Iterator[tuple[str, int, list[str], Mapping[str, str]]]:
        """Everything that can be started: name, port, command, environment."""
        if shutil.which("nginx") is None:
            self.notes.append("nginx is not installed: nothing to compare with")
        else:
            port = _free_port()
            conf = self._write("nginx.conf", _NGINX_CONF, port)
            yield NGINX, port, ["nginx", "-p", str(self.folder), "-c", str(conf)], {}
        yield from self._own()
        for variable, command in sorted(os.environ.items()):
            if variable.startswith(PEER):
                port = _free_port()
                line = command.replace("{port}", str(port))
                line = line.replace("{upstream}", str(self.upstream))
                name = variable.removeprefix(PEER).lower()
                yield name, port, ["sh", "-c", line], {}

    def _own(self) -> Iterator[tuple[str, int, list[str], Mapping[str, str]]]:
        python = sys.executable
        for missing in ("httptools", "uvloop"):
            if importlib.util.find_spec(missing) is None:
                self.notes.append(f"{missing} is not installed; {NATIVE}: without it")
        port = _free_port()
        config = self._write("native.yaml", _CONFIG, port)
        command = [python, "-m", "cliproxy_app", "serve", "--config", str(config)]
        yield NATIVE, port, command, {}
        yield PURE, *self.launched("pure", "--engine", "h11", "--loop", "asyncio")
        port = _free_port()
        config = self._write("asgi.yaml", _CONFIG, port)
        command = [python, "-m", "uvicorn", "--factory", "tests.bench.asgi:new"]
        command += ["--port", str(port), "--log-level", "warning"]
        yield ASGI, port, command, {ASGI_CONFIG: str(config)}

    def launched(
        self, name: str, *options: str
    ) -> tuple[int, list[str], Mapping[str, str]]:
        """Our proxy with an engine and a loop of one's choice."""
        port = _free_port()
        config = self._write(f"{name}.yaml", _CONFIG, port)
        command = [sys.executable, "-m", "tests.bench.launcher"]
        return port, [*command, "--config", str(config), *options], {}

    def _write(self, name: str, template: str, port: int) -> Path:
        path = self.folder / name
        fields = {"folder": self.folder, "port": port, "upstream": self.upstream}
        path.write_text(template.format(model=MODEL, **fields), encoding="utf-8")
        return path

    @contextlib.contextmanager
    def running(
        self, name: str, port: int, command: list[str], extra: Mapping[str, str]
    ) -> Iterator[Server | None]:
        """Start it on the proxies' core; None, and a note, if it does not listen."""
        output = self.folder / f"{port}.log"
        with output.open("wb") as log, on_core(proxy=True):
            process = _spawn(command, log, extra)
        try:
            server = Server(name, port, process, output)
            if _listens(process, port):
                yield server
            else:
                self.notes.append(f"{name} did not start: {_last_line(output)}")
                yield None
        finally:
            _stop(process)


def _spawn(
    command: list[str], log: IO[bytes] | int, extra: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **extra},
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log if log != subprocess.PIPE else None,
        start_new_session=True,
    )


@contextlib.contextmanager
def start_upstream() -> Iterator[int]:
    """The upstream, away from the proxies' core; gives its port."""
    command = [sys.executable, "-m", "tests.bench.upstream"]
    with on_core(proxy=False):
        process = _spawn(command, subprocess.PIPE, {})
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        _stop(process)
        if process.stdout is not None:
            process.stdout.close()


@contextlib.contextmanager
def on_core(*, proxy: bool) -> Iterator[None]:
    """What is started inside runs on the proxies' core, or on all others."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    first = {min(allowed)}
    others = allowed - first or first
    os.sched_setaffinity(0, first if proxy else others)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + START
    while time.monotonic() < end:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1),
        ):
            return True
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        return False
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, in order if it can be had, and whoever stays behind."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP)
    if process.stdin is not None:
        process.stdin.close()


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "it said nothing")
