"""The keys that CLIProxyAPI reads and this proxy does not, level by level.

Taken from the `yaml` tags of its `internal/config` and from its example file, as of
22 August 2026; the legacy keys are those that it still migrates. Sections that are not
understood are not looked into.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cliproxy_core.config.model import (
    ClaudeKey,
    CodexKey,
    CompatKey,
    Config,
    GeminiKey,
    ModelName,
    OpenAICompat,
    Streaming,
)

__all__ = ["OTHER_KEYS"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OTHER_KEYS: Final[Mapping[type, frozenset[str]]] = {
    Config: _words(
        """
        antigravity antigravity-signature-bypass-strict
        antigravity-signature-cache-enabled auth-auto-refresh-workers auth-dir
        claude-code claude-header-defaults codex codex-header-defaults
        commercial-mode credential-concurrency credential-in-flight debug
        disable-claude-cloak-mode disable-cooling disable-image-generation
        error-logs-max-files force-model-prefix gpt-image-2-base-model
        interactions-api-key logging-to-file logs-max-total-size-mb
        max-retry-credentials max-retry-interval nonstream-keepalive-interval
        oauth-excluded-models oauth-model-alias oauth-request-scoped-errors
        passthrough-headers payload plugins pprof proxy-url quota-exceeded
        redis-usage-queue-retention-seconds remote-management request-log
        request-retry routing save-cooldown-status tls
        transient-error-cooldown-seconds usage-statistics-enabled vertex-api-key
        video-result-auth-cache-ttl ws-auth xai xai-api-key

        amp-model-mappings amp-restrict-management-to-localhost amp-upstream-api-key
        amp-upstream-url ampcode auth generative-language-api-key
        """
    ),
    Streaming: _words("bootstrap-retries"),
    OpenAICompat: _words(
        """
        disable-cooling priority request-retry request-scoped-errors
        support-prompt-cache-key

        api-keys
        """
    ),
    CompatKey: _words("proxy-url weight"),
    ClaudeKey: _words(
        """
        cloak disable-cooling excluded-models experimental-cch-signing
        fingerprint-profile priority proxy-url rebuild-mid-system-message
        request-retry request-scoped-errors weight
        """
    ),
    GeminiKey: _words(
        """
        disable-cooling excluded-models priority proxy-url request-retry
        request-scoped-errors weight
        """
    ),
    CodexKey: _words(
        """
        disable-cooling excluded-models priority proxy-url request-retry
        request-scoped-errors websockets weight
        """
    ),
    ModelName: _words(
        """
        display-name force-mapping image input-modalities is-compat
        max-context-length output-modalities thinking
        """
    ),
}
