"""Finds a suite by name or path, and parts of it by id or official split.

A selector is ``NAME``, ``NAME:IDS`` or ``NAME:SPLIT``: ``humaneval``, ``mbpp:11-110,205``, ``mbpp:train``,
``bfcl:simple_python``, ``bfcl:simple_python:0-99``, ``path/to/tasks.jsonl``, ``path/to/tasks.jsonl:0-9``. A range with
a step takes every so many of its ids: ``json-repair:0-479/4`` is every fourth.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from unicodedata import normalize

from suture.core.errors import BadFile, UnknownName, UsageError
from suture.core.measure.checks.sql import SqlCheck
from suture.core.measure.splits import refuse_repeated_ids
from suture.core.measure.task import Task
from suture.core.nearest import nearest
from suture.core.strict_json import read_strictly
from suture.files.rows import read_rows
from suture.suites.basics import load_basics
from suture.suites.bfcl import bfcl_suites, load_bfcl
from suture.suites.convert.table_file import columns_of, say_how
from suture.suites.generated.extraction.suite import load_extraction
from suture.suites.generated.grammar.suite import load_grammar
from suture.suites.generated.json_repair.suite import load_json_repair
from suture.suites.humaneval import humaneval_task, load_humaneval
from suture.suites.kinds import kind_of
from suture.suites.livecodebench import livecodebench_task, load_livecodebench
from suture.suites.mbpp import ONE_TEST, load_mbpp, load_mbpp_one_test, mbpp_task
from suture.suites.near_duplicates import with_near_duplicates
from suture.suites.own_rows import own_task

FROM_FILES = ("mbpp", "livecodebench")
"""Official suites that a local file may be named for."""
_RANGE = re.compile(r"(\d+)(?:-(\d+)(?:/([1-9]\d*))?)?")


def load_suite(selector: str, *, sources: Mapping[str, Path] | None = None) -> tuple[Task, ...]:
    """Read the selected tasks, in the suite's own order.

    Example::

        tasks = suture.load_suite("humaneval:0-9")
        print(tasks[0].id, tasks[0].messages[-1].content)

    Args:
        sources: local files to read official suites from, by suite name.

    Raises:
        UnknownName: no such suite, and no such file.
        UsageError: the ids select nothing, or an id is used twice.
        BadFile: a row is broken; names the line.
    """
    name, part = _parse(selector)
    for source in sources or {}:
        if source not in FROM_FILES:
            raise UnknownName("source", source, FROM_FILES)
    tasks = _whole_suite(name, sources or {}, selector)
    refuse_repeated_ids(tasks)
    return tasks if part is None else _select(tasks, part, selector)


def load_suites(
    selectors: list[str] | tuple[str, ...], *, sources: Mapping[str, Path] | None = None
) -> tuple[Task, ...]:
    """All selected tasks, in order; an id that is selected twice is an error."""
    found = {selector: load_suite(selector, sources=sources) for selector in selectors}
    tasks = tuple(task for selector in selectors for task in found[selector])
    refuse_repeated_ids(tasks)
    own = [selector for selector in found if is_file_selector(selector)]
    if len(own) > 1:
        _refuse_contradicting_files(tuple(task for selector in own for task in found[selector]))
    return tasks


def is_file_selector(selector: str) -> bool:
    """Tell whether a selector names a file of tasks rather than a suite that Suture knows."""
    name, _ = _parse(selector)
    return name.lower() not in _official({})


def _parse(selector: str) -> tuple[str, str | None]:
    if ":" not in selector or selector in bfcl_suites() or Path(selector).exists():
        return selector, None
    name, _, part = selector.rpartition(":")
    return name, part


def _whole_suite(name: str, sources: Mapping[str, Path], selector: str) -> tuple[Task, ...]:
    official = _official(sources)
    if name.lower() in official:
        return official[name.lower()]()
    path = Path(name)
    if path.suffix in (".jsonl", ".json", ".gz") or path.exists():
        return load_jsonl(path)
    if near := nearest(str(path), map(str, path.parent.glob("*.jsonl")), cutoff=0.8):
        raise UnknownName("suite", name, [near], mend=near)
    begun = [suite for suite in official if re.match(rf"{suite}\W", selector, re.IGNORECASE)]
    if begun:
        known = max(begun, key=len)
        rest = selector[len(known) :]
        raise UsageError(f"{selector}: {known} is a suite, and {rest} names no part of it", mend=f"{known}:11-20")
    raise UnknownName("suite", name, official, mend="give a known name or a path that ends in .jsonl")


def _official(sources: Mapping[str, Path]) -> dict[str, Callable[[], tuple[Task, ...]]]:
    official: dict[str, Callable[[], tuple[Task, ...]]] = {
        "humaneval": load_humaneval,
        "mbpp": lambda: load_mbpp(sources.get("mbpp")),
        ONE_TEST: lambda: load_mbpp_one_test(sources.get("mbpp")),
        "livecodebench": lambda: load_livecodebench(sources.get("livecodebench")),
        "basics": load_basics,
        "json-repair": load_json_repair,
        "extraction": load_extraction,
        "grammar": load_grammar,
    }
    return official | {suite: partial(load_bfcl, suite.partition(":")[2]) for suite in bfcl_suites()}


def load_jsonl(path: Path) -> tuple[Task, ...]:
    """Your own tasks: of any kind (``check``), or in HumanEval's, MBPP's or LiveCodeBench's field names, row by row.

    Raises:
        BadFile: a broken row, or an id used twice; names the line. Nothing is half-imported.
    """
    suite = path.name.removesuffix(".gz").removesuffix(".jsonl")
    if path.suffix.lower() in (".csv", ".tsv") and path.is_file():
        columns = ", ".join(columns_of(path))
        raise BadFile(f"{path}: a CSV table (columns {columns}), and no JSON lines", mend=say_how(path))

    def parse(row: dict[str, Any]) -> Task:
        if "check" in row or "expected" in row:
            return own_task(row, suite=suite, origin=path.name)
        if "entry_point" in row:
            return humaneval_task(row, suite=suite, origin=path.name, licence="")
        if "question_content" in row:
            return livecodebench_task(row)
        if "test_list" in row:
            return mbpp_task(row, suite=suite, origin=path.name, licence="", prefix=suite)
        if "kind" in row:
            return own_task(row, suite=suite, origin=path.name)
        raise ValueError(
            "neither a task of your own (id, kind, prompt, check) nor HumanEval's fields (task_id, prompt, "
            "entry_point, test) nor MBPP's (task_id, text, test_list)"
        )

    tasks = tuple(read_rows(path, parse, read=read_strictly))
    _refuse_contradictions(path, tasks)
    first_use: dict[str, int] = {}
    for number, task in enumerate(tasks, start=1):
        if task.id in first_use:
            raise BadFile(
                f"{path}: task id {task.id} is used twice (rows {first_use[task.id]} and {number})",
                mend="give each row an id of its own",
            )
        first_use[task.id] = number
    return with_near_duplicates(tasks)


def _refuse_contradictions(path: Path, tasks: tuple[Task, ...]) -> None:
    """One question has one answer: two that are asked alike and decided differently teach a model to guess."""
    if (found := _contradiction(tasks)) is not None:
        (row, first), (number, task) = found
        raise BadFile(f"{path}: {first.id} and {task.id} (rows {row + 1} and {number + 1}) {_ASK_ALIKE}", mend=_KEEP)


def _refuse_contradicting_files(tasks: tuple[Task, ...]) -> None:
    if (found := _contradiction(tasks)) is not None:
        (_, first), (_, task) = found
        raise BadFile(f"{first.id} of {first.suite} and {task.id} of {task.suite} {_ASK_ALIKE}", mend=_KEEP)


_ASK_ALIKE = "ask the same question and want different answers"
_KEEP = "keep the right one; if both are right, give one row a check that allows both"


def _contradiction(tasks: tuple[Task, ...]) -> tuple[tuple[int, Task], tuple[int, Task]] | None:
    """The first two, with their places. White space makes no other question."""
    asked: dict[Any, tuple[int, Task]] = {}
    for at, task in enumerate(tasks):
        said = tuple(
            (turn.role, " ".join(normalize("NFC", turn.content).split()), turn.tool_calls) for turn in task.messages
        )
        before = asked.setdefault((said, task.tools, task.check.kind), (at, task))
        if before[1].check.evidence != task.check.evidence and not _agree(before[1], task):
            return before, (at, task)
    return None


def _agree(one: Task, other: Task) -> bool:
    """Whether two checks are met by each other's references, where that shows without running anything; two databases
    may be asked one query."""
    if isinstance(one.check, SqlCheck) and isinstance(other.check, SqlCheck):
        return one.check.setup != other.check.setup and one.check.reference == other.check.reference
    verdicts = [
        kind_of(asked).decide(asked, shown.reference)
        for asked, shown in ((one, other), (other, one))
        if shown.reference is not None
    ]
    return len(verdicts) == 2 and all(verdict is not None and verdict.passed for verdict in verdicts)


def _select(tasks: tuple[Task, ...], part: str, selector: str) -> tuple[Task, ...]:
    splits = {task.official_split for task in tasks if task.official_split}
    if part in splits:
        return tuple(task for task in tasks if task.official_split == part)
    numbers = {number for task in tasks if (number := _number(task.id)) is not None}
    wanted: list[range] = []
    for piece in part.split(","):
        match = _RANGE.fullmatch(piece.strip())
        if match is None:
            known = [*splits, "11-110", "0-99/4", "3,7,9"]
            raise UnknownName(f"part of suite {selector!r}:", part, known)
        first, last = int(match[1]), int(match[2] or match[1])
        if absent := sorted({first, last} - numbers):
            there = f"they go from {min(numbers)} to {max(numbers)}" if numbers else "its ids have no numbers"
            raise UsageError(f"{selector!r}: there is no task {absent[-1]}; {there}")
        wanted.append(range(first, last + 1, int(match[3] or 1)))
    chosen = tuple(task for task in tasks if any(_number(task.id) in chosen_range for chosen_range in wanted))
    if not chosen:
        raise UsageError(f"{selector!r} selects no task")
    return chosen


def _number(task_id: str) -> int | None:
    tail = re.search(r"(\d+)(?:-\d+)*$", task_id)
    return int(tail[1]) if tail else None
