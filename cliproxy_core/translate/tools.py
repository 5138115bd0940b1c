"""A request whose tools fit the target: names, ids, groups, free-text tools.

Dialects differ in what a tool may be called and whether it may take free text. This
step comes between parsing and emitting, so that no emitter knows of it; what it did
to names is undone on the way back (`translate.restore`).
"""

from __future__ import annotations

import operator
from typing import Final, TypeVar

import attrs

from cliproxy_core.base.jsonval import JsonObject
from cliproxy_core.base.value import value
from cliproxy_core.ir.dialect import ToolLimits
from cliproxy_core.ir.request import (
    Choice,
    Dropped,
    Message,
    NativePart,
    NativeTool,
    Part,
    Request,
    Tool,
    ToolCall,
    ToolKind,
    ToolResult,
)

from .free_text import unwrap, wrap
from .names import NO_NAMES, ToolNames, fit_id, fit_name, qualified

__all__ = ["Fitted", "fit"]

FREE_TEXT: Final[JsonObject] = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
}

_FUNCTION: Final = ToolKind.FUNCTION
_CALLING: Final = frozenset({ToolCall, ToolResult})

T = TypeVar("T")


@value
class Fitted:
    """A request that the target takes, and what it is called there."""

    request: Request
    names: ToolNames = NO_NAMES
    dropped: tuple[Dropped, ...] = ()


def fit(request: Request, limits: ToolLimits) -> Fitted:
    """Make the tools of a request fit. Whatever fits stays as it is."""
    dropped: list[Dropped] = []
    tools, names = _fit_tools(request.tools, limits, dropped)
    spoken = _without_declarations(request.messages)
    messages = _Rewriter(limits, names).messages(spoken)
    choice = _fit_choice(request.choice, limits, names)
    if (
        tools is not request.tools
        or messages is not request.messages
        or choice is not request.choice
    ):
        request = attrs.evolve(request, tools=tools, messages=messages, choice=choice)
    return Fitted(request, names, tuple(dropped))


def _without_declarations(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """History without parts that only declare tools: the request has them already."""
    if not any(NativePart in map(type, message.parts) for message in messages):
        return messages
    out: list[Message] = []
    for message in messages:
        parts = tuple(part for part in message.parts if not _declares(part))
        if parts or not message.parts:
            same = len(parts) == len(message.parts)
            out.append(message if same else attrs.evolve(message, parts=parts))
    return tuple(out)


def _declares(part: Part) -> bool:
    return isinstance(part, NativePart) and part.declares


def _fit_tools(
    tools: tuple[Tool | NativeTool, ...], limits: ToolLimits, dropped: list[Dropped]
) -> tuple[tuple[Tool | NativeTool, ...], ToolNames]:
    out: list[Tool | NativeTool] = []
    named: list[tuple[Tool, str]] = []
    taken: set[tuple[str | None, str]] = set()
    mine = [tool for tool in tools if isinstance(tool, Tool)]
    if not mine:
        return tools, NO_NAMES
    if _is_plain(mine, limits):
        return tools, ToolNames.of([(tool, tool.name) for tool in mine])
    # A tool of its own goes before one of the same full name in a group, a function
    # before a free-text tool of the same name.
    direct = {tool.name for tool in mine if tool.namespace is None}
    functions = {(tool.namespace, tool.name) for tool in mine if tool.kind is _FUNCTION}
    for index, tool in enumerate(tools):
        if isinstance(tool, NativeTool):
            out.append(tool)
            continue
        name = _wire_name(tool.namespace, tool.name, limits)
        space = tool.namespace if limits.namespaces else None
        shadowed = tool.namespace is not None and space is None and name in direct
        if tool.kind is not _FUNCTION:
            shadowed = shadowed or (tool.namespace, tool.name) in functions
        if shadowed or (space, name) in taken:
            dropped.append(Dropped(f".tools[{index}]", "another tool has its name"))
            continue
        taken.add((space, name))
        named.append((tool, name))
        out.append(_fit_tool(tool, name, index, limits, dropped))
    return _same(out, tools), ToolNames.of(named)


def _is_plain(tools: list[Tool], limits: ToolLimits) -> bool:
    """Whether all are functions of different names that fit: the common case."""
    names = {
        tool.name
        for tool in tools
        if tool.kind is _FUNCTION
        and tool.namespace is None
        and fit_name(tool.name, limits) is tool.name
    }
    return len(names) == len(tools)


def _same(new: list[T], old: tuple[T, ...]) -> tuple[T, ...]:
    """The old tuple, if that is what is left of it after all."""
    same = len(new) == len(old) and all(map(operator.is_, new, old))
    return old if same else tuple(new)


def _wire_name(namespace: str | None, name: str, limits: ToolLimits) -> str:
    return fit_name(name if limits.namespaces else qualified(namespace, name), limits)


def _fit_tool(
    tool: Tool, name: str, index: int, limits: ToolLimits, dropped: list[Dropped]
) -> Tool:
    namespace = tool.namespace if limits.namespaces else None
    if tool.kind is ToolKind.FUNCTION or limits.custom:
        if name == tool.name and namespace == tool.namespace:
            return tool
        return attrs.evolve(tool, name=name, namespace=namespace)
    description = tool.description
    form = tool.format
    if form is not None and form.get("type") == "grammar":
        dropped.append(Dropped(f".tools[{index}].format", "only described in words"))
        rule = f"The input must match this {form.get('syntax')} grammar:\n"
        rule += str(form.get("definition"))
        description = f"{description}\n\n{rule}" if description else rule
    return attrs.evolve(
        tool,
        name=name,
        namespace=namespace,
        description=description,
        schema=FREE_TEXT,
        kind=ToolKind.FUNCTION,
        format=None,
    )


def _fit_choice(
    choice: Choice | None, limits: ToolLimits, names: ToolNames
) -> Choice | None:
    if choice is None or (choice.name is None and not choice.allowed):
        return choice
    allowed = tuple(
        names.wire.get((None, name), fit_name(name, limits)) for name in choice.allowed
    )
    if choice.name is None:
        return attrs.evolve(choice, allowed=allowed)
    space = choice.namespace
    name = names.wire.get((space, choice.name))
    if name is None:
        name = _wire_name(space, choice.name, limits)
    namespace = space if limits.namespaces else None
    return attrs.evolve(choice, name=name, namespace=namespace, allowed=allowed)


@attrs.define
class _Rewriter:
    """History under the upstream's names; ids stay in step with their results."""

    limits: ToolLimits
    names: ToolNames
    _ids: dict[str, str] = attrs.field(factory=dict)
    """New ids by the caller's."""
    _unanswered: list[str] = attrs.field(factory=list)
    """Ids made up for calls that had none, oldest first."""
    _kinds: dict[str, ToolKind] = attrs.field(factory=dict)
    """What the calls became, by their new ids: a result is of its call's kind."""
    _made: int = 0

    def messages(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        calling = [
            number
            for number, message in enumerate(messages)
            if not _CALLING.isdisjoint(map(type, message.parts))
        ]
        for number in calling:
            for part in messages[number].parts:
                if isinstance(part, ToolCall | ToolResult):
                    self._keep(part.call_id)
        out = list(messages)
        for number in calling:
            out[number] = self._message(messages[number])
        return _same(out, messages)

    def _keep(self, call_id: str) -> None:
        """Ids that the upstream takes stay."""
        limits = self.limits
        if call_id in self._ids or len(call_id) > limits.call_id_length:
            return
        if limits.call_id.fullmatch(call_id) is not None:
            self._ids[call_id] = call_id

    def _message(self, message: Message) -> Message:
        parts = _same([self._part(part) for part in message.parts], message.parts)
        return message if parts is message.parts else attrs.evolve(message, parts=parts)

    def _part(self, part: Part) -> Part:
        match part:
            case ToolCall():
                return self._call(part)
            case ToolResult():
                return self._result(part)
            case _:
                return part

    def _call(self, call: ToolCall) -> ToolCall:
        name, kind, arguments = self._named(call)
        namespace = call.namespace if self.limits.namespaces else None
        call_id = self._id(call.call_id) if call.call_id else self._make_id()
        self._kinds[call_id] = kind
        same = (call.name, call.kind, call.arguments, call.namespace, call.call_id)
        if same == (name, kind, arguments, namespace, call_id):
            return call
        return attrs.evolve(
            call,
            call_id=call_id,
            name=name,
            kind=kind,
            arguments=arguments,
            namespace=namespace,
        )

    def _named(self, call: ToolCall) -> tuple[str, ToolKind, str]:
        """Name, kind and arguments of a call in the history.

        A caller whose dialect knows functions only gives back a free-text call as one:
        it goes upstream as what it was.
        """
        name = self.names.wire.get((call.namespace, call.name))
        if name is None:
            name = _wire_name(call.namespace, call.name, self.limits)
        declared = self.names.back.get(name)
        if call.kind is ToolKind.CUSTOM and not self.limits.custom:
            return name, ToolKind.FUNCTION, wrap(call.arguments)
        free = declared is not None and declared.kind is ToolKind.CUSTOM
        if free and call.kind is ToolKind.FUNCTION:
            text = unwrap(call.arguments)
            if self.limits.custom:
                return name, ToolKind.CUSTOM, text
            return name, ToolKind.FUNCTION, wrap(text)
        return name, call.kind, call.arguments

    def _result(self, result: ToolResult) -> ToolResult:
        call_id = result.call_id
        if call_id:
            call_id = self._id(call_id)
        elif self._unanswered:
            call_id = self._unanswered.pop(0)
        kind = self._kinds.get(call_id, result.kind)
        if kind is ToolKind.CUSTOM and not self.limits.custom:
            kind = ToolKind.FUNCTION
        if call_id == result.call_id and kind is result.kind:
            return result
        return attrs.evolve(result, call_id=call_id, kind=kind)

    def _id(self, call_id: str) -> str:
        known = self._ids.get(call_id)
        if known is None:
            taken = set(self._ids.values())
            known = self._ids[call_id] = fit_id(call_id, self.limits, taken)
        return known

    def _make_id(self) -> str:
        while True:
            call_id = f"call_missing_{self._made}"
            self._made += 1
            if call_id not in self._ids:
                break
        self._ids[call_id] = call_id
        self._unanswered.append(call_id)
        return call_id
