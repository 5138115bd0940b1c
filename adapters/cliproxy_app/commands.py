"""The commands. Everything that can be wrong becomes a clear line and an exit code."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

import attrs
import click

import cliproxy_core
from cliproxy_core.config.model import Config

from . import config_file
from .lint_command import lint
from .say import CANNOT_RUN, MAKES_NO_SENSE, say, stop
from .serve import CannotServeError, run
from .translate_command import translate

__all__ = ["cli"]

DEFAULT_FILE = Path("config.yaml")


@click.group()
def cli() -> None:
    """A proxy for LLM APIs that never sends an illegal stream."""


@cli.command()
def version() -> None:
    """Print the version."""
    click.echo(f"cliproxy {cliproxy_core.__version__}")


@cli.command()
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="Configuration file; ./config.yaml where it exists.",
)
@click.option("--host", help="Address to listen on, instead of the file's.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port, instead of the file's."
)
@click.option("--demo", is_flag=True, help="Add an upstream that needs no key.")
def serve(file: Path | None, host: str | None, port: int | None, demo: bool) -> None:
    """Listen and serve until told to stop."""
    config = _configuration(file, demo)
    if host is not None:
        config = attrs.evolve(config, host=host)
    if port is not None:
        config = attrs.evolve(config, port=port)
    if not config.api_keys and not _is_loopback(config.host):
        stop(
            MAKES_NO_SENSE,
            f"host {config.host or '(all interfaces)'} can be reached from outside: "
            "set api-keys, or host: 127.0.0.1",
        )
    try:
        run(config, demo=demo)
    except CannotServeError as error:
        stop(CANNOT_RUN, str(error))


def _configuration(file: Path | None, demo: bool) -> Config:
    if file is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    if file is not None:
        return _from_file(file)
    if not demo:
        text = "there is no ./config.yaml: name one with --config, or try --demo"
        stop(MAKES_NO_SENSE, text)
    return Config()


def _from_file(file: Path) -> Config:
    reading = config_file.load(file, os.environ)
    say("notice", "yellow", (f"{file}: {remark}" for remark in reading.notices))
    if reading.config is None:
        stop(MAKES_NO_SENSE, *(f"{file}: {remark}" for remark in reading.complaints))
    return reading.config


def _is_loopback(host: str) -> bool:
    """Names other than `localhost` may mean anything; they count as outside."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


cli.add_command(lint)
cli.add_command(translate)
