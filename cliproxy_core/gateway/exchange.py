"""One downstream exchange: a head, a body, an answer.

    HEAD --route and key are good--> BODY --complete--> RUNNING --> DONE
      '----------------error answer-----------'------------'---------^

The head is judged before the body is read, so that nobody without a key makes us
hold megabytes.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final

import attrs

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.base.contract import Tick
from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import (
    JsonObject,
    as_object,
    dumps,
    kind_of,
    loads,
    need,
)
from cliproxy_core.dialects import DIALECTS
from cliproxy_core.ir.dialect import Dialect, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.lifecycle.effects import Effect, Respond
from cliproxy_core.lifecycle.faults import refused
from cliproxy_core.lifecycle.inputs import (
    Began,
    DownstreamBlocked,
    DownstreamFlowing,
    DownstreamGone,
)
from cliproxy_core.lifecycle.job import Job
from cliproxy_core.lifecycle.render import JSON_TYPE, error_response
from cliproxy_core.lifecycle.request import RequestMachine
from cliproxy_core.wire.coding import (
    Bomb,
    Corrupt,
    Decompressor,
    decoder,
    supported,
)
from cliproxy_core.wire.http import (
    BodyData,
    BodyEnded,
    PeerFault,
    RequestHead,
    get_header,
)

from .access import Principal
from .app import App
from .messages import ExchangeEffect, ExchangeInput, ReadOn
from .models import list_models, show_model
from .routes import Endpoint, Found, Miss, dialect_at, find

__all__ = ["Exchange", "State"]


class State(enum.Enum):
    """How far the exchange has come."""

    HEAD = enum.auto()
    BODY = enum.auto()
    RUNNING = enum.auto()
    DONE = enum.auto()


_OF_THE_REQUEST: Final = (RequestHead, BodyData, BodyEnded, PeerFault)

_HOME: Final = {
    "message": "cliproxy",
    "endpoints": [
        "POST /v1/chat/completions",
        "POST /v1/responses",
        "POST /v1/messages",
        "POST /v1/messages/count_tokens",
        "POST /v1beta/models/{model}:generateContent",
        "POST /v1beta/models/{model}:streamGenerateContent",
        "POST /v1beta/models/{model}:countTokens",
        "GET /v1/models",
        "GET /v1beta/models",
    ],
}


@attrs.define
class Exchange:
    """One request of a client and its answer, at message level."""

    app: App = attrs.field(repr=False)
    numbered: int = 0
    """The number of the connection's last attempt; see `RequestMachine`."""
    state: State = attrs.field(default=State.HEAD, init=False)
    request: str = attrs.field(default="", init=False)
    machine: RequestMachine | None = attrs.field(default=None, init=False)
    _head: RequestHead = attrs.field(
        default=RequestHead(b"GET", b"/", ()), init=False, repr=False
    )
    _dialect: Dialect = attrs.field(
        default=DIALECTS["openai_chat"], init=False, repr=False
    )
    _found: Found = attrs.field(default=Found(endpoint=Endpoint.HOME), init=False)
    _body: list[bytes] = attrs.field(factory=list, init=False, repr=False)
    _held: int = attrs.field(default=0, init=False)
    _coding: Decompressor | None = attrs.field(default=None, init=False)
    _body_due: Mono | None = attrs.field(default=None, init=False)
    _blocked: bool = attrs.field(default=False, init=False)
    """Whether an earlier answer still fills the transport."""

    @property
    def deadline(self) -> Mono | None:
        machine = self.machine
        return machine.deadline if machine is not None else self._body_due

    @property
    def done(self) -> bool:
        return self.state is State.DONE

    def handle(self, event: ExchangeInput, now: Now) -> Sequence[ExchangeEffect]:
        """Take one input; return all it causes, in order."""
        machine = self.machine
        if machine is not None:
            if isinstance(event, _OF_THE_REQUEST):
                return ()  # nothing more can come of this request
            return self._watch(machine.handle(event, now), machine)
        if self.state is State.DONE:
            return ()
        match event:
            case RequestHead():
                return self._judge(event, now)
            case BodyData(data=data):
                return self._collect(data, now)
            case BodyEnded():
                return self._begin(now)
            case PeerFault(reason=reason, status=status):
                return self._refuse(_failure(status, reason))
            case DownstreamGone():
                self.state, self._body_due = State.DONE, None
                return ()
            case Tick():
                return self._tick(now)
            case DownstreamBlocked() | DownstreamFlowing():
                self._blocked = isinstance(event, DownstreamBlocked)
                return ()
            case _:
                return ()  # nothing has been asked of an upstream yet

    # The head.

    def _judge(self, head: RequestHead, now: Now) -> Sequence[ExchangeEffect]:
        self._head = head
        self._dialect = dialect_at(head.target, head.headers)
        self.request = self.app.new_request()
        found = find(head.method, head.target)
        if isinstance(found, Miss):
            return self._miss(found)
        if found.endpoint is Endpoint.HEALTH:
            return self._answer(dumps({"status": "ok"}))
        if found.endpoint is Endpoint.HOME:
            return self._answer(dumps(_HOME))
        admitted = self.app.access.admit(head.headers, head.target)
        if not isinstance(admitted, Principal):
            return self._refuse(admitted)
        if found.endpoint in (Endpoint.MODELS, Endpoint.MODEL):
            return self._list(found)
        self._found = found
        return self._read_body(head, now)

    def _list(self, found: Found) -> Sequence[ExchangeEffect]:
        names, speaks = self.app.pool.models(), self._dialect.name
        if found.endpoint is Endpoint.MODELS:
            return self._answer(dumps(list_models(names, speaks)))
        shown = show_model(found.model, names, speaks)
        if shown is None:
            failure = _failure(404, "there is no model of that name in the list")
            return self._refuse(attrs.evolve(failure, code="model_not_found"))
        return self._answer(dumps(shown))

    def _miss(self, miss: Miss) -> Sequence[ExchangeEffect]:
        if not miss.allowed:
            failure = _failure(404, "there is nothing at this path")
            return self._refuse(attrs.evolve(failure, code="unknown_url"))
        allowed = b", ".join(miss.allowed)
        failure = _failure(405, f"this path takes {allowed.decode()} only")
        answer = error_response(self._dialect, failure, self.request)
        headers = (*answer.headers, (b"allow", allowed))
        self.state = State.DONE
        return [attrs.evolve(answer, headers=headers)]

    def _read_body(self, head: RequestHead, now: Now) -> Sequence[ExchangeEffect]:
        coding = get_header(head.headers, b"content-encoding")
        if coding not in (None, b"", b"identity"):
            limit = self.app.config.max_body_bytes
            self._coding = decoder(coding.decode("latin-1"), limit)
            if self._coding is None:
                known = ", ".join(supported())
                return self._refuse(_failure(415, f"the body may be coded as {known}"))
        length = get_header(head.headers, b"content-length")
        if length is not None and int(length) > self.app.config.max_body_bytes:
            return self._refuse(self._too_large())
        self.state = State.BODY
        self._body_due = now.after(self.app.config.timeouts.body)
        return [ReadOn()]

    # The body.

    def _collect(self, data: bytes, now: Now) -> Sequence[ExchangeEffect]:
        self._held += len(data)
        if self._held > self.app.config.max_body_bytes:
            return self._refuse(self._too_large())
        if self._coding is not None:
            decoded = self._coding.feed(data)
            if isinstance(decoded, Bomb):
                return self._refuse(self._too_large())
            if isinstance(decoded, Corrupt):
                return self._refuse(_failure(400, "the body's coding is damaged"))
            data = decoded
        self._body.append(data)
        self._body_due = now.after(self.app.config.timeouts.body)
        return ()

    def _tick(self, now: Now) -> Sequence[ExchangeEffect]:
        if self._body_due is None or now.mono < self._body_due:
            return ()
        return self._refuse(_failure(408, "the request's body did not come in time"))

    def _begin(self, now: Now) -> Sequence[ExchangeEffect]:
        body = b"".join(self._body)
        self._body.clear()
        self._body_due = None
        if self._coding is not None and self._coding.finish() is not None:
            return self._refuse(_failure(400, "the body's coding ends too early"))
        try:
            job = self._job(body, now)
        except DecodeError as error:
            return self._refuse(refused(error))
        self.state = State.RUNNING
        machine = self.machine = RequestMachine(job, self.numbered)
        effects = list(machine.handle(Began(), now))
        if self._blocked:
            effects += machine.handle(DownstreamBlocked(), now)
        return self._watch(effects, machine)

    def _job(self, body: bytes, now: Now) -> Job:
        document = as_object(loads(body), "")
        found, dialect, config = self._found, self._dialect, self.app.config
        model = _checked(_model(document) if dialect.names_model else found.model)
        counts = found.endpoint is Endpoint.COUNT
        told = document.get("stream") is True if dialect.names_model else found.streams
        return Job(
            request=self.request,
            dialect=dialect,
            model=model,
            streams=told and not counts,
            counts=counts,
            body=body,
            document=document,
            headers=self._head.headers,
            context=StreamContext(
                ids=self.app.new_ids(self.request),
                created=int(now.wall),
                model=model,
                usage=_wants_usage(document),
                array=found.array,
                caller=document,
            ),
            timeouts=config.timeouts,
            keepalive=config.streaming.keepalive_seconds,
        )

    # The answer.

    def _watch(
        self, effects: Sequence[Effect], machine: RequestMachine
    ) -> Sequence[ExchangeEffect]:
        self.numbered = machine.numbered
        if machine.done:
            self.state = State.DONE
            self.machine = None
        return effects

    def _answer(self, body: bytes) -> Sequence[ExchangeEffect]:
        self.state = State.DONE
        headers = (JSON_TYPE, (b"x-request-id", self.request.encode()))
        return [Respond(200, headers, body)]

    def _refuse(self, failure: Failure) -> Sequence[ExchangeEffect]:
        self.state, self._body_due = State.DONE, None
        self._body.clear()
        return [error_response(self._dialect, failure, self.request)]

    def _too_large(self) -> Failure:
        limit = self.app.config.max_body_bytes
        return _failure(413, f"the request's body is larger than {limit} bytes")


def _model(document: JsonObject) -> str:
    model = need(document, "model", "")
    if isinstance(model, str) and model:
        return model
    raise DecodeError(".model", f"expected a non-empty string, got {kind_of(model)}")


def _checked(model: str) -> str:
    """A name may end up in an upstream's path, and must not lead out of it."""
    if any(part in (".", "..") for part in model.split("/")):
        raise DecodeError(".model", "`.` and `..` are no parts of a name")
    return model


def _wants_usage(document: JsonObject) -> bool:
    options = document.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


_KINDS: Final = {
    404: Kind.NOT_FOUND,
    408: Kind.TIMEOUT,
    413: Kind.TOO_LARGE,
}


def _failure(status: int, message: str) -> Failure:
    kind = _KINDS.get(status, Kind.REQUEST)
    return Failure(kind=kind, status=status, message=message)
