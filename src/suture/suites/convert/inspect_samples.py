"""Samples of inspect: ``input``, ``target`` and ``choices``. How they are scored is not in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.json_types import is_list
from suture.suites.convert.answers import choice_check, text_check
from suture.suites.convert.converter import Choices, Converter, Item, NotConverted, items_of_file
from suture.suites.convert.openai_chat import text_of
from suture.suites.convert.table_file import filled

_SETTING = ("files", "setup", "sandbox")
_ROLES = ("system", "user", "assistant")


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    return items_of_file(path, lambda row, number: _row(row, number, choices))


def _row(row: dict[str, Any], number: str, choices: Choices) -> dict[str, Any]:
    as_kind, expected = choices.as_kind, choices.expected or "target"
    if setting := next((name for name in _SETTING if row.get(name)), None):
        raise NotConverted(f"it has {setting}: its answer acts in a sandbox")
    asked, target, options = filled(choices.prompt or "input", row), row.get(expected), row.get("choices")
    if target in (None, "", []):
        raise NotConverted(f"it has no {expected}")
    if not is_list(target):
        target = str(target)
    said: dict[str, Any] = {"id": str(row.get("id") or number)}
    if options:
        return said | _choice(asked, target, options)
    said |= {"prompt": asked} if isinstance(asked, str) else {"messages": _messages(asked)}
    if as_kind is None:
        raise NotConverted("its scorer is not in the file: say how to compare with --as")
    if as_kind == "choice":
        raise NotConverted("it has no choices")
    return said | text_check(target, as_kind)


def _choice(asked: Any, target: Any, options: list[str]) -> dict[str, Any]:
    labels = [chr(ord("A") + at) for at in range(len(options))]
    label = target if isinstance(target, str) else target[0] if len(target) == 1 else None
    if label not in labels:
        raise NotConverted("its target is not the letter of one choice")
    listed = "\n".join(f"{name}) {text}" for name, text in zip(labels, options, strict=True))
    if not isinstance(asked, str):
        raise NotConverted("it has choices and a chat")
    return {"prompt": f"{asked}\n\n{listed}", **choice_check(dict(zip(labels, options, strict=True)), label)}


def _messages(asked: list[dict[str, Any]]) -> list[dict[str, str]]:
    if any(turn["role"] not in _ROLES for turn in asked):
        raise NotConverted("a turn is a tool's")
    return [{"role": turn["role"], "content": text_of(turn["content"])} for turn in asked]


INSPECT = Converter(
    "inspect samples (input, target, choices)",
    _items,
    fields=("input", "target"),
    takes=("as_kind", "prompt", "expected"),
)
