"""A YAML document becomes a `Config`, or a list of everything that is wrong with it.

    text -> tree -> environment put in -> keys sorted -> structured and checked

Keys are of three kinds: understood; known to CLIProxyAPI and not understood here, which
is a notice; known to nobody, which is a complaint. Complaints name places and types,
never a value: values may be keys.
"""

from __future__ import annotations

import difflib
import pathlib
import re
import typing
from collections.abc import Mapping
from typing import Final, TypeAlias, cast

import attrs
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from cliproxy_core.config.model import Config

from .config_shape import Path, faults, key_of, structure
from .other_keys import OTHER_KEYS

__all__ = ["MAX_FILE_BYTES", "Reading", "Remark", "load", "read", "written"]

# The deepest place that means anything is `openai-compatibility[0].models[0].name`;
# a YAML document can also contain itself.
MAX_DEPTH: Final = 32

# A file larger than this is not a configuration; it would take minutes to parse.
MAX_FILE_BYTES: Final = 4 * 1024 * 1024

_BRACED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WHOLE = re.compile(r"env\.([A-Za-z_][A-Za-z0-9_]*)")

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | float | bool | None"


@attrs.frozen(kw_only=True)
class Remark:
    """Something to say about one place of the file."""

    path: str
    text: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line is not None else ""
        return f"{where}{self.path}: {self.text}" if self.path else where + self.text


@attrs.frozen(kw_only=True)
class Reading:
    """What a file says. There is a config exactly if there are no complaints."""

    config: Config | None
    complaints: tuple[Remark, ...] = ()
    notices: tuple[Remark, ...] = ()


def load(file: pathlib.Path, environ: Mapping[str, str]) -> Reading:
    """Read a file; one that cannot be read is a complaint like any other."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            return _no_config("too large for a configuration")
        return read(data.decode("utf-8-sig"), environ)
    except OSError as error:
        return _no_config(error.strerror or "cannot be read")
    except UnicodeDecodeError:
        return _no_config("not UTF-8 text")


def read(text: str, environ: Mapping[str, str]) -> Reading:
    """Read a whole document; every complaint is found at once."""
    try:
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        return Reading(config=None, complaints=(_not_yaml(error),))
    except (YAMLError, ValueError, RecursionError):
        return _no_config("this is not a YAML document")
    if document is None:
        document = CommentedMap()
    if not isinstance(document, CommentedMap):
        return _no_config("expected keys and values at the top")
    return _Reader(document, environ).reading()


def written(path: Path) -> str:
    """A path as people write it: `openai-compatibility[0].base-url`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            out += f".{step}" if out else step
    return out


def _no_config(text: str) -> Reading:
    return Reading(config=None, complaints=(Remark(path="", text=text),))


def _place(remark: Remark) -> int:
    return remark.line or 0


def _not_yaml(error: MarkedYAMLError) -> Remark:
    """Where it stops being YAML. The parser's own words may quote the text."""
    mark = error.problem_mark or error.context_mark
    twice = isinstance(error, DuplicateKeyError)
    return Remark(
        path="",
        text="a key that is there twice" if twice else "this is not YAML",
        line=None if mark is None else mark.line + 1,
    )


@attrs.define
class _Reader:
    """One pass over one document."""

    document: CommentedMap
    environ: Mapping[str, str]
    complaints: list[Remark] = attrs.field(factory=list, init=False)
    notices: list[Remark] = attrs.field(factory=list, init=False)

    def reading(self) -> Reading:
        tree = self._plain(self.document, ())
        self._sort_keys(Config, tree, ())
        config: Config | None = None
        try:
            config = structure(tree, Config)
        except Exception as error:  # cattrs raises groups of whatever its hooks raise
            for path, text in faults(error):
                self._complain(path, text)
        return Reading(
            config=None if self.complaints else config,
            complaints=tuple(sorted(self.complaints, key=_place)),
            notices=tuple(sorted(self.notices, key=_place)),
        )

    def _complain(self, path: Path, text: str) -> None:
        line = _line(self.document, path)
        self.complaints.append(Remark(path=written(path), text=text, line=line))

    def _notice(self, path: Path, text: str) -> None:
        line = _line(self.document, path)
        self.notices.append(Remark(path=written(path), text=text, line=line))

    # The tree, without YAML's own classes, empty values and references.

    def _plain(self, node: object, path: Path) -> Tree:
        if len(path) > MAX_DEPTH:
            self._complain(path[:1], "nested too deeply")
            return None
        if isinstance(node, CommentedMap):
            named = {key: child for key, child in node.items() if isinstance(key, str)}
            if len(named) < len(node):
                self._complain(path, "a key that is not a string")
            return {
                key: self._plain(child, (*path, key))
                for key, child in named.items()
                if not self._is_callers(key, child, path)
            }
        if isinstance(node, CommentedSeq):
            return [self._plain(child, (*path, i)) for i, child in enumerate(node)]
        if isinstance(node, str):
            return self._with_environment(str(node), path)
        if isinstance(node, bool):
            return node
        if isinstance(node, int):
            return int(node)
        if isinstance(node, float):
            return float(node)
        if node is not None:
            self._complain(path, "a kind of value that has no meaning here")
        return None

    def _is_callers(self, key: str, child: object, path: Path) -> bool:
        """CLIProxyAPI copies a header of the caller where the value is `$NAME`."""
        is_header = len(path) == 3 and path[-1] == "headers"
        if not is_header or not isinstance(child, str):
            return False
        if not child.startswith("$") or child.startswith("${"):
            return False
        text = "a header copied from the caller is not understood yet; not sent"
        self._notice((*path, key), text)
        return True

    def _with_environment(self, text: str, path: Path) -> str:
        whole = _WHOLE.fullmatch(text)
        if whole is not None:
            return self._variable(whole[1], path)
        return _BRACED.sub(lambda match: self._variable(match[1], path), text)

    def _variable(self, name: str, path: Path) -> str:
        value = self.environ.get(name)
        if value is None:
            self._complain(path, f"the environment variable {name} is not set")
        return value or ""

    # Keys: understood, CLIProxyAPI's, or nobody's.

    def _sort_keys(self, shape: object, tree: Tree, path: Path) -> None:
        if isinstance(tree, list):
            inner = next(iter(typing.get_args(shape)), None)
            for i, child in enumerate(tree):
                self._sort_keys(inner, child, (*path, i))
        elif isinstance(tree, dict) and isinstance(shape, type) and attrs.has(shape):
            understood = {
                key_of(name): hint
                for name, hint in typing.get_type_hints(shape).items()
            }
            for key, child in tree.items():
                if key in understood:
                    self._sort_keys(understood[key], child, (*path, key))
                else:
                    self._unknown(shape, key, understood, path)

    def _unknown(
        self, shape: type, key: str, understood: Mapping[str, object], path: Path
    ) -> None:
        others = OTHER_KEYS.get(shape, frozenset())
        if key in others:
            self._notice((*path, key), "not understood yet, ignored")
            return
        near = difflib.get_close_matches(key, [*understood, *sorted(others)], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        self._complain((*path, key), f"unknown key{hint}")


def _line(document: CommentedMap, path: Path) -> int | None:
    """The line of a place, or of the innermost place above it that exists."""
    node: object = document
    line: int | None = None
    for step in path:
        try:
            line = _own_line(node, step)
            node = cast("Mapping[object, object]", node)[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line


def _own_line(node: object, step: str | int) -> int:
    if isinstance(node, CommentedMap):
        return int(node.lc.key(step)[0]) + 1
    if isinstance(node, CommentedSeq):
        return int(node.lc.item(step)[0]) + 1
    raise KeyError(step)
