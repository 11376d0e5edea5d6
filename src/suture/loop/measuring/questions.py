"""Tasks as requests to a model, in batches of a fixed size."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from suture.core.measure.attempt import AdapterUse, Request, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.prompts import prompt_of
from suture.core.measure.task import Task

T = TypeVar("T")

GREEDY = Sampling()


class Question(NamedTuple):
    """A task and the request that asks it."""

    task: Task
    request: Request


def questions_of(
    tasks: Sequence[Task], template: ChatTemplate, engine: EngineChoice, *, adapter: AdapterUse | None = None
) -> list[Question]:
    """Render each task's chat; stop strings and token limit are its answer form's, the limit by default the engine's.

    Args:
        adapter: one that the engine has loaded beside the pack.
    """
    questions: list[Question] = []
    for task in tasks:
        prompt, form = prompt_of(task, template)
        tokens = form.max_tokens or engine.max_tokens
        questions.append(Question(task, Request(prompt=prompt, stop=form.stop, max_tokens=tokens, adapter=adapter)))
    return questions


def batches_of(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])
