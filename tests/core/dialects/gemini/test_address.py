"""The address that names the model."""

from __future__ import annotations

import pytest

from cliproxy_core.dialects.gemini.address import address


@pytest.mark.parametrize(
    ("model", "stream", "want"),
    [
        ("gemini-x", False, "/v1beta/models/gemini-x:generateContent"),
        ("gemini-x", True, "/v1beta/models/gemini-x:streamGenerateContent?alt=sse"),
        ("models/gemini-x", False, "/v1beta/models/gemini-x:generateContent"),
        ("oai/m@2", False, "/v1beta/models/oai/m@2:generateContent"),
        ("a b?c#d", False, "/v1beta/models/a%20b%3Fc%23d:generateContent"),
        ("a\r\nb", False, "/v1beta/models/a%0D%0Ab:generateContent"),
        ("ü", False, "/v1beta/models/%C3%BC:generateContent"),
    ],
)
def test_the_address(model: str, stream: bool, want: str) -> None:
    assert address(model, stream) == want
