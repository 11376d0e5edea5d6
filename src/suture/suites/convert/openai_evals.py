"""OpenAI evals' samples: ``input``, a chat or a text, and ``ideal``. How they are compared is not in them."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from suture.core.json_types import is_list
from suture.suites.convert.answers import text_check
from suture.suites.convert.converter import Choices, Converter, Item, NotConverted, as_object, items_of_file
from suture.suites.convert.openai_chat import text_of

_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_EXAMPLES = {"example_user": "user", "example_assistant": "assistant"}
"""Names of examples among the turns of role ``system``."""


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    return items_of_file(path, lambda row, number: _row(row, number, choices.as_kind))


def _row(row: dict[str, Any], number: str, as_kind: str | None) -> dict[str, Any]:
    asked, ideal = row["input"], row["ideal"]
    said: dict[str, Any] = {"id": str(row.get("id") or number)}
    said |= {"prompt": asked} if isinstance(asked, str) else {"messages": _messages(asked)}
    wanted = [str(each) for each in ideal] if is_list(ideal) else [_text(ideal)]
    if not wanted or not all(each.strip() for each in wanted):
        raise NotConverted("it has no ideal answer")
    if as_kind is None:
        raise NotConverted("how it is compared is not in the file: say it with --as")
    return said | text_check(wanted, as_kind)


def _text(ideal: object) -> str:
    if isinstance(ideal, bool) or not isinstance(ideal, str | int | float):
        raise NotConverted("its ideal is no text")
    return str(ideal)


def _messages(asked: Any) -> list[dict[str, str]]:
    """Turns of one role that follow each other are one. Where everything is said by ``system``, the user says the last:
    somebody has to ask."""
    if not is_list(asked):
        raise NotConverted("its input is neither a text nor a chat")
    turns = [_turn(as_object(turn)) for turn in asked]
    if turns and all(role == "system" for role, _ in turns):
        turns[-1] = ("user", turns[-1][1])
    return [
        {"role": role, "content": "\n".join(text for _, text in group)}
        for role, group in groupby(turns, key=lambda turn: turn[0])
    ]


def _turn(turn: dict[str, Any]) -> tuple[str, str]:
    role = _EXAMPLES.get(str(turn.get("name"))) or _ROLES.get(str(turn["role"]))
    if role is None:
        raise NotConverted(f"a turn has the role {turn['role']!r}")
    return role, text_of(turn["content"])


EVALS = Converter("OpenAI evals' samples (input, ideal)", _items, fields=("input", "ideal"), takes=("as_kind",))
