"""The harnesses whose files can be read, one row each."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from suture.core.measure.task import Task
from suture.harnesses import (
    evalplus,
    human_eval,
    inspect_ai,
    junit,
    lm_eval,
    neutral,
    openai_evals,
    promptfoo,
    suture_bench,
)
from suture.harnesses.opened import Choices, Opened, ResultsReading


@dataclass(frozen=True)
class Harness:
    """Attributes:
    writes: its file of results, for people.
    knows: whether an object of that file (the whole, or its first row) is one of its own.
    read: the file's measurements.
    options: the fields of ``Choices`` that choose something in it.
    rule: rewrites a submission so that this judge gives the verdict that harness would, where there is a difference.
    is_one_object: the file is one object, not rows.
    """

    name: str
    writes: str
    knows: Callable[[dict[str, Any]], bool]
    read: Callable[[Opened, Choices], ResultsReading]
    options: tuple[str, ...] = ()
    rule: Callable[[Task, str], tuple[Task, str]] | None = None
    is_one_object: bool = False


NEUTRAL = Harness(
    "rows", "id and passed, or id and score (.jsonl, .csv)", neutral.knows, neutral.read,
    ("id", "passed", "suite", "threshold"),
)  # fmt: skip
"""Rows of anybody's. Also read as these: a file whose fields are named by options."""
HARNESSES = (  # the first that knows an object reads it
    Harness("suture", "a scoreboard of suture bench", suture_bench.knows, suture_bench.read, is_one_object=True),
    Harness("lm-eval", "samples_*.jsonl (--log_samples)", lm_eval.knows, lm_eval.read, ("metric", "filter")),
    Harness(
        "inspect_ai", "logs (.json, .eval)", inspect_ai.knows, inspect_ai.read, ("scorer", "metric"), is_one_object=True
    ),
    Harness(
        "evalplus", "eval_results.json", evalplus.knows, evalplus.read, rule=evalplus.as_evalplus, is_one_object=True
    ),
    Harness("human-eval", "*_results.jsonl", human_eval.knows, human_eval.read, rule=human_eval.as_human_eval),
    Harness("promptfoo", "results.json or .jsonl", promptfoo.knows, promptfoo.read, ("provider", "prompt")),
    Harness("openai-evals", "logs of oaieval, output items of the Evals API", openai_evals.knows, openai_evals.read),
    Harness("junit", "JUnit XML", junit.knows, junit.read),
    NEUTRAL,
)
CAN_BE_READ = "; ".join(f"{row.name}: {row.writes}" for row in HARNESSES)


class Compat(StrEnum):
    """The harnesses by whose rule a program can be judged."""

    HUMAN_EVAL = "human-eval"
    EVALPLUS = "evalplus"


def under_rule(rule: Compat, task: Task, program: str) -> tuple[Task, str]:
    """The submission that gets, from this judge, what ``rule`` says. Script and call tasks are left as they are."""
    rewrite = next(row.rule for row in HARNESSES if row.name == rule)
    return (task, program) if rewrite is None else rewrite(task, program)
