"""Is the sandbox there, and can every task's check be passed by its reference?"""

from collections.abc import Callable, Sequence
from contextlib import closing

from suture.core.errors import SutureError
from suture.core.measure.task import Task
from suture.judge import open_judge
from suture.loop.measuring.soundness import BrokenTask, broken_tasks
from suture.suites.kinds import is_taught
from suture.wiring.check_findings import Finding


def look_at_references(
    tasks: tuple[Task, ...], add: Callable[[Finding], None], *, must_teach: bool, unsafe_local: bool
) -> None:
    """The sandbox, and whether every task's check can be passed by its reference.

    Args:
        tasks: those that are measured, and lessons.
        must_teach: these are all of the recipe's tasks, and failures are taught by their references alone.
    """
    try:
        judge = open_judge(unsafe_local=unsafe_local)
    except SutureError as error:
        add(Finding("sandbox", False, str(error), error.mend or ""))
        return
    with closing(judge):
        add(Finding("sandbox", True, f"isolation {judge.identity.level.value}"))
        if not tasks:
            return
        broken = broken_tasks(judge, tasks)
    add(_of_references(tasks, broken, must_teach=must_teach))


def _of_references(tasks: Sequence[Task], broken: Sequence[BrokenTask], *, must_teach: bool) -> Finding:
    without = sum(not is_taught(task) for task in tasks)
    said = f"{len(tasks) - len(broken)} of {len(tasks)} tasks are sound"
    if without and must_teach:
        said += f"; {without} have no reference, so their failures are not taught"
    if broken:
        mend = "correct those rows, or leave them out: suture suite check TASKS names them all"
        return Finding("references", False, f"{said}; {broken[0].task_id}: {broken[0].why}", mend)
    if without == len(tasks) and must_teach:
        return Finding("references", False, said, 'give the rows a right answer to teach, as "reference"')
    return Finding("references", True, said)
