"""For each dialect a request that uses all of it, as callers write it.

Every field of the vendor's inventory is in `full/`, but those that refer to what an
upstream keeps: they cross nowhere (see `STORED`).
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any, Final

from cliproxy_core.base.jsonval import JsonObject, as_object, loads
from tests.judges.sample import Document

__all__ = [
    "ALLOWED",
    "FULL",
    "NAMES",
    "SAMPLES",
    "STORED",
    "document_of",
    "leads",
    "validate",
]

NAMES: Final = ("openai_chat", "openai_responses", "claude_messages", "gemini")
PAGES: Final = Path(__file__).with_name("full")

FULL: Final = {name: (PAGES / f"{name}.json").read_bytes() for name in NAMES}


def _samples(name: str) -> dict[str, Document]:
    found = importlib.import_module(f"tests.judges.requests_{name}").VALID
    samples: dict[str, Document] = dict(found)
    return samples


SAMPLES: Final = {name: _samples(name) for name in NAMES}
"""Small requests, by hand, that the vendor's SDK could have sent."""

STORED: Final[tuple[tuple[str, str, JsonObject], ...]] = (
    ("openai_responses", ".previous_response_id", {"previous_response_id": "resp_1"}),
    ("openai_responses", ".conversation", {"conversation": "conv_1"}),
    (
        "claude_messages",
        ".thread",
        {"thread": {"type": "continue", "previous_message_id": "msg_1"}},
    ),
    ("gemini", ".cachedContent", {"cachedContent": "cachedContents/c"}),
)

# What an SDK says against us, and why it may.
ALLOWED: Final = (
    (
        "openai_responses",
        re.compile(r"\.content\[\d+\]\.(type: .*'input_file'|input_audio: )"),
        "the API takes sounds; the SDK has their type and not in the list of parts",
    ),
    (
        "gemini",
        re.compile(r"should be valid base64"),
        "the samples of others have letters for bytes",
    ),
)


def validate(dialect: str, document: Any) -> list[str]:
    """What the vendor's SDK has against a document and we have no reason for."""
    judge = importlib.import_module(f"tests.judges.{dialect}")
    return [
        complaint
        for complaint in judge.validate_request(document)
        if not any(
            name == dialect and words.search(complaint) for name, words, _ in ALLOWED
        )
    ]


def leads(document: Any, path: str) -> bool:
    """Whether there is something at a path."""
    for key, number in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        if key and isinstance(document, dict) and key in document:
            document = document[key]
        elif number and isinstance(document, list) and int(number) < len(document):
            document = document[int(number)]
        else:
            return False
    return True


def document_of(name: str) -> JsonObject:
    return as_object(loads(FULL[name]), "")
