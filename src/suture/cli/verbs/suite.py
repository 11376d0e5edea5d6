"""``suture suite check SUITE``, and the other verbs of ``suture suite``."""

from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.open_store import open_judge
from suture.cli.options import SOURCE_HELP, SUITE_HELP, Common, Judging, parse_sources
from suture.cli.output import complain, emit, table
from suture.cli.verbs.suite_convert import convert
from suture.cli.verbs.suite_from_code import from_code
from suture.cli.verbs.suite_from_model import from_model
from suture.cli.verbs.suite_show import schema, show
from suture.cli.verbs.suite_warnings import lines_on_overlap, lines_on_weak
from suture.core.errors import ExitCode, UsageError
from suture.loop.measuring.soundness import broken_tasks
from suture.loop.measuring.weakness import weak_tasks
from suture.suites.catalog import load_suites
from suture.suites.kinds import is_taught
from suture.wiring.overlap import overlap

suite_app = App(name="suite", help="Check, show, convert and make tasks, before anything is asked of a model.")
suite_app.command(show)
suite_app.command(schema)
suite_app.command(from_code)
suite_app.command(from_model)
suite_app.command(convert)


@suite_app.command
def check(
    suite: Annotated[list[str], Parameter(help=SUITE_HELP)],
    /,
    *,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Try every task's check on the task's own reference, and name the tasks that say nothing about a model.

    A task is broken when its tests cannot be compiled, imported or run, when its reference does not pass them, or when
    its schema can never be met. Broken tasks are left out of every measurement and never trained on.

    Two things are warned of: a check that wrong answers pass easily (such as `contains` alone, or a schema that `{}`
    meets), and tasks that resemble tasks of the suites on this machine, by question, wanted function or runs of words.

    Exit code: 0 every task is sound, 2 some are broken, or the file cannot be read.

    Example: suture suite check my-tasks.jsonl
    """
    common = common or Common()
    sources = parse_sources(source)
    tasks = load_suites(suite, sources=sources)
    with open_judge(judging) as (judge, progress):
        progress.start("check", len(tasks))
        broken = broken_tasks(judge, tasks, progress)
        left_out = {task.task_id for task in broken}
        weak = weak_tasks(judge, [task for task in tasks if task.id not in left_out])
        alike = overlap(tasks, sources=sources, progress=progress)
    without = [task.id for task in tasks if not is_taught(task)]
    result = {
        "tasks": len(tasks),
        "broken": [task.to_json() for task in broken],
        "without_reference": without,
        "weak": [task._asdict() for task in weak],
        "overlap": [twin._asdict() for twin in alike.twins],
        "compared": alike.compared,
        "not_compared": alike.missing,
    }
    rows = [[task.task_id, task.why] for task in broken]
    lines = [table(["task", "why it is broken"], rows, words=True)] if broken else []
    lines.append(f"{len(tasks) - len(broken)} of {len(tasks)} tasks are sound")
    if without:
        said = "whether their checks can be passed was not tried, and their failures are not taught"
        lines.append(f"{len(without)} have no reference: {said}")
    lines += [*lines_on_weak(weak, len(tasks)), *lines_on_overlap(alike, len(tasks))]
    emit(result, "\n".join(lines), as_json=common.json)
    if not broken:
        return int(ExitCode.DONE)
    first = f"{broken[0].task_id}: {broken[0].why}"
    said = UsageError(
        f"{', '.join(suite)}: {len(broken)} of {len(tasks)} tasks are broken; {first}",
        mend="correct their rows, or leave them out; until then every measurement leaves them out",
    )
    complain(said)
    return int(said.exit_code)
