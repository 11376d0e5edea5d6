"""Tasks that a stronger model wrote, kept where its tests and its answers agree in the judge.

A model's tests are as often wrong as its answers. Both are asked for apart: first a question with tests, then, several
times, an answer to that question. Tests and answers that were drawn apart and agree are seldom wrong in the same way
(CodeT, Chen et al., 2022, arXiv 2207.10397).
"""

from collections.abc import Sequence
from typing import NamedTuple

from suture.core.errors import UsageError
from suture.core.measure.attempt import Attempt
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.sampled import sampled
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.loop.measuring.asking import Asking
from suture.loop.measuring.judging import ask_and_judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import questions_of
from suture.loop.measuring.task_trials import refusals
from suture.loop.task_writing import Drawing, can_be_shown, fresh_among, what_can_be_shown, write_tasks
from suture.loop.workshop import Workshop
from suture.suites.kinds import kind_of

NO_TASK, KNOWN, REPEATED, DISAGREE = (
    "it is no task",
    "it resembles a task that is there already",
    "it asks what one before it asks",
    "too few answers pass its tests",
)


class Lesson(NamedTuple):
    """``agreed``: how many of the teacher's answers pass; ``task`` has the shortest of them as its reference."""

    task: Task
    agreed: int


class Taught(NamedTuple):
    """Attributes:
    lessons: in the order they were written.
    fell: the reason of each other one.
    """

    lessons: tuple[Lesson, ...]
    fell: tuple[str, ...]


class Lecture(NamedTuple):
    """How a teacher is asked.

    Attributes:
        times: how often it is asked for a task.
        answers: that it gives to each, the first of them greedy.
        agree: how many of these have to pass the task's tests.
    """

    times: int
    answers: int = 4
    agree: int = 2
    drawing: Drawing = Drawing()
    engine: EngineChoice = EngineChoice()


def taught_by(
    workshop: Workshop,
    teacher: PackFile,
    like: Sequence[Task],
    others: Sequence[Task],
    how: Lecture,
) -> Taught:
    """Let ``teacher`` write tasks after the example of ``like``, and answer them.

    Args:
        others: tasks that no lesson may resemble, those of ``like`` among them.

    Raises:
        UsageError: no task of ``like`` can be shown as an example.
        Fault: the engine or the judge failed. Finished batches stay recorded.
    """
    examples = [task for task in like if can_be_shown(task)]
    if not examples:
        said = f"none of {len(like)} tasks can be shown as an example: it takes {what_can_be_shown()}"
        raise UsageError(said, mend="--like mbpp:train")
    with LazyEngine(workshop, how.engine, teacher) as asker:
        written = write_tasks(workshop, asker, examples, how.times, how.drawing)
        fresh = fresh_among(written, others)
        passing = _passing(workshop, asker, fresh.tasks, how)
    fell = [NO_TASK] * (how.times - len(written)) + [KNOWN] * fresh.known + [REPEATED] * fresh.repeated
    agreed = [Lesson(_with_reference(task, found), len(found)) for task, found in passing if len(found) >= how.agree]
    fell += [DISAGREE] * (len(fresh.tasks) - len(agreed))
    refused = refusals(workshop.judge, [lesson.task for lesson in agreed], workshop.progress) if agreed else []
    fell += [refusal.why for refusal in refused if refusal is not None]
    kept = [lesson for lesson, refusal in zip(agreed, refused, strict=True) if refusal is None]
    return Taught(tuple(kept), tuple(fell))


def _passing(
    workshop: Workshop, asker: LazyEngine, tasks: Sequence[Task], how: Lecture
) -> list[tuple[Task, list[str]]]:
    """Each task with the answers that pass its tests, as programs."""
    found: dict[str, list[str]] = {task.id: [] for task in tasks}
    questions = questions_of(tasks, asker.pack.template, asker.choice)
    workshop.progress.start("answer them", how.answers * len(tasks))
    for number in range(how.answers):
        drawn = sampled(number, temperature=how.drawing.temperature, top_p=how.drawing.top_p, seed=how.drawing.seed)
        asked = Asking(drawn, sample=number) if number else Asking()
        for task, attempt, verdict in ask_and_judge(workshop, asker, questions, asked):
            found[task.id] += _program(task, attempt, verdict)
    workshop.progress.finish()
    return [(task, found[task.id]) for task in tasks]


def _program(task: Task, attempt: Attempt, verdict: Verdict) -> list[str]:
    program = kind_of(task).extract(task, attempt.completion)
    return [program] if verdict.passed and isinstance(program, str) else []


def _with_reference(task: Task, programs: Sequence[str]) -> Task:
    return task.model_copy(update={"reference": min(programs, key=lambda program: (len(program), program)).strip()})
