"""Runs a grader. This source is loaded in the judge's sandbox, so it imports the standard library alone."""

import json
import random
import sys
import types
from collections.abc import Callable
from typing import Any


def run(job: dict[str, Any], answer: str) -> list[bool]:
    """What the grader says of the answer, or of each of the job's own ``answers``. Raises what the grader raises."""
    random.seed(job["seed"])
    grade = loaded(job["grader"])
    answers = job["answers"]
    return [said(grade, each, job["task"]) for each in ([answer] if answers is None else answers)]


def loaded(source: str) -> Callable[..., Any]:
    module = types.ModuleType("grader")
    module.__file__ = "/grader.py"
    sys.modules["grader"] = module
    exec(compile(source, "<grader>", "exec", dont_inherit=True, optimize=0), module.__dict__)  # noqa: S102 - its purpose
    if not callable(module.__dict__.get("grade")):
        raise TypeError("the grader defines no grade(answer, task)")
    return module.grade


def said(grade: Callable[..., Any], answer: str, task: dict[str, Any]) -> bool:
    """A copy of the task each time, so that no call changes what the next one sees."""
    verdict = grade(answer, json.loads(json.dumps(task)))
    if type(verdict) is not bool:
        raise TypeError(f"grade returned {type(verdict).__name__}, not True or False")
    return verdict
