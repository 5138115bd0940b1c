"""Requests of Gemini, by hand."""

from __future__ import annotations

from typing import Any, Final

from .sample import Broken, Document

__all__ = ["BROKEN", "VALID"]

PROOF: Final = "YWJj"
CALL: Final = {"functionCall": {"name": "f", "args": {"x": 1}}}
RESULT: Final = {"functionResponse": {"name": "f", "response": {"result": 2}}}
IMAGE: Final = {"inlineData": {"mimeType": "image/png", "data": PROOF}}
FILE: Final = {"fileData": {"mimeType": "application/pdf", "fileUri": "u"}}
SCHEMA: Final = {"type": "OBJECT", "properties": {"x": {"type": "INTEGER"}}}
FUNCTION: Final = {"name": "f", "description": "d", "parameters": SCHEMA}


def said(words: str) -> Document:
    return {"text": words}


def user(*parts: Document) -> Document:
    return {"role": "user", "parts": list(parts)}


def model(*parts: Document) -> Document:
    return {"role": "model", "parts": list(parts)}


HI: Final = user(said("hi"))


def ask(*contents: Document, **more: Any) -> Document:
    return {"contents": list(contents or (HI,)), **more}


def tool(**more: Any) -> Document:
    return {"functionDeclarations": [{**FUNCTION, **more}]}


def generation(**more: Any) -> Document:
    return ask(generationConfig=more)


VALID: Final = {
    "the least": ask(),
    "a system prompt": ask(systemInstruction={"parts": [said("s")]}),
    "media": ask(user(said("t"), IMAGE, FILE)),
    "sampling": generation(
        temperature=1,
        topP=0.5,
        topK=5,
        candidateCount=2,
        maxOutputTokens=9,
        stopSequences=["a"],
        seed=3,
        presencePenalty=0.1,
        frequencyPenalty=0.1,
    ),
    "a tool": ask(
        HI,
        model({**CALL, "thoughtSignature": PROOF}),
        user(RESULT),
        tools=[tool()],
        toolConfig={
            "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}
        },
    ),
    "calls with ids": ask(
        HI,
        model({"functionCall": {"id": "i", "name": "f", "args": {}}}),
        user({"functionResponse": {"id": "i", "name": "f", "response": {}}}),
    ),
    "a tool in JSON Schema": ask(
        tools=[
            {
                "functionDeclarations": [
                    {
                        "name": "f",
                        "parametersJsonSchema": {
                            "type": "object",
                            "additionalProperties": False,
                        },
                    }
                ]
            }
        ]
    ),
    "tools of the server": ask(
        tools=[{"googleSearch": {}}, {"urlContext": {}}, {"codeExecution": {}}]
    ),
    "a schema for the answer": generation(
        responseMimeType="application/json", responseSchema=SCHEMA
    ),
    "a JSON Schema for the answer": generation(
        responseMimeType="application/json", responseJsonSchema={"type": "object"}
    ),
    "thinking": ask(
        HI,
        model({"text": "t", "thought": True}, {"text": "a", "thoughtSignature": PROOF}),
        HI,
        generationConfig={
            "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "low"},
            "responseModalities": ["TEXT"],
            "imageConfig": {"aspectRatio": "1:1"},
        },
    ),
    "settings of the account": ask(
        safetySettings=[
            {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}
        ],
        cachedContent="cachedContents/c",
        labels={"a": "b"},
        store=False,
    ),
}

EXTRA: Final = "Extra inputs are not permitted"

BROKEN: Final[Broken] = {
    "no contents": ({"tools": []}, ".contents: Field required"),
    "an unknown key": (ask(max_tokens=9), f".max_tokens: {EXTRA}"),
    "a name of Python's": (
        ask(system_instruction={"parts": [said("s")]}),
        f".system_instruction: {EXTRA}",
    ),
    "a name of Python's inside": (
        generation(max_output_tokens=9),
        f".generationConfig.max_output_tokens: {EXTRA}",
    ),
    "an unknown key in a part": (
        ask(user({**IMAGE, "cacheControl": {}})),
        f".contents[0].parts[0].cacheControl: {EXTRA}",
    ),
    "contents as text": (
        ask({"role": "user", "parts": "hi"}),
        ".contents[0].parts: ",
    ),
    "args as text": (
        ask(model({"functionCall": {"name": "f", "args": "{}"}})),
        ".contents[0].parts[0].functionCall.args: ",
    ),
    "a response that is no object": (
        ask(user({"functionResponse": {"name": "f", "response": "2"}})),
        ".contents[0].parts[0].functionResponse.response: ",
    ),
    "a proof that is no base64": (
        ask(model({"text": "a", "thoughtSignature": "$"})),
        ".contents[0].parts[0].thoughtSignature: ",
    ),
    "JSON Schema where there is none": (
        ask(tools=[tool(parameters={**SCHEMA, "$ref": "#"})]),
        f".tools[0].functionDeclarations[0].parameters.$ref: {EXTRA}",
    ),
    "an unknown mode": (
        ask(toolConfig={"functionCallingConfig": {"mode": "REQUIRED"}}),
        ".toolConfig.functionCallingConfig.mode: ",
    ),
    "an unknown level": (
        generation(thinkingConfig={"thinkingLevel": "most"}),
        ".generationConfig.thinkingConfig.thinkingLevel: ",
    ),
}
