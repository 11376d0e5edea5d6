"""Rehearsal: the base writes tasks like its anchors, and its answers to them are trained on beside the anchors.

Replay holds the anchors it replays; what it does for those nobody measured grows with how many different ones there
are. A model can write more itself (pseudo-rehearsal, Robins, 1995; self-synthesized rehearsal, Huang et al., 2024,
arXiv 2403.01244).
"""

import random
from collections.abc import Sequence

from suture.core.errors import UsageError
from suture.core.measure.attempt import Sampling
from suture.core.measure.task import Task
from suture.core.measure.verdict import Reason
from suture.core.plan.recipe import EngineChoice
from suture.core.teach.dataset import RowKind
from suture.core.teach.findings import Findings
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.rehearsal import Rehearsal, unlike
from suture.loop.asking import LazyEngine, Question, ask, ask_and_judge, batches_of, questions_of
from suture.loop.harvest import anchor_row
from suture.loop.measure import drawn, sampling_of
from suture.loop.packing import BasePack
from suture.loop.workshop import Workshop
from suture.suites.exercises import BETWEEN, MOST_TOKENS, exercise_from, is_exercise, opening_of

EXAMPLES = 4


def rehearse(workshop: Workshop, base: BasePack, found: Findings, *, engine: EngineChoice) -> Rehearsal:
    """Let the base write ``settings.rehearse`` tasks, and answer those that are like none that were measured.

    An answer is kept when it runs, even to a value the task's own tests do not expect: they are as often wrong.

    Raises:
        UsageError: no anchor that may be trained on has MBPP's form, so there is nothing to show as an example.
        Fault: the engine failed. Finished batches stay recorded.
    """
    examples = [task for task, _ in found.replayable if is_exercise(task)]
    if not examples:
        raise UsageError(
            "harvest.rehearse needs anchors in MBPP's form in split `repair`, and there are none",
            mend="leave harvest.rehearse out, or add such tasks",
        )
    greedy = sampling_of(engine, found.tasks)
    with LazyEngine(workshop, engine, base.file) as asker:
        written = _write(workshop, asker, examples, greedy, found.settings)
        usable = unlike(written, found.tasks)
        workshop.progress.start("rehearse", len(usable))
        answered = list(ask_and_judge(workshop, asker, questions_of(usable, base.file.template), greedy))
        workshop.progress.finish()
    rows = tuple(
        anchor_row(task, attempt, base.file.template).model_copy(
            update={"kind": RowKind.REHEARSAL, "reason": verdict.reason}
        )
        for task, attempt, verdict in answered
        if verdict.passed or verdict.reason is Reason.WRONG
    )
    return Rehearsal(
        scoreboard=found.scoreboard.digest,
        written=found.settings.rehearse,
        usable=len(usable),
        faults=sum(verdict.faulted for _, _, verdict in answered),
        rows=rows,
    )


def _write(
    workshop: Workshop,
    asker: LazyEngine,
    examples: Sequence[Task],
    greedy: Sampling,
    settings: HarvestSettings,
) -> list[Task]:
    """What the base wrote that is a task. Each is written after other examples."""
    chooser = random.Random(settings.seed)  # noqa: S311 - not a secret
    shown = [chooser.sample(examples, min(EXAMPLES, len(examples))) for _ in range(settings.rehearse)]
    openings = [Question(chosen[0], opening_of(chosen)) for chosen in shown]
    written: list[Task] = []
    workshop.progress.start("write tasks", len(openings))
    short = greedy.model_copy(update={"max_tokens": MOST_TOKENS, "stop": (BETWEEN,)})
    for number, batch in enumerate(batches_of(openings, asker.identity.batch)):
        seed = settings.seed + number * asker.identity.batch
        sampling = drawn(short, 0, temperature=settings.temperature, top_p=settings.top_p, seed=seed)
        for attempt in ask(workshop, asker, batch, sampling):
            task = exercise_from(attempt.completion.text, number=len(written))
            if task is not None:
                written.append(task)
    workshop.progress.finish()
    return written
