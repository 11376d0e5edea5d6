"""MBPP: 974 basic Python problems (Austin et al., 2021, arXiv 2108.07732). CC-BY-4.0.

Official splits by id: 1-10 prompt, 11-510 test, 511-600 validation, 601-974 train.
"""

import ast
import builtins
import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field

from suture.core.errors import BadFile, MissingTool
from suture.core.measure.checks.python import Assertions, PythonCheck
from suture.core.measure.task import Message, Task, check_of, fenced
from suture.files.rows import BenchmarkRow, read_rows
from suture.machine.installing import install_extra
from suture.suites.bare_inputs import refuse_bare_inputs
from suture.suites.parse import parse

PATH_VARIABLE = "SUTURE_MBPP"
OFFICIAL_PREFIX = "MBPP"
HUB_ID = "google-research-datasets/mbpp"
ONE_TEST = "mbpp-one-test"
"""The same tasks, whose prompts show the first test alone: all of them decide."""
INSTRUCTION = "{text}\nYour code should pass these tests:\n\n```python\n{tests}\n```"
OFFICIAL_SPLITS = {
    "prompt": range(1, 11),
    "test": range(11, 511),
    "validation": range(511, 601),
    "train": range(601, 975),
}


class MbppRow(BenchmarkRow):
    """A row of the full file, the sanitized one (``prompt``, ``test_imports``) or MBPP+ (the same with ``test``)."""

    task_id: int | str
    text: str = Field(validation_alias=AliasChoices("text", "prompt"))
    code: str | None = None
    test_list: list[str]
    test_setup_code: str = ""
    test_imports: list[str] = Field(default_factory=list[str])
    test: str | None = None
    tags: tuple[str, ...] = ()


def load_mbpp(path: Path | None = None) -> tuple[Task, ...]:
    """All 974 tasks: from ``path``, else from ``$SUTURE_MBPP``, else from the Hugging Face Hub.

    Raises:
        BadFile: the file is missing or broken.
        MissingTool: no path given and the package ``datasets`` is not installed, or the Hub cannot be reached.
    """
    path = path or (Path(os.environ[PATH_VARIABLE]) if os.environ.get(PATH_VARIABLE) else None)
    if path is not None:
        return tuple(read_rows(path, _official_task))
    return tuple(_official_task(row) for row in _hub_rows())


def load_mbpp_one_test(path: Path | None = None) -> tuple[Task, ...]:
    """As ``load_mbpp``; ids are ``MBPP-one-test/11``. A split never parts a task from the one that shows all tests."""
    return tuple(_with_one_test(task) for task in load_mbpp(path))


def _with_one_test(task: Task) -> Task:
    tests = check_of(task, PythonCheck).tests
    (asked,) = task.messages
    statements = tests.statements if isinstance(tests, Assertions) else ("",)
    shown = asked.content.replace("\n".join(statements), statements[0])
    return task.model_copy(
        update={
            "id": f"{OFFICIAL_PREFIX}-one-test/{task.id.rpartition('/')[2]}",
            "suite": ONE_TEST,
            "messages": (asked.model_copy(update={"content": shown}),),
            "tags": (ONE_TEST,),
        }
    )


def _official_task(row: dict[str, Any]) -> Task:
    task = mbpp_task(row, suite="mbpp", origin=HUB_ID, licence="CC-BY-4.0", prefix=OFFICIAL_PREFIX)
    return task.model_copy(update={"groups": (task.id,)})


def mbpp_task(row: dict[str, Any], *, suite: str, origin: str, licence: str, prefix: str) -> Task:
    """A task from a row in MBPP's field names; a bare number ``41`` becomes the id ``{prefix}/41``.

    Raises:
        ValueError: no test, or no test that calls anything.
    """
    refuse_bare_inputs(row)
    fields = MbppRow.model_validate(row)
    statements = tuple(test.replace("\r\n", "\n").strip() for test in fields.test_list if test.strip())
    if not statements:
        raise ValueError("test_list is empty")
    whole = () if fields.test is None or not fields.test.strip() else (fields.test.replace("\r\n", "\n"),)
    imports = "".join(f"{line.strip()}\n" for line in fields.test_imports if line.strip())
    reference = fields.code.replace("\r\n", "\n") if fields.code else None
    number = int(fields.task_id) if str(fields.task_id).isdigit() else None
    return Task(
        id=str(fields.task_id) if number is None else f"{prefix}/{number}",
        suite=suite,
        messages=(
            Message(role="user", content=INSTRUCTION.format(text=fields.text.strip(), tests="\n".join(statements))),
        ),
        form=fenced("python"),
        check=PythonCheck(
            prelude=imports,
            entry_point=entry_point_of(statements, reference),
            tests=Assertions(
                setup=imports + fields.test_setup_code.replace("\r\n", "\n"), statements=(*statements, *whole)
            ),
        ),
        reference=reference,
        official_split=_official_split(number) if prefix == OFFICIAL_PREFIX else None,
        origin=origin,
        licence=licence,
        tags=(suite, *fields.tags),
    )


def entry_point_of(statements: Iterable[str], reference: str | None) -> str:
    """The function under test: the first name the tests call that the reference defines (or that is no builtin)."""
    called = [
        node.func.id
        for statement in statements
        for node in ast.walk(parse(statement))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    defined = _defined_names(reference) if reference else set[str]()
    for name in called:
        if name in defined or (not defined and not hasattr(builtins, name)):
            return name
    raise ValueError("no test calls a function that the answer could define")


def _official_split(number: int | None) -> str | None:
    return next((name for name, ids in OFFICIAL_SPLITS.items() if number in ids), None)


def _defined_names(source: str) -> set[str]:
    names: set[str] = set()
    for node in parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


def _hub_rows() -> Iterable[dict[str, Any]]:
    mend = f"{install_extra('hub')}, or set {PATH_VARIABLE} to a copy of mbpp.jsonl"
    try:
        hub = import_module("datasets")
    except ImportError:
        raise MissingTool("MBPP: no path given, and the package 'datasets' is not installed", mend=mend) from None
    try:
        splits: Mapping[str, Iterable[Mapping[str, Any]]] = hub.load_dataset(HUB_ID, "full")
    except Exception as error:
        mend = f"look at the network, or name a copy of mbpp.jsonl: --source mbpp=PATH or {PATH_VARIABLE}"
        raise MissingTool(f"MBPP could not be fetched from the Hugging Face Hub: {error}", mend=mend) from error
    rows = sorted((dict(row) for split in splits.values() for row in split), key=lambda row: int(row["task_id"]))
    if len(rows) != sum(len(ids) for ids in OFFICIAL_SPLITS.values()):
        raise BadFile(f"MBPP from {HUB_ID} has {len(rows)} rows, not 974")
    return rows
