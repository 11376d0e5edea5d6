"""About how long a repair takes, and how much disk it fills."""

import os

from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.plan.recipe import Recipe
from suture.loop.elsewhere import FromElsewhere
from suture.store.connection import READ_ONLY
from suture.store.find_model import FoundModel
from suture.store.home import MORE_ROOM, Home
from suture.wiring.check_findings import Finding, RecipeCheck
from suture.wiring.model_size import minutes, parameters_of
from suture.wiring.time_left import AROUND, expected_seconds

MEASURED_PARAMETERS = 134.5e6
BYTES_A_PARAMETER = 8.0
"""Of a prepared base in BF16, its pack, the merge, and the new pack, while all four are there."""


def add_cost(
    recipe: Recipe,
    tasks: tuple[Task, ...],
    base: FoundModel | None,
    home: Home,
    done: RecipeCheck,
    *,
    elsewhere: FromElsewhere,
) -> None:
    """Add to ``done`` what to expect, and whether the store has room for it."""
    parameters = None if base is None else parameters_of(base)
    if parameters is None or base is None:
        done.costs.append("time and disk: not known before the base is there")
        return
    times = parameters / MEASURED_PARAMETERS
    questions, lessons = len(elsewhere.questions), len(elsewhere.lessons)
    splits = done.splits or {Split.REPAIR.value: len(tasks)}
    expected = expected_seconds(recipe, splits, questions=questions, lessons=lessons)
    seconds = times * sum(expected.values()) + AROUND
    done.costs.append(
        f"time: about {minutes(seconds / 2)} to {minutes(seconds * 2)} on two cores, from a measured run of a "
        "model of 135 million parameters"
    )
    wanted = parameters * BYTES_A_PARAMETER
    there, free = home.room()
    done.costs.append(f"disk: up to {wanted / 1e9:.1f} GB in {home.root}")
    if not os.access(there, os.W_OK):
        done.findings.append(Finding("store", False, f"cannot write to {there}", READ_ONLY))
    enough = free > wanted
    done.findings.append(Finding("disk", enough, f"{free / 1e9:.1f} GB free at {there}", "" if enough else MORE_ROOM))
