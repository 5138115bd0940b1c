"""Prints `docs/reference/config.md` from the configuration model itself."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Mapping
from types import ModuleType

import attrs
from cliproxy_app.config_shape import SHAPES, key_of
from cliproxy_app.other_keys import OTHER_KEYS

from cliproxy_core.base.secret import Secret
from cliproxy_core.config import defaults, model

from .markdown import field_words

__all__ = ["page"]

HEAD = """# Configuration reference

<!-- Generated from cliproxy_core/config/model.py: make bless -->

The file is YAML, `./config.yaml` unless `--config` names another one.
Keys that CLIProxyAPI has mean the same here; `timeouts` and `max-body-bytes` are ours.
A string may be `env.NAME` or hold `${NAME}`: both stand for an environment variable.
A variable that is not set is a complaint.
A key without a value is a key that is not there.
"""

OTHERS = """## Keys of CLIProxyAPI that are ignored

These are known and not understood yet.
Each of them that is in a file gives a notice at the start and has no effect.
Any other unknown key is an error.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, *(_section(shape) for shape in reversed(SHAPES)), OTHERS]
    for shape in reversed(SHAPES):
        keys = sorted(OTHER_KEYS.get(shape, ()))
        if keys:
            place = _title(shape)
            parts.append(f"{place}: " + ", ".join(f"`{key}`" for key in keys) + ".\n")
    return "\n".join(parts)


TITLES: Mapping[type, str] = {
    model.Config: "Top level",
    model.OpenAICompat: "`openai-compatibility[]`",
    model.CompatKey: "`openai-compatibility[].api-key-entries[]`",
    model.ClaudeKey: "`claude-api-key[]`",
    model.GeminiKey: "`gemini-api-key[]`",
    model.CodexKey: "`codex-api-key[]`",
    model.ModelName: "`models[]`",
    model.Streaming: "`streaming`",
    model.Timeouts: "`timeouts`",
}


def _title(shape: type) -> str:
    return TITLES[shape]


def _section(shape: type) -> str:
    meanings, reasons = field_words(shape), _reasons(defaults)
    hints = typing.get_type_hints(shape)
    rows = [f"## {_title(shape)}", "", str(inspect.getdoc(shape)), ""]
    rows += ["| Key | Kind | Default | Meaning |", "|---|---|---|---|"]
    for field in attrs.fields(shape):
        meaning = meanings[field.name]
        why = reasons.get(_constant(shape, field.name), "")
        text = f"{meaning} *{why}*" if why else meaning
        kind, default = _kind(hints[field.name]), _default(field.default)
        rows.append(f"| `{key_of(field.name)}` | {kind} | {default} | {text} |")
    return "\n".join(rows) + "\n"


def _kind(hint: object) -> str:
    names: dict[object, str] = {
        str: "string",
        int: "whole number",
        float: "seconds",
        bool: "true or false",
        Secret: "secret string",
    }
    if hint in names:
        return names[hint]
    origin = typing.get_origin(hint)
    if origin is tuple:
        inner = typing.get_args(hint)[0]
        return "list of secret strings" if inner is Secret else "list"
    return "names and secret strings" if origin is not None else "keys"


def _default(default: object) -> str:
    if default is attrs.NOTHING:
        return "required"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, int | float):
        return f"{default:g}" if isinstance(default, float) else str(default)
    if isinstance(default, str) and default:
        return f"`{default}`"
    return "see below" if attrs.has(type(default)) and default != Secret("") else "none"


def _constant(shape: type, name: str) -> str:
    """The constant in `defaults` that a field takes its default from."""
    found = re.search(
        rf"^    {name}: .*= defaults\.(\w+)$", inspect.getsource(shape), re.MULTILINE
    )
    return found[1] if found else ""


def _reasons(module: ModuleType) -> dict[str, str]:
    """The comment above each constant."""
    out: dict[str, str] = {}
    comment: list[str] = []
    for line in inspect.getsource(module).splitlines():
        if line.startswith("# "):
            comment.append(line[2:])
        else:
            name = re.match(r"(\w+): Final", line)
            if name and comment:
                out[name[1]] = " ".join(comment)
            comment = []
    return out
