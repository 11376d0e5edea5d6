"""Have right answers room in the tokens that a recipe allows?"""

from collections.abc import Sequence

from suture.core.measure.task import Task
from suture.core.plan.recipe import Recipe
from suture.wiring.check_findings import Finding
from suture.wiring.init_job import answer_length

MOST_CHARACTERS = 8
"""Of a token, on average over an answer: prose has four or five, JSON and code three. What is longer than so many a
token is cut off whatever the model."""


def look_at_length(recipe: Recipe, tasks: Sequence[Task]) -> Finding | None:
    """None where every reference may fit. That some do not may be meant; that none does is a mistake."""
    allowed = recipe.engine.max_tokens
    references = [task.reference for task in tasks if task.reference is not None]
    longer = [len(text) for text in references if len(text) > allowed * MOST_CHARACTERS]
    if not longer:
        return None
    said = (
        f"engine.max_tokens {allowed} cuts off {len(longer)} of {len(references)} right answers; the longest has "
        f"{max(longer)} characters"
    )
    mend = f"write engine: {{max_tokens: {answer_length(tasks)}}}"
    return Finding("length", len(longer) < len(references), said, mend)
