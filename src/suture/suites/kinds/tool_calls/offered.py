"""Rule ``offered``: whatever is called was offered, with its required parameters, no unknown ones, and their types."""

from collections.abc import Mapping

from suture.core.measure.tools import Tool
from suture.suites.kinds.tool_calls.calls import Call, NoCalls
from suture.suites.kinds.tool_calls.expected import is_of_type
from suture.suites.kinds.tool_calls.reading import attempts_a_call, is_broken_data, read_calls


def complaint(answer: str, tools: Mapping[str, Tool]) -> str | None:
    """What is wrong with an answer, seen from the tools alone; None for calls that could be made, an empty list of
    calls, and words that call nothing.

    Raises:
        NoCalls: the answer begins to call something and cannot be read.
    """
    try:
        made = read_calls(answer, tools)
    except NoCalls:
        if attempts_a_call(answer, tools) or is_broken_data(answer, tools):
            raise
        return None
    return next((said for call in made if (said := _against(call, tools)) is not None), None)


def _against(call: Call, tools: Mapping[str, Tool]) -> str | None:
    tool = tools.get(call.name)
    if tool is None:
        return f"calls {call.name!r}, which is not offered"
    for name in tool.required:
        if name not in call.arguments:
            return f"{call.name} lacks {name!r}"
    # As everybody writes them, a tool takes what it names; one that names nothing at all takes anything.
    closed = "properties" in tool.parameters and not tool.parameters.get("additionalProperties")
    for name, value in call.arguments.items():
        if name not in tool.properties:
            if closed:
                return f"{call.name} has no parameter {name!r}"
        elif value is not None and not is_of_type(value, tool.properties[name]):
            return f"{call.name} is given {name!r} of another type"
    return None
