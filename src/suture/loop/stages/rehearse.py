"""Stage ``rehearse``: the base writes tasks like its anchors, and its answers to them are trained on beside those.

Replay holds the anchors it replays; what it does for those nobody measured grows with how many different ones there
are. A model can write more itself (pseudo-rehearsal, Robins, 1995; self-synthesized rehearsal, Huang et al., 2024,
arXiv 2403.01244).
"""

import random
from collections.abc import Sequence

from suture.core.errors import UsageError
from suture.core.measure.attempt import Request
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.sampled import sampled
from suture.core.measure.task import Task
from suture.core.plan.stages import REHEARSE
from suture.core.teach.dataset import RowKind
from suture.core.teach.findings import Findings
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.rehearsal import Rehearsal, RehearsalSummary, unlike
from suture.files.small_files import read_model, write_json
from suture.loop.base_pack import BasePack
from suture.loop.measuring.asking import Asking, ask
from suture.loop.measuring.judging import ask_and_judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.questions import Question, batches_of, questions_of
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.training_rows import anchor_row
from suture.loop.workshop import Workshop
from suture.suites.kinds import KINDS, kind_of
from suture.suites.kinds.kind import TaskWriting

EXAMPLES = 4


def rehearsal(run: Run, base: BasePack, engine: EngineChoice, found: Findings) -> Rehearsal | None:
    """Tasks that the base wrote, with its own answers; None for a recipe that trains on measured tasks alone."""
    if not found.settings.rehearse:
        return None

    def work() -> RehearsalSummary:
        asked = rehearse(run.workshop, base, found, engine=engine)
        write_json(run.paths.rehearsal, asked.to_json())
        return asked.summary

    run.stages.once(
        Stage(
            REHEARSE,
            {"scoreboard": found.scoreboard.digest},
            work,
            files=lambda _: {"rehearsal": run.paths.rehearsal},
            stands=lambda done: not done.faults,
        )
    )
    return read_model(run.paths.rehearsal, Rehearsal, what="rehearsal")


def rehearse(workshop: Workshop, base: BasePack, found: Findings, *, engine: EngineChoice) -> Rehearsal:
    """Let the base write ``settings.rehearse`` tasks, and answer those that are like none that were measured.

    An answer is kept when it runs, even to a value the task's own tests do not expect: they are as often wrong.

    Raises:
        UsageError: no anchor that may be trained on has MBPP's form, so there is nothing to show as an example.
        Fault: the engine failed. Finished batches stay recorded.
    """
    examples = [task for task, _ in found.replayable if _can_be_shown(task)]
    if not examples:
        wanted = " or ".join(kind.writing.wanted for kind in KINDS.values() if kind.writing is not None)
        raise UsageError(
            f"harvest.rehearse needs an anchor in split `repair` that can be shown as an example ({wanted})",
            mend="leave harvest.rehearse out, or add such tasks",
        )
    with LazyEngine(workshop, engine, base.file) as asker:
        written = _write(workshop, asker, examples, found.settings)
        usable = unlike(written, found.tasks, _names_of)
        workshop.progress.start("rehearse", len(usable))
        answered = list(ask_and_judge(workshop, asker, questions_of(usable, base.file.template, engine)))
        workshop.progress.finish()
    rows = tuple(
        anchor_row(task, attempt, base.file.template).model_copy(
            update={"kind": RowKind.REHEARSAL, "reason": verdict.reason}
        )
        for task, attempt, verdict in answered
        if _writing_of(task).is_usable(verdict)
    )
    return Rehearsal(
        scoreboard=found.scoreboard.digest,
        written=found.settings.rehearse,
        usable=len(usable),
        faults=sum(verdict.faulted for _, _, verdict in answered),
        rows=rows,
    )


def _writing_of(task: Task) -> TaskWriting:
    """Raises UsageError: a model cannot be made to write tasks of this kind."""
    writing = kind_of(task).writing
    if writing is None:
        raise UsageError(f"a model cannot be made to write tasks of kind {task.check.kind!r}")
    return writing


def _can_be_shown(task: Task) -> bool:
    writing = kind_of(task).writing
    return writing is not None and writing.is_example(task)


def _names_of(task: Task) -> tuple[str, ...]:
    writing = kind_of(task).writing
    return writing.names_of(task) if writing is not None else ()


def _write(workshop: Workshop, asker: LazyEngine, examples: Sequence[Task], settings: HarvestSettings) -> list[Task]:
    """What the base wrote that is a task. Each is written after other examples, all of one kind."""
    writing = _writing_of(examples[0])
    alike = [task for task in examples if task.check.kind == examples[0].check.kind]
    chooser = random.Random(settings.seed)  # noqa: S311 - not a secret
    shown = [chooser.sample(alike, min(EXAMPLES, len(alike))) for _ in range(settings.rehearse)]
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
        seed = settings.seed + number * asker.identity.batch
        how = Asking(sampled(0, temperature=settings.temperature, top_p=settings.top_p, seed=seed))
        for attempt in next(ask(workshop, asker, [batch], how)):
            task = writing.task_from(attempt.completion.text, number=len(written))
            if task is not None:
                written.append(task)
    workshop.progress.finish()
    return written
