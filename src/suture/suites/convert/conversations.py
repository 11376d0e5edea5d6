"""Chats of turns ``from`` and ``value``, as one task each: the first answer that calls a function is the wanted one.

Where none calls, the first answer is: with functions offered it is a task to call nothing.
"""

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from suture.core.json_types import is_list, is_object
from suture.core.strict_json import Unclear, read_strictly
from suture.suites.convert.answers import text_check
from suture.suites.convert.converter import Made, NotConverted, as_list, as_object, json_of

ROLES: Mapping[str, str] = {
    "system": "system", "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant",
    "model": "assistant", "function_call": "call", "tool_call": "call", "tool": "tool", "observation": "tool",
    "function": "tool", "function_response": "tool", "tool_response": "tool",
}  # fmt: skip
"""What the turns of these files are said by; ``call`` is an answer that is nothing but calls, as JSON."""
_MOST_CHARACTERS = 100_000
_ABOUT_TOOLS = re.compile(r"func|tool|invoke|parameter|\bno other text\b|use them if required", re.IGNORECASE)
_HOW_TO_THINK = re.compile(r"(?:\bexample:\s*)?<scratch_pad>.*?</scratch_pad>", re.DOTALL | re.IGNORECASE)
"""Of texts that tell a model to plan its calls: a form of the answer, and nothing of the question."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+(?![a-z])")
"""Between sentences: a line that begins with a small letter goes on with the one before."""


class Turn(NamedTuple):
    """``calls`` are what an assistant's turn calls."""

    role: str
    text: str
    calls: Sequence[dict[str, Any]] = ()


def turns_of(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each turn's role here, and its text.

    Raises:
        NotConverted: a role that is not known, or a turn without text.
    """
    turns: list[tuple[str, str]] = []
    for turn in as_list(row["conversations"]):
        said = as_object(turn)
        name, text = str(said.get("from", said.get("role"))), said.get("value", said.get("content"))
        if name not in ROLES:
            raise NotConverted(f"a turn is from {name!r}")
        if not isinstance(text, str):
            raise NotConverted("a turn has a value that is no text")
        turns.append((ROLES[name], text))
    return turns


def chat_of(turns: Sequence[tuple[str, str]], read: Callable[[str, str], Turn]) -> list[Turn]:
    """Read each turn's calls. What cannot be read after the wanted answer does not matter.

    Raises:
        NotConverted: as ``read``, of an answer up to the first that calls.
    """
    chat: list[Turn] = []
    for role, text in turns:
        try:
            chat.append(read(role, text))
        except NotConverted:
            if not any(turn.calls for turn in chat):
                raise
            chat.append(Turn("assistant", text))
    return chat


def task_of(
    turns: Sequence[Turn], tools: Sequence[Mapping[str, Any]], said: dict[str, Any], as_kind: str | None = None
) -> Made:
    """The row of a chat.

    Args:
        tools: what the chat offers.
        said: the rest of the row.
        as_kind: how to compare an answer in words; None: it is a task to call nothing, if anything can be called.

    Raises:
        NotConverted: nobody asks or answers, or nothing decides.
    """
    turns = _joined(turns)
    answers = [at for at, turn in enumerate(turns) if turn.role == "assistant"]
    if not answers:
        raise NotConverted("nobody answers in it")
    calling = [at for at in answers if turns[at].calls]
    wanted = calling[0] if calling else answers[0]
    answer, before = turns[wanted], turns[:wanted]
    if not before or before[-1].role != "user":
        raise NotConverted("nobody asks before its wanted answer")
    said = said | {"messages": [{"role": turn.role, "content": turn.text} for turn in before]}
    if not tools and answer.calls:
        raise NotConverted("it calls, and no tools are given")
    if tools and (answer.calls or as_kind is None):
        calls = list(answer.calls)
        decided = {"kind": "tool-calls", "check": {"calls": calls}}
        reference = json.dumps(calls, ensure_ascii=False) if calls else answer.text
        return Made({**said, **decided, "tools": list(tools), "reference": reference}, more=len(calling[1:]))
    if not answer.text.strip():
        raise NotConverted("its wanted answer is empty")
    if as_kind is None:
        raise NotConverted("it offers no tools: its answer is free text")
    return Made(said | text_check(answer.text, as_kind))


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    """Turns of one role that follow each other are one."""
    joined: list[Turn] = []
    for role, group in groupby(turns, key=lambda turn: turn.role):
        parts = list(group)
        calls = [call for part in parts for call in part.calls]
        joined.append(Turn(role, "\n".join(part.text for part in parts if part.text), calls))
    return joined


def beside_tools(system: str, *listed: str) -> list[Turn]:
    """What a system's text says besides the functions that it lists and how to call them: a turn, or none."""
    for part in listed:
        system = system.replace(part, "\n")
    system = _HOW_TO_THINK.sub("\n", system)
    kept = [part.strip() for part in _SENTENCE.split(system) if not _ABOUT_TOOLS.search(part)]
    text = "\n".join(part for part in kept if any(letter.isalpha() for letter in part))
    return [Turn("system", text)] if text else []


def calls_in(text: str) -> list[dict[str, Any]]:
    """The calls of a text that is nothing else: one, or a list of them.

    Raises:
        NotConverted: something else.
    """
    value = value_in(text, "call")
    members = value if is_list(value) else [value]
    if not all(is_object(member) for member in members):
        raise NotConverted("a call of its answer has no name and arguments")
    return [call_of(member) for member in members]


def call_of(value: object) -> dict[str, Any]:
    """``{"name", "arguments"}``; arguments may be a JSON text.

    Raises:
        NotConverted: something else.
    """
    call = as_object(value)
    name, arguments = call.get("name"), call.get("arguments", call.get("parameters"))
    if isinstance(arguments, str):
        arguments = json_of(arguments or "{}", "the arguments of a call of its answer are")
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise NotConverted("a call of its answer has no name and arguments")
    return {"name": name, "arguments": arguments}


def literal_value(text: str) -> Any:
    """A literal of Python's.

    Raises:
        Unclear: a dictionary has a key twice.
        ValueError, SyntaxError, RecursionError, MemoryError, TypeError: it is none.
    """
    for node in ast.walk(ast.parse(text.strip(), mode="eval")):
        if isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            if len(set(keys)) != len(keys):
                raise Unclear(f"an object has the key {next(key for key in keys if keys.count(key) > 1)!r} twice")
    return ast.literal_eval(text)


def value_in(text: str, name: str) -> Any:
    """JSON, or a literal of Python's: both are in the data.

    Raises:
        NotConverted: neither.
    """
    if len(text) > _MOST_CHARACTERS:
        raise NotConverted(f"its {name} is too long")
    for read in (read_strictly, literal_value):
        try:
            return read(text)
        except Unclear as error:
            raise NotConverted(f"its {name} is unclear: {error}") from None
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    raise NotConverted(f"its {name} is neither JSON nor a literal")
