"""One proxy between real clients and scripted upstreams, on real sockets.

A rig serves all four pairs: the prefix of a model's name chooses the upstream, the SDK
chooses the caller's dialect. Each upstream has two credentials, so that what is asked
again, and what is not, can be counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final

import attrs

from cliproxy_core.base.secret import Secret
from cliproxy_core.config.model import (
    ClaudeKey,
    CompatKey,
    Config,
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

__all__ = [
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
    """Who asks, and who answers: `chat` or `claude` each."""

    caller: str
    upstream: str

    @property
    def native(self) -> bool:
        return self.caller == self.upstream

    def __str__(self) -> str:
        return f"{self.caller}-to-{self.upstream}"


PAIRS: Final = tuple(
    Pair(caller, upstream)
    for caller in ("chat", "claude")
    for upstream in ("chat", "claude")
)


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
    clients: dict[str, ChatClient | ClaudeClient]
    playlists: dict[str, Playlist]

    def client(self, pair: Pair) -> ChatClient | ClaudeClient:
        return self.clients[pair.caller]

    def upstream(self, pair: Pair) -> Playlist:
        return self.playlists[pair.upstream]


@contextmanager
def start_rig(kind: str, **settings: Any) -> Iterator[Rig]:
    """A proxy, run in one of the kinds of ways, and two upstreams."""
    chat, claude = Playlist(), Playlist()
    with (
        start_upstream(chat) as chat_server,
        start_upstream(claude) as claude_server,
        start_proxy(kind, _config(chat_server, claude_server, settings)) as proxy,
        closing(ChatClient(proxy.base_url, DOWNSTREAM_KEY)) as chat_client,
        closing(ClaudeClient(proxy.base_url, DOWNSTREAM_KEY)) as claude_client,
    ):
        yield Rig(
            proxy,
            clients={"chat": chat_client, "claude": claude_client},
            playlists={"chat": chat, "claude": claude},
        )


def _config(chat: Upstream, claude: Upstream, settings: dict[str, Any]) -> Config:
    service = OpenAICompat(
        name="compat",
        base_url=f"{chat.base_url}/v1",
        api_key_entries=tuple(CompatKey(api_key=Secret(key)) for key in UPSTREAM_KEYS),
        prefix="chat",
    )
    return Config(
        api_keys=(Secret(DOWNSTREAM_KEY),),
        openai_compatibility=(service,),
        claude_api_key=tuple(
            ClaudeKey(api_key=Secret(key), base_url=claude.base_url, prefix="claude")
            for key in UPSTREAM_KEYS
        ),
        **settings,
    )
