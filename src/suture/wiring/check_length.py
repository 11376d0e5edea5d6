"""Have right answers room in the tokens that a recipe allows?"""

from collections.abc import Sequence

from suture.core.measure.task import Task
from suture.core.plan.recipe import Recipe
from suture.suites.kinds import kind_of
from suture.wiring.check_findings import Finding

MOST_CHARACTERS = 8
"""Of a token, on average over an answer: prose has four or five, JSON and code three. What is longer than so many a
token is cut off whatever the model."""
FEWEST_CHARACTERS, STEP = 2, 32
"""Of a token, on average, where an answer is certain to have room; and what tokens are counted in."""


def look_at_length(recipe: Recipe, tasks: Sequence[Task]) -> Finding | None:
    """None where every reference may fit. It is a mistake where none does of those that are all there is to say: a
    right program may be shorter than its reference."""
    allowed = recipe.engine.max_tokens
    longer = [len(task.reference) for task in tasks if task.reference and _is_too_long(task, allowed)]
    if not longer:
        return None
    said = (
        f"engine.max_tokens {allowed} cuts off the reference of {len(longer)} of {len(tasks)} tasks; the longest has "
        f"{max(longer)} characters"
    )
    enough = -(-max(longer) // (FEWEST_CHARACTERS * STEP)) * STEP
    stated = [task for task in tasks if kind_of(task).stated_answer(task) is not None]
    none_fits = bool(stated) and all(_is_too_long(task, allowed) for task in stated)
    return Finding("length", not none_fits, said, f"write engine: {{max_tokens: {enough}}}")


def _is_too_long(task: Task, allowed: int) -> bool:
    return len(task.reference or "") > allowed * MOST_CHARACTERS
