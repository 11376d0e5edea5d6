"""Who puts tools into a prompt: the model's chat template, where it is shown to carry them, or Suture."""

import json
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from suture.core.errors import UsageError
from suture.core.json_types import is_list, is_object
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.task import Message
from suture.core.measure.tools import Tool, ToolCall
from suture.core.remembered import remembered

_TAGGED = re.compile(r"<tool_call>(.*?)</tool_call>|<\|tool_call_start\|>(.*?)<\|tool_call_end\|>", re.DOTALL)
_PYTHON_CALL = re.compile(r"""\[?\s*sentinelcall\(\s*key\s*=\s*(["'])sentinelvalue\1\s*\)\s*\]?""")


class ToolsBy(StrEnum):
    """Who puts tools into a prompt."""

    TEMPLATE = "template"
    """The model's own chat template, in the form it was trained on."""
    CHAT = "chat"
    """Suture, as text in the system message: the template drops tools, or what was called before."""

    @property
    def says(self) -> str:
        """Say where the tools of a prompt come from, for people."""
        if self is ToolsBy.TEMPLATE:
            return "by the model's own chat template"
        return "by Suture, as text in the system message: the model's chat template does not carry them"


@remembered(64)
def tools_by(template: ChatTemplate) -> ToolsBy:
    """Whether a template carries tools: four sentinels must come through (a tool's name, its parameter's name, the name
    and the value of a call made before), and what it writes for a call must go on from its own prompt, in a form that
    can be read back."""
    parameters = '{"type": "object", "properties": {"sentinelparameter": {"type": "string"}}}'
    tool = Tool(name="sentineltool", description="", parameters_text=parameters)
    call = ToolCall(name="sentinelcall", arguments_text='{"key": "sentinelvalue"}')
    asked = Message(role="user", content="Question.")
    told = Message(role="tool", name="sentinelcall", content="Result.")
    chat = [asked, Message(role="assistant", content="", tool_calls=(call,)), told]
    try:
        text = template.render(chat, tools=[tool])
        written = written_after_prompt(template, [asked], [tool], [call])
    except UsageError:
        return ToolsBy.CHAT
    sentinels = ("sentineltool", "sentinelparameter", "sentinelcall", "sentinelvalue")
    carried = all(word in text for word in sentinels) and _is_readable(written)
    return ToolsBy.TEMPLATE if carried else ToolsBy.CHAT


def written_after_prompt(
    template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool], calls: Sequence[ToolCall]
) -> str:
    """What a template writes for an assistant's turn of calls, without the end of the turn; "" where that does not go
    on from the prompt."""
    prompt = template.render(messages, tools=tools)
    turn = Message(role="assistant", content="", tool_calls=tuple(calls))
    text = template.render([*messages, turn], tools=tools, opened=False)
    if not text.startswith(prompt):
        return ""
    answer = text[len(prompt) :]
    return (answer.partition(template.eos)[0] if template.eos else answer).strip()


def _is_readable(written: str) -> bool:
    """Whether the reader of calls knows the form of the sentinels' call: what it teaches could never pass else. That
    reader is above this layer; a test holds that it reads whatever is accepted here."""
    tagged = _TAGGED.search(written)
    inner = (tagged[1] or tagged[2] if tagged else written.removeprefix("[TOOL_CALLS]")).strip()
    try:
        value = json.loads(inner)
    except ValueError:
        return _PYTHON_CALL.fullmatch(inner) is not None
    members: list[Any] = value if is_list(value) else [value]
    try:
        return list(map(_called, members)) == [("sentinelcall", {"key": "sentinelvalue"})]
    except ValueError:  # arguments that are no JSON
        return False


def _called(member: Any) -> tuple[Any, Any] | None:
    """Name and arguments of a call as models write it in JSON. Raises ValueError: the arguments are no JSON."""
    if not is_object(member):
        return None
    fields = {key: value for key, value in member.items() if key not in ("id", "type", "index")}
    if fields.keys() == {"function"} and is_object(fields["function"]):
        fields = fields["function"]
    if fields.keys() not in ({"name", "arguments"}, {"name", "parameters"}):
        return None
    arguments = fields.get("arguments", fields.get("parameters"))
    return fields["name"], json.loads(arguments) if isinstance(arguments, str) else arguments
