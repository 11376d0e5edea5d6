"""Makes a suite of what a model wrote; see ``suture.loop.teacher``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from suture.core.measure.task import Task
from suture.core.plan.ports import Progress
from suture.loop.teacher import Lecture, Lesson, taught_by
from suture.loop.workshop import Silent
from suture.suites.catalog import load_suites
from suture.suites.counted import counted
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import pack_file
from suture.wiring.open_workshop import open_workshop
from suture.wiring.suites_at_hand import suites_at_hand


class FromModel(NamedTuple):
    """Attributes:
    kept: rows in Suture's own form.
    reasons: why the rest fell, the commonest first.
    teacher: SHA-256 of the pack that wrote them.
    """

    kept: list[dict[str, Any]]
    reasons: list[tuple[str, int]]
    compared: list[str]
    not_compared: list[str]
    teacher: str


def suite_from_model(
    model: str,
    like: Sequence[str],
    how: Lecture,
    *,
    name: str,
    unlike: Sequence[str] = (),
    sources: Mapping[str, Path] | None = None,
    home: Path | None = None,
    unsafe_local: bool = False,
    progress: Progress | None = None,
) -> FromModel:
    """Let a model write tasks like some of yours, and keep those on which its tests and answers agree.

    Args:
        like: suites whose tasks are shown as examples; nothing of them that is held out may be among them.
        name: of the suite that is made, for the tasks' ids.
        unlike: suites, besides those at hand and ``like``, that no task may resemble.

    Raises:
        UsageError and its children: no such model or suite, or none that can be shown as an example.
        Fault: the engine or the judge failed; what was asked stays recorded.
    """
    examples = load_suites(tuple(like), sources=sources)
    others = suites_at_hand(unlike, sources)
    with open_workshop(home, unsafe_local=unsafe_local, progress=progress) as workshop:
        teacher = pack_file(workshop.store, TorchFoundry(progress or Silent()), workshop.packs, model)
        taught = taught_by(workshop, teacher, examples, (*examples, *others.tasks), how)
    origin = f"written by {Path(model).name}, SHA-256 {teacher.sha256[:12]}"
    rows = [_row(lesson, f"{name}/{number}", origin) for number, lesson in enumerate(taught.lessons, start=1)]
    return FromModel(rows, counted(taught.fell), others.compared, others.missing, teacher.sha256)


def _row(lesson: Lesson, task_id: str, origin: str) -> dict[str, Any]:
    task: Task = lesson.task
    return {
        "id": task_id,
        "kind": task.check.kind,
        "prompt": task.messages[-1].content,
        "form": task.form.model_dump(mode="json", exclude_defaults=True),
        "check": task.check.model_dump(mode="json", exclude={"kind"}),
        "reference": task.reference,
        "origin": origin,
        "tags": [f"agreed {lesson.agreed}"],
    }
