"""Stage ``check``: which tasks can be measured at all. Before anything is asked of a model."""

from suture.core.errors import UsageError
from suture.core.measure.splits import Split
from suture.core.plan.stages import CHECK, CheckDone
from suture.loop.measuring.soundness import sound
from suture.loop.run import Run
from suture.loop.runner import Stage


def check(run: Run) -> None:
    """Leave broken tasks out of everything that follows.

    Raises:
        UsageError: no sound task is left to train on.
    """

    def work() -> CheckDone:
        return CheckDone(broken=sound(run.workshop, run.resolved.tasks)[1])

    inputs = {"tasks": run.plan.suite_digest, "judge": run.plan.judge.digest}
    run.broken = run.stages.once(Stage(CHECK, inputs, work)).broken
    for task in run.broken:
        run.workshop.progress.note(task.says)
    if not any(run.resolved.splits[task.id] is Split.REPAIR for task in run.tasks):
        raise UsageError(
            f"every task of split 'repair' is broken, {run.broken[0].task_id} among them: {run.broken[0].why}",
            mend="suture suite check, and mend the tasks it names",
        )
