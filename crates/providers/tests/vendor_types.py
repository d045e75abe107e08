"""Reads request bodies, one JSON file for each dialect, with the types that the vendors publish.

Usage: vendor_types.py FOLDER, with the packages of vendor_types.txt installed. Says what a vendor's types
do not take, or do not know, and ends with 1 if there is anything.
"""

import json
import pathlib
import sys
import types as builtin
import typing

import typing_extensions
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

folder = pathlib.Path(sys.argv[1])
faults = []


def read(name):
    return json.loads((folder / f"{name}.json").read_text())


def fault(value, kind, path):
    """The first thing about `value` that `kind` does not allow, or nothing."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in (object, typing.Any):
        return None
    if isinstance(origin, typing_extensions.TypeAliasType):
        return fault(value, origin.__value__[arguments], path)
    if isinstance(kind, typing_extensions.TypeAliasType):
        return fault(value, kind.__value__, path)
    if origin in (typing.Union, builtin.UnionType):
        # The fault that lies deepest is of the variant that was meant.
        found = [fault(value, one, path) for one in arguments]
        return None if None in found else max(found, key=lambda text: len(text.split(":")[0]))
    if origin in (typing_extensions.Required, typing_extensions.NotRequired, typing.Annotated):
        return fault(value, arguments[0], path)
    if origin is typing.Literal:
        return None if value in arguments else f"{path}: {value!r} is none of {arguments}"
    if typing_extensions.is_typeddict(kind):
        if not isinstance(value, dict):
            return f"{path}: is no {kind.__name__}"
        # A name that is a word of Python has a line behind it.
        hints = typing_extensions.get_type_hints(kind, include_extras=True)
        hints = {key.rstrip("_"): hint for key, hint in hints.items()}
        # Python cannot tell by itself what is required where annotations are kept as text.
        marked = lambda mark: {key for key, hint in hints.items() if typing.get_origin(hint) is mark}
        needed = marked(typing_extensions.Required) | {key.rstrip("_") for key in kind.__required_keys__}
        for key in sorted(needed - marked(typing_extensions.NotRequired) - value.keys()):
            return f"{path}: {kind.__name__} needs {key}"
        for key in value.keys() - hints.keys():
            return f"{path}.{key}: {kind.__name__} does not know it"
        found = (fault(inner, hints[key], f"{path}.{key}") for key, inner in value.items())
        return next((text for text in found if text), None)
    if origin is dict or kind is dict:
        return None if isinstance(value, dict) else f"{path}: is no object"
    if origin is not None and isinstance(value, list) and arguments:
        found = (fault(inner, arguments[0], f"{path}[{index}]") for index, inner in enumerate(value))
        return next((text for text in found if text), None)
    expected = {float: (int, float)}.get(kind, kind)
    fits = isinstance(kind, type) and isinstance(value, expected)
    fits = fits and not (isinstance(value, bool) and kind is not bool)
    return None if fits else f"{path}: {value!r:.60} is no {kind}"


def check(name, kind):
    found = fault(read(name), kind, name)
    if found:
        faults.append(found)


def validate(name, kind, value):
    try:
        # Written out again, since some types look at a value only then.
        adapter = TypeAdapter(kind)
        adapter.dump_python(adapter.validate_python(value))
    except (ValidationError, PydanticSerializationError) as error:
        each = error.errors()[:5] if isinstance(error, ValidationError) else [{"loc": "", "msg": str(error)}]
        faults.extend(f"{name}{one['loc']}: {one['msg']}" for one in each)


def openai():
    from openai.types.chat import completion_create_params as chat
    from openai.types.responses import response_create_params as responses

    check("chat", chat.CompletionCreateParamsStreaming)
    check("azure", chat.CompletionCreateParamsStreaming)
    check("responses", responses.ResponseCreateParamsStreaming)
    check("responses-thoughts", responses.ResponseCreateParamsStreaming)


def openrouter():
    from openrouter.components import ChatRequestTypedDict

    check("openrouter-thoughts", ChatRequestTypedDict)


def anthropic():
    from anthropic.types import message_create_params as messages

    check("anthropic", messages.MessageCreateParamsStreaming)
    check("anthropic-thoughts", messages.MessageCreateParamsStreaming)


def gemini():
    from google.genai import types

    kinds = {
        "contents": list[types.Content],
        "systemInstruction": types.Content,
        "tools": list[types.Tool],
        "generationConfig": types.GenerationConfig,
    }
    # These types refuse by themselves what they do not know.
    for name in ["gemini", "gemini-thoughts", "gemini-signed"]:
        for key, value in read(name).items():
            validate(f"{name}.{key}", kinds[key], value)


def ollama():
    from ollama import _types as types

    def refuse_the_unknown(kind):
        for one in kind.__subclasses__():
            refuse_the_unknown(one)
        kind.model_config["extra"] = "forbid"
        kind.model_rebuild(force=True)

    refuse_the_unknown(types.SubscriptableBaseModel)
    for name in ["ollama", "ollama-thoughts"]:
        body = read(name)
        # The server has them (api/types.go), the package not yet.
        for field in ["truncate", "shift"]:
            body.pop(field)
        for message in body["messages"]:
            message["images"] = [{"value": image} for image in message.get("images", [])]
            validate(f"{name}.messages", types.Message, message)
        validate(f"{name}.options", types.Options, body["options"])
        validate(name, types.ChatRequest, body)


openai()
openrouter()
anthropic()
gemini()
ollama()
print("\n".join(faults) or "the vendors' types take everything")
sys.exit(1 if faults else 0)
