"""What a stranger asks of a served model, what is right (served_traffic.yaml), and how many answers were."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ASKED, NOTHING, CODE, UNSEEN = "calls", "nothing fits", "programs", "never reviewed"


@dataclass(frozen=True)
class Question:
    """Attributes:
    part: ``ASKED``, whose answers are reviewed; ``NOTHING``, where no tool fits, which are too; ``CODE``; or
        ``UNSEEN``: other questions to the same tools, of which nobody says anything.
    calls: what a right answer calls; None of a question for a program, which ``tests`` decide.
    """

    name: str
    part: str
    text: str
    tools: tuple[dict[str, Any], ...] = ()
    calls: tuple[dict[str, Any], ...] | None = None
    tests: tuple[str, ...] = ()

    @property
    def row(self) -> dict[str, Any]:
        """A question for a program as a task of a suite of one's own."""
        return {"task_id": self.name, "text": self.text, "test_list": list(self.tests)}


@dataclass(frozen=True)
class Answer:
    """Attributes:
    says: its text, or its calls as JSON.
    pack: SHA-256 of what gave it, as the server says.
    """

    id: str
    says: str
    right: bool
    route: str
    pack: str


def traffic(calls: int) -> list[Question]:
    """As many questions that want a call, those of the same apps where none fits or that are never reviewed, and the
    questions for programs."""
    written: Any = YAML(typ="safe").load(Path(__file__).with_name("served_traffic.yaml"))
    found: list[Question] = []
    left = calls
    for app, told in written["apps"].items():
        if left <= 0:
            break
        tools = tuple(_tool(tool) for tool in told["tools"])
        found += _wanting(app, ASKED, told["asked"][:left], tools)
        found += _wanting(app, UNSEEN, told["unseen"], tools)
        found += [
            Question(f"{app} {NOTHING} {at}", NOTHING, text, tools, ()) for at, text in enumerate(told["nothing"])
        ]
        left -= len(told["asked"])
    for row in written["code"]:
        tests = tuple(f"assert {test}" for test in row["tests"])
        text = f"Write a Python function {row['name']}({row['with']}) that returns {row['asks']}.\n{tests[0]}"
        found.append(Question(row["name"], CODE, text, tests=tests))
    return found


def _wanting(app: str, part: str, rows: Sequence[Any], tools: tuple[dict[str, Any], ...]) -> list[Question]:
    return [
        Question(f"{app} {part} {at}", part, text, tools, ({"name": name, "arguments": dict(arguments)},))
        for at, (text, name, arguments) in enumerate(rows)
    ]


def _tool(written: dict[str, Any]) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, kind in written["with"].items()}
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    function = {"name": written["name"], "description": written["about"], "parameters": parameters}
    return {"type": "function", "function": function}


def counted(asked: list[Question], before: dict[str, Answer], after: dict[str, Answer]) -> dict[str, dict[str, int]]:
    """By part of the traffic: how many were right before and after, how many got worse, how many read the same."""
    found: dict[str, dict[str, int]] = {}
    for part in dict.fromkeys(one.part for one in asked):
        pairs = [(before[one.name], after[one.name]) for one in asked if one.part == part]
        found[part] = {
            "questions": len(pairs),
            "before": sum(was.right for was, _ in pairs),
            "after": sum(now.right for _, now in pairs),
            "worse": sum(was.right and not now.right for was, now in pairs),
            "same": sum(was.says == now.says for was, now in pairs),
        }
    return found
