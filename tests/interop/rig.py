"""One proxy between real clients and scripted upstreams, on real sockets.

A rig serves all sixteen pairs: the prefix of a model's name chooses the upstream, and
the SDK chooses the caller's dialect. Each upstream has two credentials, so that what is
asked again, and what is not, can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Final, TypeAlias

import attrs

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    CompatKey,
    Config,
    GeminiKey,
    OpenAICompat,
)
from cliproxy_core.testing.script import (
    Answer,
    ReceivedRequest,
    ScriptStep,
)
from tests.adapters.servers import Proxy, Upstream, start_proxy, start_upstream

from .chat_client import ChatClient
from .claude_client import ClaudeClient
from .gemini_client import GeminiClient
from .responses_client import ResponsesClient

__all__ = [
    "ALL_PAIRS",
    "CLIENTS",
    "DOWNSTREAM_KEY",
    "PAIRS",
    "UPSTREAM_KEYS",
    "Pair",
    "Playlist",
    "Rig",
    "start_rig",
]

DOWNSTREAM_KEY: Final = "key-of-the-caller"
UPSTREAM_KEYS: Final = ("first-upstream-key", "second-upstream-key")


@attrs.frozen
class Pair:
    """Who asks, and who answers: `chat`, `responses`, `claude` or `gemini` each."""

    caller: str
    upstream: str

    @property
    def native(self) -> bool:
        return self.caller == self.upstream

    def __str__(self) -> str:
        return f"{self.caller}-to-{self.upstream}"


def _pairs(*names: str) -> tuple[Pair, ...]:
    return tuple(Pair(caller, upstream) for caller in names for upstream in names)


PAIRS: Final = _pairs("chat", "claude")
"""Those with tables of what upstreams bend."""

ALL_PAIRS: Final = _pairs("chat", "responses", "claude", "gemini")

Client: TypeAlias = ChatClient | ResponsesClient | ClaudeClient | GeminiClient


@attrs.define
class Playlist:
    """Answers in the order of the requests; the last one is given again and again."""

    answers: Sequence[Answer | Sequence[ScriptStep]] = ()
    asked: list[ReceivedRequest] = attrs.field(factory=list)
    """What came since the list was put on."""

    def play(self, *answers: Answer | Sequence[ScriptStep]) -> None:
        self.answers, self.asked = answers, []

    def __call__(self, request: ReceivedRequest) -> Sequence[ScriptStep]:
        at = min(len(self.asked), len(self.answers) - 1)
        self.asked.append(request)
        answer = self.answers[at]
        return answer(request) if callable(answer) else answer


@attrs.define
class Rig:
    """Everything that a test needs, for each of the pairs."""

    proxy: Proxy
    clients: dict[str, Client]
    playlists: dict[str, Playlist]

    def client(self, pair: Pair) -> Client:
        return self.clients[pair.caller]

    def upstream(self, pair: Pair) -> Playlist:
        return self.playlists[pair.upstream]


CLIENTS: Final[dict[str, Callable[[str, str], Client]]] = {
    "chat": ChatClient,
    "responses": ResponsesClient,
    "claude": ClaudeClient,
    "gemini": GeminiClient,
}


@contextmanager
def start_rig(kind: str, **settings: Any) -> Iterator[Rig]:
    """A proxy, run in one of the kinds of ways, and an upstream for each dialect."""
    playlists = {name: Playlist() for name in CLIENTS}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(start_upstream(playlist))
            for name, playlist in playlists.items()
        }
        config = _config(servers, settings)
        proxy = stack.enter_context(start_proxy(kind, config))
        clients: dict[str, Client] = {
            name: stack.enter_context(closing(make(proxy.base_url, DOWNSTREAM_KEY)))
            for name, make in CLIENTS.items()
        }
        yield Rig(proxy, clients=clients, playlists=playlists)


def _config(servers: dict[str, Upstream], settings: dict[str, Any]) -> Config:
    service = OpenAICompat(
        name="compat",
        base_url=f"{servers['chat'].base_url}/v1",
        api_key_entries=tuple(CompatKey(api_key=Secret(key)) for key in UPSTREAM_KEYS),
        prefix="chat",
    )
    codex = f"{servers['responses'].base_url}/v1"
    claude, gemini = servers["claude"].base_url, servers["gemini"].base_url
    keys = [Secret(key) for key in UPSTREAM_KEYS]
    return Config(
        api_keys=(Secret(DOWNSTREAM_KEY),),
        openai_compatibility=(service,),
        codex_api_key=tuple(
            CodexKey(api_key=key, base_url=codex, prefix="responses") for key in keys
        ),
        claude_api_key=tuple(
            ClaudeKey(api_key=key, base_url=claude, prefix="claude") for key in keys
        ),
        gemini_api_key=tuple(
            GeminiKey(api_key=key, base_url=gemini, prefix="gemini") for key in keys
        ),
        **settings,
    )
