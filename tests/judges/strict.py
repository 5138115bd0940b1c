"""The SDKs' types of a request, made to refuse what they do not know.

Pydantic reads the types; then the schema it made of them is tightened: an iterable is a
list that is looked into, what only Python can pass (models, open files) is no choice,
and unknown keys are refused. Documents are checked as JSON, strictly.

A wrong part of a union has as many complaints as the union has members; those of the
member that was meant are told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, TypeAlias

import attrs
from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator, core_schema

__all__ = ["Checker", "Extension"]

# Marks the steps of a complaint's place that are no steps in the document.
BRANCH: Final = "\0"

# How the types of one request end where streaming has a type of its own.
MODES: Final = ("Streaming", "NonStreaming")

# Choices of a union that no JSON can be.
PYTHON_ONLY: Final = frozenset({"model", "is-instance", "lax-or-strict"})

# What stands in a schema and is none.
BESIDE: Final = frozenset({"cls", "config", "metadata", "ref", "serialization"})

# What says which member of a union is meant, and how wrong a member without it is.
TAGS: Final = frozenset({"type", "role"})
WRONG_SHAPE: Final = 1000
WRONG_TAG: Final = 100

Schema: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str | int, ...]
Complaint: TypeAlias = tuple[Place, str, str]
"""Where (still with branches), what kind, in which words."""


@attrs.frozen
class Extension:
    """A key that we write on purpose, though the SDK does not know it, or not so."""

    holder: str
    """The SDK's type that it is added to; one type for both modes."""
    key: str
    kind: Any
    reason: str


@attrs.frozen
class Checker:
    """The type of a request, as strict as it can be."""

    validator: SchemaValidator = attrs.field(repr=False)

    @classmethod
    def of(
        cls,
        kind: Any,
        extensions: Sequence[Extension] = (),
        *,
        without: Collection[str] = (),
        models: bool = False,
    ) -> Checker:
        """A checker for a type `without` some of its keys.

        `models` says that models are part of the type and no mere alternative.
        """
        schema: Any = TypeAdapter(kind).core_schema
        tightened = _Tightener(extensions, without, models, _python_only(schema))
        # A model that was used before would otherwise be judged by its own validator.
        strictly = tightened.schema(schema)
        return cls(SchemaValidator(strictly, _use_prebuilt=False))

    def complaints(self, document: Any) -> list[str]:
        """One line for each, in the order of the document's type."""
        try:
            self.validator.validate_json(
                json.dumps(document),
                strict=True,
                extra="forbid",
                by_alias=True,
                by_name=False,
            )
        except ValidationError as error:
            found: list[Complaint] = [
                (e["loc"], e["type"], e["msg"])
                for e in error.errors(include_url=False, include_input=False)
            ]
            return [f"{_path(place)}: {words}" for place, _, words in _meant(found)]
        return []


@attrs.frozen
class _Tightener:
    """Makes a core schema strict."""

    extensions: Sequence[Extension]
    without: Collection[str]
    models: bool
    python_only: frozenset[str]

    def schema(self, node: Any) -> Any:
        if isinstance(node, (list, tuple)):
            return type(node)(self.schema(item) for item in node)
        if not isinstance(node, dict):
            return node
        match node.get("type"):  # of a mapping by names, it may be one of them
            case "json-or-python":
                return self._same(node, self.schema(node["json_schema"]))
            case "generator":
                return {**self._below(node), "type": "list"}
            case "enum":
                return self._same(node, _words(node))
            case "union":
                return self._union(node)
            case "typed-dict":
                return self._keys(self._below(node))
            case "definitions":
                return self._below({**node, "definitions": self._definitions(node)})
            case _:
                return self._below(node)

    def _below(self, node: Schema) -> Schema:
        beside = BESIDE if isinstance(node.get("type"), str) else frozenset()
        return {
            key: value if key in beside else self.schema(value)
            for key, value in node.items()
        }

    def _same(self, node: Schema, instead: Any) -> Any:
        """References still find what took the place of what they meant."""
        return {**instead, "ref": node["ref"]} if "ref" in node else instead

    def _union(self, node: Schema) -> Schema:
        choices: list[tuple[Schema, str]] = []
        for choice in node["choices"]:
            schema = choice[0] if isinstance(choice, tuple) else choice
            if self.models or not _is_python_only(schema, self.python_only):
                label = f"{BRANCH}{len(choices)}"
                choices.append((self.schema(schema), label))
        return {**self._below({**node, "choices": []}), "choices": choices}

    def _definitions(self, node: Schema) -> list[Schema]:
        return [
            definition
            for definition in node["definitions"]
            if self.models or definition["ref"] not in self.python_only
        ]

    def _keys(self, node: Schema) -> Schema:
        fields = {
            key: field
            for key, field in node["fields"].items()
            if key not in self.without
        }
        name = node["cls"].__name__
        for extension in self.extensions:
            if name in (extension.holder, *map(extension.holder.__add__, MODES)):
                schema = self.schema(TypeAdapter(extension.kind).core_schema)
                required = fields.get(extension.key, {}).get("required", False)
                field = core_schema.typed_dict_field(schema, required=required)
                fields[extension.key] = field
        return {**node, "fields": fields}


def _python_only(schema: Schema) -> frozenset[str]:
    """The references to what only Python can pass."""
    return frozenset(
        definition["ref"]
        for definition in schema.get("definitions", ())
        if definition["type"] in PYTHON_ONLY
    )


def _is_python_only(schema: Schema, references: frozenset[str]) -> bool:
    match schema:
        case {"type": "definition-ref", "schema_ref": reference}:
            return reference in references
        case {"type": "union", "choices": choices}:
            return all(_is_python_only(choice, references) for choice in choices)
        case _:
            return schema["type"] in PYTHON_ONLY


def _words(node: Schema) -> Schema:
    """The words of an enumeration, in either case; the SDK only warns of others."""
    words = [str(member.value) for member in node["members"]]
    both = dict.fromkeys([*words, *map(str.lower, words)])
    return {"type": "literal", "expected": list(both)}


def _meant(found: list[Complaint]) -> list[Complaint]:
    """The complaints of the members that were meant, without branches."""
    here: list[Complaint] = []
    steps: dict[str | int, list[Complaint]] = {}
    for place, kind, words in found:
        if place:
            steps.setdefault(place[0], []).append((place[1:], kind, words))
        else:
            here.append((place, kind, words))
    branches = []
    for step, below in steps.items():
        meant = _meant(below)
        if isinstance(step, str) and step.startswith(BRANCH):
            branches.append(meant)
        else:
            here.extend(((step, *place), kind, words) for place, kind, words in meant)
    if branches:
        here.extend(min(branches, key=_wrongness))
    return here


def _wrongness(complaints: Iterable[Complaint]) -> int:
    """How unlikely it is that this member was meant."""
    return sum(
        WRONG_SHAPE
        if not place
        else WRONG_TAG
        if len(place) == 1 and place[0] in TAGS
        else 1
        for place, _, _ in complaints
    )


def _path(place: Place) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place)
