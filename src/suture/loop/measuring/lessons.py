"""Lessons are taught by their references: what a reference does not pass itself is not taught."""

from collections.abc import Sequence

from suture.core.errors import UsageError
from suture.core.measure.task import Task
from suture.loop.measuring.soundness import sound
from suture.loop.workshop import Workshop


def sound_lessons(workshop: Workshop, lessons: Sequence[Task]) -> tuple[Task, ...]:
    """Those whose references pass their own tests; how many do not is said.

    Raises:
        UsageError: no reference passes.
    """
    kept, broken = sound(workshop, lessons)
    if lessons and not kept:
        raise UsageError(
            f"harvest.lessons: none of {len(lessons)} can be taught; {broken[0].task_id}: {broken[0].why}",
            mend="suture suite check, with the name of the suite, tells of each",
        )
    if broken:
        workshop.progress.note(
            f"{len(broken)} of {len(lessons)} lessons are left out; {broken[0].task_id}: {broken[0].why}"
        )
    return kept
