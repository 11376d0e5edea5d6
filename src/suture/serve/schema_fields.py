"""JSON Schemas and tools in a request: checked here, since engines take broken ones and then hold to nothing."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from suture.core.json_types import is_object
from suture.core.measure.tools import Tool
from suture.serve.api_error import invalid, unsupported
from suture.suites.kinds.compiled_schemas import why_unusable

MOST_SCHEMA = 32_768
"""Characters of a JSON Schema: each becomes rules of a grammar, which the engine makes again for every answer."""


def checked_schema(schema: object, where: str) -> str:
    """A JSON Schema as a text. Raises ApiError: one that is broken, refers elsewhere, is never valid, or too long."""
    try:
        text = json.dumps(schema, ensure_ascii=False, allow_nan=False)
        said = why_unusable(text)
    except (RecursionError, ValueError) as error:
        said = f"it is no JSON: {error}"
    else:
        said = said or (f"it is longer than {MOST_SCHEMA} characters" if len(text) > MOST_SCHEMA else None)
        if said is None:
            return text
    raise invalid(f"The schema cannot be used: {said}", where, code="invalid_json_schema")


def read_tools(written: Sequence[dict[str, Any]]) -> tuple[Tool, ...]:
    """Raises ApiError: a tool that nobody could call, or two of one name."""
    tools: list[Tool] = []
    for number, tool in enumerate(written):
        where = f"tools[{number}].function"
        try:
            made = Tool.model_validate(_with_parameters(tool))
        except ValidationError as error:
            raise invalid(f"Invalid tool: {said_by(error)}", where) from None
        checked_schema(made.parameters, f"{where}.parameters")
        if any(made.name == other.name for other in tools):
            raise invalid(f"Two tools are called {made.name!r}", f"{where}.name")
        tools.append(made)
    return tuple(tools)


def require_holdable(tool: Tool) -> None:
    """Raises ApiError: a reference leads to a place in its own schema, which is elsewhere in a schema of calls."""
    if '"$ref"' in tool.parameters_text:
        raise unsupported(f"tool {tool.name!r} cannot be required: its parameters hold a $ref", "tool_choice")


def said_by(error: ValidationError) -> str:
    return error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")


def _with_parameters(tool: dict[str, Any]) -> dict[str, Any]:
    """A function without parameters takes none, as OpenAI reads it."""
    function: Any = tool.get("function")
    if not is_object(function) or "parameters" in function:
        return tool
    return tool | {"function": function | {"parameters": {"type": "object", "properties": {}}}}
