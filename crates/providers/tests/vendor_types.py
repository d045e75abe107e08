"""Reads request bodies, one JSON file for each dialect, with the vendors' own published types.

Usage: vendor_types.py FOLDER, with the packages of vendor_types.txt installed. Says which fields a vendor's
types do not know or do not take, and ends with 1 if there are any.
"""

import json
import pathlib
import sys

from pydantic import TypeAdapter, ValidationError

folder = pathlib.Path(sys.argv[1])
faults = []


def read(name):
    return json.loads((folder / f"{name}.json").read_text())


def check(name, kind, body):
    """Validates strictly and forbids what the type does not name, however deep it lies."""
    try:
        kept = TypeAdapter(kind).validate_python(body)
    except ValidationError as error:
        faults.extend(f"{name}: {fault['loc']}: {fault['msg']}" for fault in error.errors()[:20])
        return
    lost = missing(body, kept)
    faults.extend(f"{name}: the vendor's types do not know {path}" for path in lost)


def plain(value):
    """What pydantic made of a value; it reads iterables lazily."""
    if isinstance(value, (dict, str, bytes, int, float, bool, type(None))):
        return value
    return list(value)


def missing(sent, kept, path=""):
    kept = plain(kept)
    if isinstance(sent, dict) and isinstance(kept, dict):
        for key, value in sent.items():
            if key not in kept:
                yield f"{path}.{key}"
            else:
                yield from missing(value, kept[key], f"{path}.{key}")
    elif isinstance(sent, list) and isinstance(kept, list):
        for index, (value, other) in enumerate(zip(sent, kept)):
            yield from missing(value, other, f"{path}[{index}]")


def openai():
    from openai.types.chat import completion_create_params as chat
    from openai.types.responses import response_create_params as responses

    for name in ("chat", "azure"):
        check(name, chat.CompletionCreateParamsStreaming, read(name))
    check("responses", responses.ResponseCreateParamsStreaming, read("responses"))


def anthropic():
    from anthropic.types import message_create_params as messages

    check("anthropic", messages.MessageCreateParamsStreaming, read("anthropic"))


def gemini():
    from google.genai import types

    body = read("gemini")
    parts = {
        "contents": list[types.Content],
        "systemInstruction": types.Content,
        "tools": list[types.Tool],
        "generationConfig": types.GenerationConfig,
    }
    for key, value in body.items():
        # These types forbid what they do not know by themselves.
        try:
            TypeAdapter(parts[key]).validate_python(value)
        except ValidationError as error:
            faults.extend(f"gemini: {key}{fault['loc']}: {fault['msg']}" for fault in error.errors()[:20])


openai()
anthropic()
gemini()
print("\n".join(faults) or "every vendor's types take what is sent")
sys.exit(1 if faults else 0)
