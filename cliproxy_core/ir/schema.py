"""Clean-up of JSON Schemas for upstreams that take only a part of the language.

A schema goes in alone (never a whole request: in tool-call arguments `title` and
`default` are data) and comes out with the keywords of its variant, the rest resolved,
flattened or told in the description. What needs no change comes back as the same
object, and nothing is ever changed in place, so that equal tools stay equal bytes and
prompt caches hold.

One pass, children before parents: a node is repaired, gathers what its references,
`allOf`, conditions and unions say, and is then finished in the upstream's words. A
second pass settles what must hold between a node and its properties.

    node -> repaired -> gathered -> finished -> settled
"""

from __future__ import annotations

from typing import Final

import attrs

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, write
from cliproxy_core.base.value import value

from .request import Dropped
from .schema_fill import settled
from .schema_finish import Finished, finish, same, step
from .schema_merge import (
    Gathered,
    appended,
    best,
    constants,
    fill,
    filled,
    kinds_of,
    names_in,
)
from .schema_refs import name_of, target
from .schema_repair import asks_for_a_request, promoted, repaired
from .schema_rules import RULES, Rules, Variant

__all__ = ["Cleaned", "Variant", "claude_input_schema", "clean"]

# Tool schemas in use have fewer than 20 levels; the writer ends at 254, and a level
# takes four frames of the interpreter's 1,000.
MAX_DEPTH: Final = 64

# Bytes of definitions put in the place of references, in one schema. References to
# references multiply: 30 definitions can spell a billion nodes. Generated tools come to
# some tens of kilobytes.
MAX_COPIED: Final = 256 * 1024

# Branches of one `allOf`. Putting one more in costs as much as all before it.
MAX_MERGED: Final = 100

# References that only lead to another one, when a union looks at its branches.
MAX_HOPS: Final = 8


@attrs.frozen
class Cleaned:
    """A schema that its upstream takes, and what it no longer says in its own words."""

    schema: JsonObject = attrs.field(repr=False)
    dropped: tuple[Dropped, ...] = ()
    """Every change, placeholders too; empty if the schema is the one that went in."""


def clean(schema: JsonObject, variant: Variant) -> Cleaned:
    """The schema as one kind of upstream takes it.

    In `{"schema": ...}` and nothing else, the inner schema is cleaned as one that is
    not at the root: Antigravity wants a required property of it as well.
    """
    if asks_for_a_request(schema):
        reason = "a request and not a schema: left as it is"
        return Cleaned(schema, (Dropped("", reason),))
    inner = schema.get("schema")
    if len(schema) == 1 and isinstance(inner, dict):
        out, notes = _cleaned(inner, RULES[variant], ".schema", root=False)
        return Cleaned(schema if out is inner else {"schema": out}, tuple(notes))
    out, notes = _cleaned(schema, RULES[variant], "", root=True)
    return Cleaned(out, tuple(notes))


def claude_input_schema(schema: JsonObject | None) -> JsonObject:
    """The schema of a tool as Claude takes it: an object without unions at its root.

    What any branch knows is allowed; only what all of `allOf` demand is demanded. Below
    the root everything stays as it is (facts/02, section 4.5).
    """
    out = dict(schema or {})
    known, needed = out.get("properties"), out.get("required")
    properties: JsonObject = dict(known) if isinstance(known, dict) else {}
    required: list[Json] = []
    for union in _UNIONS:
        for _, branch in _branches(out, union):
            more, must = branch.get("properties"), branch.get("required")
            for name, child in more.items() if isinstance(more, dict) else ():
                properties.setdefault(name, child)
            if union == "allOf" and isinstance(must, list):
                required += must
        out.pop(union, None)
    sound = out.get("type") == "object" and isinstance(known, dict)
    if sound and schema is not None and len(out) == len(schema):
        return schema  # as nearly all are
    if required:
        needed = needed if isinstance(needed, list) else []
        out["required"] = list(names_in([*needed, *required]))
    return {**out, "type": "object", "properties": properties}


def _cleaned(
    schema: JsonObject, rules: Rules, path: str, *, root: bool
) -> tuple[JsonObject, list[Dropped]]:
    cleaner = _Cleaner(schema, rules)
    finished, _ = cleaner.render(schema, _Place(path, frozenset({id(schema)}), 0))
    out = settled(finished, rules, path, cleaner.notes, root=root)
    return out, cleaner.notes


@value
class _Place:
    """Where a node is, and which schemas (by identity) it is a copied part of."""

    path: str
    trail: frozenset[int]
    depth: int

    def down(self, step: str) -> _Place:
        return _Place(self.path + step, self.trail, self.depth + 1)

    def inside(self, copied: JsonObject) -> _Place:
        return _Place(self.path, self.trail | {id(copied)}, self.depth + 1)


@attrs.define
class _Cleaner:
    """The first pass over one schema."""

    root: JsonObject = attrs.field(repr=False)
    rules: Rules
    notes: list[Dropped] = attrs.field(factory=list, init=False)
    _left: int = attrs.field(default=MAX_COPIED, init=False)
    _sizes: dict[int, int] = attrs.field(factory=dict, init=False)

    def render(self, node: JsonObject, at: _Place) -> tuple[JsonObject, bool]:
        """The clean node, itself if it was; and if null is lost from its types."""
        if at.depth > MAX_DEPTH:
            if node:
                self.notes.append(Dropped(at.path, "nested too deeply"))
                node = {}
            return node, False
        if node.keys() <= _EASY and all(type(v) is str for v in node.values()):
            return node, False  # as most properties are
        count = len(self.notes)
        finished = finish(self._gather(node, at), self.rules)
        if same(node, finished.schema):
            return node, finished.nullable
        self._note(node, finished, at.path)
        if len(self.notes) == count:
            self.notes.append(Dropped(at.path, _RESPELLED))
        return finished.schema, finished.nullable

    def _note(self, node: JsonObject, finished: Finished, path: str) -> None:
        out = finished.schema
        for key, said in node.items():
            if key not in out:
                told = key in finished.told
                reason = _TOLD if told else _WHY.get(key, "not taken there")
                self.notes.append(Dropped(f"{path}.{key}", reason))
            elif out[key] is not said and key not in _SPEAKING:
                self.notes.append(Dropped(f"{path}.{key}", _RESPELLED))

    # What a node says, all in all.

    def _gather(self, node: JsonObject, at: _Place) -> Gathered:
        if at.depth > MAX_DEPTH:
            return Gathered({})
        node = repaired(node)
        reference = node.get("$ref")
        if isinstance(reference, str) and not self.rules.inlines:
            kept = {"description": node["description"]} if "description" in node else {}
            return Gathered({"type": "object", **kept}, [f"See: {name_of(reference)}"])
        out = self._own(node, at)
        if node.keys().isdisjoint(_COMBINING):
            return out
        if isinstance(reference, str):
            self._referred(reference, out, at)
        merged = _branches(node, "allOf")
        for key, branch in merged[:MAX_MERGED]:
            fill(out, self._gather(branch, at.down(key)))
        if len(merged) > MAX_MERGED:
            beyond = at.path + merged[MAX_MERGED][0]
            self.notes.append(Dropped(beyond, "too many branches, from here on"))
        self._conditions(node, out, at)
        for union in ("anyOf", "oneOf"):
            self._union(_branches(node, union), out, at)
        return out

    def _own(self, node: JsonObject, at: _Place) -> Gathered:
        out = Gathered({k: v for k, v in node.items() if k not in _COMBINING})
        properties = node.get("properties")
        if isinstance(properties, dict):
            out.words["properties"] = self._children(properties, out, at)
            required = promoted(properties, node.get("required"))
            if required is not None:
                out.words["required"] = required
        items, tuple_ = node.get("items"), node.get("prefixItems")
        listed = items if isinstance(items, list) else tuple_
        if isinstance(items, dict):
            out.words["items"], _ = self.render(items, at.down(".items"))
        elif isinstance(listed, list) and listed:
            out.words["items"], _ = self.render({"anyOf": listed}, at.down(".items"))
        return out

    def _children(
        self, properties: JsonObject, holder: Gathered, at: _Place
    ) -> JsonObject:
        out: JsonObject = {}
        for name, child in properties.items():
            place = at.down(step(name))
            if isinstance(child, dict):
                out[name], nullable = self.render(child, place)
                if nullable:
                    holder.loose.add(name)
                continue
            self.notes.append(Dropped(place.path, "not an object"))
            if child is not False:  # which forbids the property
                out[name] = {}
        return properties if same(properties, out) else out

    def _referred(self, reference: str, own: Gathered, at: _Place) -> None:
        found = target(self.root, reference)
        if found is not None and id(found) not in at.trail and self._affords(found):
            fill(own, self._gather(found, at.inside(found)))
            return
        # Foreign, without end, or too much of it: the name must do.
        outline = Gathered({}, [f"See: {name_of(reference)}"])
        for key in _OUTLINE:
            said = found.get(key) if found else None
            size = len(said) if isinstance(said, str) else 1
            if said is not None and size <= self._left:
                self._left -= size
                outline.words[key] = said
        fill(own, outline)

    def _affords(self, copied: JsonObject) -> bool:
        """Whether one more copy may be made; it is counted if so."""
        size = self._sizes.get(id(copied))
        if size is None:
            try:
                size = len(write(copied))
            except DecodeError:  # nested deeper than can be written
                size = MAX_COPIED + 1
            self._sizes[id(copied)] = size
        if size > self._left:
            return False
        self._left -= size
        return True

    def _conditions(self, node: JsonObject, out: Gathered, at: _Place) -> None:
        """What holds under a condition may be there; what always holds must."""
        demanded: list[list[Json]] = []
        for key in ("then", "else"):
            branch = node.get(key)
            if not isinstance(branch, dict):
                continue
            said = self._gather(branch, at.down(f".{key}"))
            properties = said.words.get("properties")
            required = said.words.get("required")
            if isinstance(properties, dict):
                out.maybe = {**properties, **out.maybe}
            out.maybe = {**said.maybe, **out.maybe}
            out.loose |= said.loose
            demanded.append(required if isinstance(required, list) else [])
        if len(demanded) == 2:
            otherwise = names_in(demanded[1])
            both: list[Json] = [n for n in names_in(demanded[0]) if n in otherwise]
            if both:
                out.words = filled(out.words, {"required": both})

    def _union(
        self, branches: list[tuple[str, JsonObject]], out: Gathered, at: _Place
    ) -> None:
        if not branches:
            return
        nodes = [self._peek(branch) for _, branch in branches]
        listed = constants(nodes)
        if listed is not None:
            nodes.append(listed)
            chosen = Gathered(listed)
        else:
            key, branch = branches[best(nodes)]
            chosen = self._gather(branch, at.down(key))
        kinds = list(dict.fromkeys(kind for node in nodes for kind in kinds_of(node)))
        _choose(out, chosen)
        if "null" in kinds and any(kinds_of(node) != ["null"] for node in nodes):
            out.words["nullable"] = True
        if len(kinds) > 1:
            out.accepts.append(f"Accepts: {' | '.join(kinds)}")

    def _peek(self, branch: JsonObject) -> JsonObject:
        """What a branch is, as far as that shows without going into it."""
        for _ in range(MAX_HOPS):
            reference = branch.get("$ref")
            if not isinstance(reference, str):
                break
            if not self.rules.inlines:
                return {"type": "object"}
            found = target(self.root, reference)
            if found is None or not self._affords(found):
                break
            branch = found
        return repaired(branch)


# Their own changes are noted further down, and a description tells of other changes.
_SPEAKING: Final = frozenset({"properties", "items", "description"})

# What tells of a schema that is not copied.
_OUTLINE: Final = ("type", "nullable", "description")

_EASY: Final = frozenset({"type", "description"})

_UNIONS: Final = ("anyOf", "oneOf", "allOf")

_COMBINING: Final = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "prefixItems"}
)

_TOLD: Final = "only told in the description"
_RESPELLED: Final = "spelled as the upstream takes it"

_WHY: Final = {
    "const": "an enum of one, or told in the description",
    "$ref": "resolved",
    "allOf": "merged into one",
    "anyOf": "one branch stands for all",
    "oneOf": "one branch stands for all",
    "if": "conditions cannot be said",
    "then": "its properties are optional",
    "else": "its properties are optional",
}


def _branches(node: JsonObject, key: str) -> list[tuple[str, JsonObject]]:
    """The schemas under a keyword, each with its place."""
    listed = node.get(key)
    if not isinstance(listed, list):
        return []
    return [(f".{key}[{i}]", b) for i, b in enumerate(listed) if isinstance(b, dict)]


def _choose(out: Gathered, chosen: Gathered) -> None:
    """Let one branch complete the node that holds the union."""
    words = dict(chosen.words)
    if not kinds_of(words) and kinds_of(out.words):
        return  # it only narrows what the node says, and others narrow it otherwise
    description = words.pop("description", None)
    if "properties" not in words:
        words.pop("required", None)  # this branch's demands on the node's properties
    chosen.words = words
    fill(out, chosen)
    if isinstance(description, str) and description:
        out.words["description"] = appended(out.words.get("description"), description)
