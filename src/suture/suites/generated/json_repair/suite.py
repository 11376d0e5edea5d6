"""Suite ``json-repair``: broken JSON of 24 kinds, each with one right answer.

Splits by template and by content: each of eight parts has shapes of documents and names of its own, and the splits are
made of whole parts. What parts share: the kinds of breakage, single keys such as ``name``, and numbers.
"""

import json
from collections.abc import Iterator
from typing import Any

from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.task import Message, Task, fenced
from suture.suites.generated.choice import Choices
from suture.suites.generated.extraction.domain import Content
from suture.suites.generated.json_repair.breakages import BREAKAGES, Breakage
from suture.suites.generated.json_repair.documents import filled
from suture.suites.generated.json_repair.shapes import SHAPES
from suture.suites.generated.json_repair.tokens import tokens_of, written
from suture.suites.generated.parts import PARTS, SPLITS, group_of

NAME = "json-repair"
SEED = 1
OF_A_KIND = 4
"""Tasks of each kind of breakage in each part."""
INSTRUCTION = "Repair this broken JSON. Keep every key and value.\n\n{broken}"
INDENTS = (None, None, 1, 2)


def load_json_repair(*, seed: int = SEED) -> tuple[Task, ...]:
    """768 tasks: 480 ``train``, 96 ``validation``, 192 ``test``. Equal seeds give equal tasks, byte for byte."""
    return tuple(_tasks(seed))


def broken_text(task: Task) -> str:
    """Return the broken JSON of a task."""
    return task.messages[0].content.removeprefix(INSTRUCTION.format(broken=""))


def _tasks(seed: int) -> Iterator[Task]:
    number = 0
    for part in range(PARTS):
        content = Content(part)
        for kind, breakage in BREAKAGES.items():
            choices = Choices(NAME, seed, part, kind)
            said: set[str] = set()
            while len(said) < OF_A_KIND:
                value = filled(choices.pick(SHAPES[part]), choices, content)
                broken = _broken(value, breakage, choices)
                if broken is not None and broken not in said:
                    said.add(broken)
                    yield _task(kind, broken, value, number=number, part=part, seed=seed)
                    number += 1


def _broken(value: Any, breakage: Breakage, choices: Choices) -> str | None:
    tokens = breakage(tokens_of(value, indent=choices.pick(INDENTS)), choices)
    return None if tokens is None else written(tokens)


def _task(kind: str, broken: str, value: Any, *, number: int, part: int, seed: int) -> Task:
    text = json.dumps(value)
    return Task(
        id=f"{NAME}/{number}",
        suite=NAME,
        messages=(Message(role="user", content=INSTRUCTION.format(broken=broken)),),
        form=fenced("json"),
        check=JsonCheck(equals_text=text),
        reference=text,
        official_split=SPLITS[part],
        origin=f"generated, seed {seed}",
        licence="CC0-1.0",
        groups=(group_of(part),),
        tags=(NAME, f"{NAME}:{kind}"),
    )
