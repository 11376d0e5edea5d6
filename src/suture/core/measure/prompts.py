"""The prompt of a task under a model's chat template, and the form in which its answer is then expected.

Tools are handed to the template where it carries them, which is found by trying; else they are written into the chat.
Whoever serves a model asks in the same way, so that what was measured is what is served.
"""

from collections.abc import Sequence
from typing import NamedTuple

from suture.core.errors import UsageError
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.signatures import signature_of
from suture.core.measure.task import AnswerForm, Message, Task, fenced
from suture.core.measure.tools import Tool, ToolCall
from suture.core.measure.tools_by import ToolsBy, tools_by, written_after_prompt
from suture.core.remembered import remembered

JSON_CALLS = fenced("json")
"""The form of an answer to tools that were written into the chat: a JSON list of calls."""
NOTHING_FITS = "None of these functions can do that."
"""What a model with a template for tools says when it calls nothing."""
_INTRODUCTION = (
    "Call functions to answer. Answer with a JSON list of calls, "
    '[{"name": "...", "arguments": {...}}], and with [] if no function fits.\n\nFunctions:\n'
)


class Prompt(NamedTuple):
    text: str
    form: AnswerForm


def prompt_of(task: Task, template: ChatTemplate) -> Prompt:
    """Render a task's chat. With tools, the answer's form is the template's own or a fenced JSON list of calls, unless
    the task states one.

    Raises:
        UsageError: the template refuses this chat.
    """
    return prompt_of_chat(task.messages, task.tools, task.form, template)


def prompt_of_chat(
    messages: Sequence[Message], tools: Sequence[Tool], form: AnswerForm, template: ChatTemplate
) -> Prompt:
    """Make the prompt of a chat that is no task: the same chat gives the same prompt, whoever asks."""
    expected = _form_with_tools(tools, form, template)
    if tools and tools_by(template) is ToolsBy.CHAT:
        return Prompt(template.render(chat_with_tools(messages, tools, template), expected.opening), expected)
    try:
        return Prompt(template.render(messages, expected.opening, tools=tools), expected)
    except UsageError:
        apart = _one_call_a_turn(messages)
        if len(apart) == len(messages):
            raise
        return Prompt(template.render(apart, expected.opening, tools=tools), expected)


def form_of(task: Task, template: ChatTemplate) -> AnswerForm:
    """The form in which an answer to ``prompt_of`` is expected."""
    return _form_with_tools(task.tools, task.form, template)


def _form_with_tools(tools: Sequence[Tool], form: AnswerForm, template: ChatTemplate) -> AnswerForm:
    by_chat = bool(tools) and tools_by(template) is ToolsBy.CHAT
    length = {"max_tokens": form.max_tokens}
    stated = form != AnswerForm(max_tokens=form.max_tokens)
    return JSON_CALLS.model_copy(update=length) if by_chat and not stated else form


def written_calls(task: Task, template: ChatTemplate, calls: Sequence[ToolCall]) -> str:
    """These calls as the answer to a task, closed: in the template's own form, or as a JSON list where it has none (for
    several calls, Llama's has none)."""
    if tools_by(template) is ToolsBy.CHAT:
        return _as_json(calls) + form_of(task, template).closing
    if not calls:
        return NOTHING_FITS + task.form.closing
    for messages in (task.messages, _one_call_a_turn(task.messages)):
        try:
            return written_after_prompt(template, messages, task.tools, calls) + task.form.closing
        except UsageError:
            continue
    return _as_json(calls) + task.form.closing


def _one_call_a_turn(messages: Sequence[Message]) -> list[Message]:
    """Each of several calls as a turn of its own before its result: some templates know no other."""
    apart: list[Message] = []
    waiting: list[Message] = []
    for message in messages:
        if len(message.tool_calls) > 1:
            first, *others = (message.model_copy(update={"tool_calls": (call,)}) for call in message.tool_calls)
            apart.append(first)
            waiting = [other.model_copy(update={"content": ""}) for other in others]
            continue
        if message.role != "tool":
            apart += waiting
            waiting = []
        elif apart and apart[-1].role == "tool" and waiting:
            apart.append(waiting.pop(0))
        apart.append(message)
    return apart + waiting


def chat_with_tools(messages: Sequence[Message], tools: Sequence[Tool], template: ChatTemplate) -> tuple[Message, ...]:
    """A chat whose tools, calls and results are text: in the system message, or before the first question where the
    template has none."""
    shown = _INTRODUCTION + "\n".join(f"- {signature_of(tool)}" for tool in tools)
    plain = [_plain(message) for message in messages]
    if _has_system(template):
        if plain and plain[0].role == "system":
            shown, plain = f"{shown}\n\n{plain[0].content}", plain[1:]
        return (Message(role="system", content=shown), *_joined(plain))
    said = "\n\n".join([shown, *(message.content for message in plain if message.role == "system")])
    rest = _joined([message for message in plain if message.role != "system"])
    if rest and rest[0].role == "user":
        return (Message(role="user", content=f"{said}\n\n{rest[0].content}"), *rest[1:])
    return (Message(role="user", content=said), *rest)


@remembered(64)
def _has_system(template: ChatTemplate) -> bool:
    try:
        text = template.render([Message(role="system", content="sentinel"), Message(role="user", content="Question.")])
    except UsageError:
        return False
    return "sentinel" in text


def _plain(message: Message) -> Message:
    if message.role == "tool":
        of = f" of {message.name}" if message.name else ""
        return Message(role="user", content=f"Result{of}:\n{message.content}")
    if message.tool_calls:
        calls = f"{JSON_CALLS.opening}{_as_json(message.tool_calls)}{JSON_CALLS.closing}"
        return Message(role="assistant", content=f"{message.content}\n{calls}".strip())
    return message


def _as_json(calls: Sequence[ToolCall]) -> str:
    return f"[{', '.join(call.as_json() for call in calls)}]"


def _joined(messages: Sequence[Message]) -> list[Message]:
    """Turns of one role after another become one: many templates want roles to alternate."""
    joined: list[Message] = []
    for message in messages:
        if joined and joined[-1].role == message.role:
            content = f"{joined[-1].content}\n\n{message.content}"
            joined[-1] = Message(role=message.role, content=content)
        else:
            joined.append(message)
    return joined
