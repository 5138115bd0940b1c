"""Whatever a Gemini upstream sends: legal chunks, values, or a named fault.

The recipe takes four bytes for each chunk of a stream that is almost right.
"""

from __future__ import annotations

from typing import Final

from cliproxy_core.base.jsonval import Json, JsonObject, dumps
from fuzz.promises import hold

__all__ = ["recipe", "run"]


def run(data: bytes) -> None:
    """Hold all that is promised of a dialect against these bytes."""
    hold("gemini", data, recipe)


# Chunks that are almost right.

CALL: Final[JsonObject] = {"name": "f", "args": {"a": 1}}
GROWS: Final[JsonObject] = {"name": "f", "id": "i", "willContinue": True}
MORE: Final[JsonObject] = {"jsonPath": "$.a", "stringValue": "x", "willContinue": True}
IMAGE: Final[JsonObject] = {"mimeType": "image/png", "data": "AA=="}

INDEXES: Final[tuple[Json, ...]] = (0, 0, 0, 0, 1, 1, 2, 9, None, -1, True, "0")
PARTS: Final[tuple[Json, ...]] = (
    {"text": "a"},
    {"text": "b"},
    {"text": ""},
    {"text": None},
    {"text": "t", "thought": True},
    {"text": "u", "thought": "yes"},
    {"text": "", "thoughtSignature": "c2ln"},
    {"text": "c", "thoughtSignature": "c2ln"},
    {"text": "t", "thought": True, "thought_signature": "c2ln"},
    {"thoughtSignature": "c2ln"},
    {"thoughtSignature": "not base64!"},
    {"functionCall": CALL},
    {"functionCall": {**CALL, "id": "i"}, "thoughtSignature": "c2ln"},
    {"functionCall": {"name": "g"}},
    {"function_call": {"name": "g", "args": '{"b": 2}'}},
    {"functionCall": {"name": "g", "args": '{"b": '}},
    {"functionCall": {"name": "", "args": {}}},
    {"functionCall": GROWS},
    {"functionCall": {"partialArgs": [MORE], "willContinue": True}},
    {"functionCall": {"partialArgs": [{"jsonPath": "$.b[0]", "numberValue": 1}]}},
    {"functionCall": {"willContinue": True}},
    {"functionCall": {}},
    {"functionCall": None},
    {"inlineData": IMAGE},
    {"inline_data": {"mime_type": "audio/wav", "data": "AA=="}, "thought": True},
    {"inlineData": {"data": 5}},
    {"fileData": {"fileUri": "https://x.test/a.pdf"}},
    {"executableCode": {"language": "PYTHON", "code": "1"}},
    {"codeExecutionResult": {"outcome": "OUTCOME_OK"}},
    {"new": {"x": 1}, "text": "d"},
    "words",
    {},
    None,
)
SHELLS: Final[tuple[JsonObject, ...]] = (
    {},
    {"parts": []},
    {"role": "x", "parts": {"text": "a"}},
)
WORDS: Final[tuple[Json, ...]] = (
    "STOP",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "MALFORMED_FUNCTION_CALL",
    "FINISH_REASON_UNSPECIFIED",
    "tool_calls",
    "",
    "NEW",
    None,
    7,
)
NOTES: Final[tuple[JsonObject, ...]] = (
    {"groundingMetadata": {"groundingChunks": [{"web": {"uri": "https://x.test"}}]}},
    {
        "groundingMetadata": {
            "groundingChunks": [{"web": {"uri": "u"}}, 5],
            "groundingSupports": [
                {"segment": {"endIndex": 1}, "groundingChunkIndices": [0, 1, 7]},
                {"segment": None, "groundingChunkIndices": ["0"]},
            ],
        }
    },
    {"groundingMetadata": []},
    {"citationMetadata": {"citationSources": [{"uri": "u", "endIndex": 2}, None]}},
    {"citationMetadata": {"citations": 5}},
    {"safetyRatings": []},
    {"logprobsResult": {"chosenCandidates": [{"token": "a", "logProbability": -1}]}},
    {"logprobsResult": {"topCandidates": 5, "chosenCandidates": [{}]}},
    {"finishMessage": "so"},
)
AROUND: Final[tuple[JsonObject, ...]] = (
    {"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}},
    {"usageMetadata": {"promptTokenCount": 3, "thoughtsTokenCount": None}},
    {"usage_metadata": {"prompt_token_count": -3, "totalTokenCount": 1.5}},
    {"usageMetadata": 5},
    {"promptFeedback": {"blockReason": "SAFETY"}},
    {"promptFeedback": {"safetyRatings": []}},
    {"responseId": "other", "modelVersion": ""},
    {"responseId": None},
    {"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED"}},
)
RARE: Final[tuple[bytes, ...]] = (
    b": keep-alive\n\n",
    b"data: [DONE]\n\n",
    b"data: [{\n\n",
    b'data: [{"error":{"code":503}}]\n\n',
    b"event: ping\ndata: {}\n\n",
    b'event: error\ndata: {"error":"words"}\n\n',
    b'data: {"candidates":[]}\n\n',
    b'data: {"candidates":{"content":{"parts":[{"text":"x"}]}}}\n\n',
    b'data: {"response":{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}}\n\n',
    b'data:\ndata: {"candidates":[{"content":\ndata: {"parts":[{"text":"x"}]}}]}\n\n',
    b"data: 5\r\n\r\n",
)


def recipe(data: bytes) -> bytes:
    """A stream that the bytes describe, four of them for each chunk."""
    fours = zip(data[0::4], data[1::4], data[2::4], data[3::4], strict=False)
    return b"".join(cooked(*four) for four in fours)


def cooked(kind: int, first: int, second: int, third: int) -> bytes:
    if kind % 16 == 15:
        return RARE[first % len(RARE)]
    candidates: list[Json] = [candidate(kind, first, second, third)]
    if kind % 16 == 14:
        candidates.append(candidate(second, third, first, kind))
    payload: JsonObject = {"candidates": candidates}
    if kind < 200:
        payload |= {"responseId": "r", "modelVersion": "m"}
    if second % 8 == 7:
        payload |= AROUND[third % len(AROUND)]
    if kind % 16 == 13:
        del payload["candidates"]
    return b"data: %b\n\n" % dumps(payload)


def candidate(kind: int, first: int, second: int, third: int) -> JsonObject:
    out: JsonObject = {}
    parts: list[Json] = [PARTS[first % len(PARTS)]]
    if third % 4 == 3:
        parts.append(PARTS[third // 4 % len(PARTS)])
    content: JsonObject = {"role": "model", "parts": parts}
    if kind % 32 == 12:
        content = SHELLS[first % len(SHELLS)]
    out["content"] = content
    if kind % 8:
        out["index"] = INDEXES[second // 8 % len(INDEXES) if kind > 100 else 0]
    if kind % 16 in (3, 11):
        out["finishReason"] = WORDS[third % len(WORDS)]
    if kind % 16 in (5, 11):
        out |= NOTES[second % len(NOTES)]
    return out
