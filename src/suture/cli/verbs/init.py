"""``suture init [DIRECTORY]``."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.open_store import open_judge
from suture.cli.options import Common, Judging
from suture.cli.output import emit, say
from suture.core.errors import ExitCode, UsageError
from suture.core.plan.ports import Judge, Progress
from suture.wiring.init_job import JOBS, USUAL_JOB, USUAL_MODEL, init_job, require_known_model


def init(
    directory: Annotated[Path, Parameter(help="Where the recipe goes; made if it is not there.")] = Path("my-job"),
    /,
    *,
    job: Annotated[str | None, Parameter(help=f"{', '.join(JOBS)}; default {USUAL_JOB}.")] = None,
    model: Annotated[str | None, Parameter(help=f"The model to repair; default {USUAL_MODEL}.")] = None,
    tasks: Annotated[Path | None, Parameter(help="Your own tasks, in place of the template's.")] = None,
    code: Annotated[str | None, Parameter(help="A package or directory: its doctests become the tasks.")] = None,
    yes: Annotated[bool, Parameter(negative="", help="Ask nothing: take what is not given as usual.")] = False,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Write a recipe and tasks that run as they are, to begin with.

    On a terminal it asks for the job and the model where they are not given; elsewhere it asks nothing.

    Exit code: 0 written, 2 a file is there already, the tasks cannot be read, or no model has that name.

    Example: suture init my-job --job json

    Example: suture init my-job --tasks my-tasks.jsonl --model Qwen/Qwen2.5-0.5B-Instruct

    Example: suture init my-job --job code --code src/mypackage
    """
    common = common or Common()
    asks = sys.stdin.isatty() and sys.stderr.isatty() and not (yes or common.json)
    _require_one_source(job, tasks, code)
    if job is None:
        job = "code" if code else _asked("job", USUAL_JOB, JOBS) if asks and tasks is None else USUAL_JOB
    if model is None:
        model = _asked("model", USUAL_MODEL, {}) if asks else USUAL_MODEL
    require_known_model(common.home, model)
    with ExitStack() as opened:

        def judge() -> tuple[Judge, Progress]:
            return opened.enter_context(open_judge(judging))

        written = init_job(directory, job=job, model=model, tasks=tasks, code=code, open_judge=judge)
    lines = [f"{path!s:<30} {written.tasks} tasks" if path.suffix == ".jsonl" else str(path) for path in written.files]
    lines += [
        "",
        f"what it needs and can prove:  suture check {written.recipe}",
        f"run it:                       suture heal {written.recipe}",
    ]
    emit({"recipe": str(written.recipe), "files": [str(path) for path in written.files], "tasks": written.tasks},
         "\n".join(lines), as_json=common.json)  # fmt: skip
    return int(ExitCode.DONE)


def _require_one_source(job: str | None, tasks: Path | None, code: str | None) -> None:
    """Raises UsageError: two of them say where the tasks come from."""
    if tasks is not None and code is not None:
        raise UsageError("--tasks and --code both say where the tasks come from", mend="leave one of them out")
    if tasks is not None and job is not None:
        raise UsageError(
            f"--job {job} names a template, and --tasks says that {tasks} has the tasks", mend="leave one of them out"
        )
    if code is not None and job not in (None, "code"):
        raise UsageError(f"--job {job} names a template, and --code makes tasks of {code}", mend="leave out --job")


def _asked(what: str, usual: str, known: dict[str, str]) -> str:
    for name, meaning in known.items():
        say(f"  {name:<10} {meaning}")
    sys.stderr.write(f"{what} [{usual}]: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() or usual
