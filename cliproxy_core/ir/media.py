"""Images, audio and documents: where their bytes are."""

from __future__ import annotations

import enum
import re

import attrs

from cliproxy_core.base.value import value

__all__ = ["Media", "MediaKind", "parse_data_url"]

_DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*?);base64,(.*)", re.DOTALL)


class MediaKind(enum.Enum):
    """What a medium is for."""

    IMAGE = "image"
    AUDIO = "audio"
    DOCUMENT = "document"
    VIDEO = "video"


@value(kw_only=True)
class Media:
    """Inline bytes, inline text, an address, or a provider's file id; exactly one is
    set."""

    kind: MediaKind
    mime: str | None = None
    data: str | None = attrs.field(default=None, repr=False)
    """Base64 as it came."""
    text: str | None = attrs.field(default=None, repr=False)
    """The words of a document that is plain text."""
    url: str | None = attrs.field(default=None, repr=False)
    file_id: str | None = None
    filename: str | None = None
    detail: str | None = None


def parse_data_url(url: str) -> tuple[str, str] | None:
    """Media type and base64 text of a `data:` URL (RFC 2397), if it is one."""
    match = _DATA_URL.fullmatch(url)
    return (match[1] or "text/plain", match[3]) if match else None
