"""Stage ``rehearse``: the base writes tasks like its anchors, and its answers to them are trained on beside those.

Replay holds the anchors it replays; what it does for those nobody measured grows with how many different ones there
are. A model can write more itself (pseudo-rehearsal, Robins, 1995; self-synthesized rehearsal, Huang et al., 2024,
arXiv 2403.01244).
"""

from suture.core.errors import UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.plan.stages import REHEARSE
from suture.core.teach.dataset import RowKind
from suture.core.teach.findings import Findings
from suture.core.teach.rehearsal import Rehearsal, RehearsalSummary
from suture.files.small_files import read_model, write_json
from suture.loop.base_pack import BasePack
from suture.loop.measuring.judging import ask_and_judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.questions import questions_of
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.task_writing import Drawing, can_be_shown, fresh_among, what_can_be_shown, write_tasks, writing_of
from suture.loop.training_rows import anchor_row
from suture.loop.workshop import Workshop


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
    examples = [task for task, _ in found.replayable if can_be_shown(task)]
    if not examples:
        raise UsageError(
            f"harvest.rehearse needs an anchor in split `repair` to show as an example ({what_can_be_shown()})",
            mend="leave harvest.rehearse out, or add such tasks",
        )
    with LazyEngine(workshop, engine, base.file) as asker:
        settings = found.settings
        how = Drawing(settings.seed, settings.temperature, settings.top_p)
        written = write_tasks(workshop, asker, examples, settings.rehearse, how)
        usable = fresh_among(written, found.tasks).tasks
        workshop.progress.start("rehearse", len(usable))
        answered = list(ask_and_judge(workshop, asker, questions_of(usable, base.file.template, engine)))
        workshop.progress.finish()
    rows = tuple(
        anchor_row(task, attempt, base.file.template).model_copy(
            update={"kind": RowKind.REHEARSAL, "reason": verdict.reason}
        )
        for task, attempt, verdict in answered
        if writing_of(task).is_usable(verdict)
    )
    return Rehearsal(
        scoreboard=found.scoreboard.digest,
        written=found.settings.rehearse,
        usable=len(usable),
        faults=sum(verdict.faulted for _, _, verdict in answered),
        rows=rows,
    )
