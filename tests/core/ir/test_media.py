"""Data URLs, and that media do not show their bytes."""

from __future__ import annotations

import pytest

from cliproxy_core.ir.media import Media, MediaKind, parse_data_url


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("data:image/png;base64,QUJD", ("image/png", "QUJD")),
        ("data:;base64,QUJD", ("text/plain", "QUJD")),
        ("data:text/plain;charset=utf-8;base64,QQ==", ("text/plain", "QQ==")),
        ("data:image/png;base64,QU\nJD", ("image/png", "QU\nJD")),
        ("data:image/png,QUJD", None),
        ("https://example.org/a.png", None),
        ("data:", None),
        ("", None),
    ],
)
def test_data_urls(url: str, parts: tuple[str, str] | None) -> None:
    assert parse_data_url(url) == parts


def test_bytes_and_addresses_do_not_show() -> None:
    medium = Media(kind=MediaKind.IMAGE, data="canary", url="https://x/?canary")
    assert "canary" not in repr(medium)
