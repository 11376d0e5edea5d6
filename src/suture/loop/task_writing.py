"""Lets a model write tasks, after the example of some."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from suture.core.errors import UsageError
from suture.core.measure.attempt import Request
from suture.core.measure.sampled import sampled
from suture.core.measure.task import Task
from suture.core.teach.rehearsal import unlike as without_names
from suture.loop.measuring.asking import Asking, ask
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.questions import Question, batches_of
from suture.loop.workshop import Workshop
from suture.suites.kinds import KINDS, kind_of
from suture.suites.kinds.kind import TaskWriting
from suture.suites.unlike import unlike

EXAMPLES = 4
"""Shown before each task that is written."""


class Drawing(NamedTuple):
    """How what is written is drawn."""

    seed: int = 0
    temperature: float = 0.8
    top_p: float = 1.0


def can_be_shown(task: Task) -> bool:
    """Whether a model can be given the task as an example of what to write."""
    writing = kind_of(task).writing
    return writing is not None and writing.is_example(task)


def what_can_be_shown() -> str:
    """In words."""
    return " or ".join(kind.writing.wanted for kind in KINDS.values() if kind.writing is not None)


def writing_of(task: Task) -> TaskWriting:
    """Raises UsageError: a model cannot be made to write tasks of this kind."""
    writing = kind_of(task).writing
    if writing is None:
        raise UsageError(f"a model cannot be made to write tasks of kind {task.check.kind!r}")
    return writing


def names_of(task: Task) -> tuple[str, ...]:
    """What a task that asks the same would share; nothing of a kind that no model writes."""
    writing = kind_of(task).writing
    return writing.names_of(task) if writing is not None else ()


class Fresh(NamedTuple):
    """Attributes:
    tasks: of those written, like none that is known and none before them.
    known, repeated: how many of the others are like a known one, and like one before them.
    """

    tasks: tuple[Task, ...]
    known: int
    repeated: int


def fresh_among(written: Sequence[Task], known: Sequence[Task]) -> Fresh:
    """Compared by their words, and by what the kind says that tasks share: a name of two letters, a first line."""
    found = unlike(written, known)
    fresh = without_names(found.kept, known, names_of)
    return Fresh(fresh, len(found.twins) + len(found.kept) - len(fresh), found.repeated)


def write_tasks(
    workshop: Workshop, asker: LazyEngine, examples: Sequence[Task], count: int, how: Drawing
) -> list[Task]:
    """Ask ``count`` times for a task, each time after other examples, all of one kind; what came that is one."""
    writing = writing_of(examples[0])
    alike = [task for task in examples if task.check.kind == examples[0].check.kind]
    chooser = random.Random(how.seed)  # noqa: S311 - not a secret
    shown = [chooser.sample(alike, min(EXAMPLES, len(alike))) for _ in range(count)]
    openings = [
        Question(
            chosen[0],
            Request(prompt=writing.opening_of(chosen), stop=(writing.between,), max_tokens=writing.max_tokens),
        )
        for chosen in shown
    ]
    written: list[Task] = []
    workshop.progress.start("write tasks", len(openings))
    for number, batch in enumerate(batches_of(openings, asker.identity.batch)):
        seed = how.seed + number * asker.identity.batch
        drawn = Asking(sampled(0, temperature=how.temperature, top_p=how.top_p, seed=seed))
        for attempt in next(ask(workshop, asker, [batch], drawn)):
            task = writing.task_from(attempt.completion.text, number=len(written))
            if task is not None:
                written.append(task)
    workshop.progress.finish()
    return written
