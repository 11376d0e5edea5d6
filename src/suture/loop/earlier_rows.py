"""Finds the rows of all repairs that led to a pack: none of their tasks may be held out afterwards."""

from collections.abc import Mapping, Sequence
from itertools import chain

from suture.core.digest import digest_of_text
from suture.core.errors import UsageError
from suture.core.measure.groups import bound_groups, question_key
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.teach.dataset import TrainingRow
from suture.loop.workshop import Workshop
from suture.store.datasets import read_dataset
from suture.store.kept_policies import parts_of
from suture.store.past_repairs import repairs_behind
from suture.store.run_paths import RunPaths
from suture.suites.unlike import Measured

KEPT_ONCE = "put it back from a copy: it says what the base was trained on, and is not made twice"


def rows_behind(workshop: Workshop, pack: str) -> dict[str, tuple[TrainingRow, ...]]:
    """The dataset of every run on the way to ``pack`` (SHA-256 of a pack or a policy), by run id, nearest first.

    Raises:
        BadFile: one of those datasets is missing or was changed, so its tasks are unknown.
    """
    ledger, home = workshop.store.ledger, workshop.store.home
    return {
        repair.run: read_dataset(RunPaths(home.absolute(repair.directory)).dataset, mend=KEPT_ONCE).rows
        for part in parts_of(workshop.store, pack)
        for repair in repairs_behind(ledger, part)
    }


def refuse_held_out(
    tasks: Sequence[Task], splits: Mapping[str, Split], trained_on: Mapping[str, Sequence[TrainingRow]]
) -> None:
    """Raises UsageError naming a task of ``dev`` or ``holdout`` that one of these datasets trained on."""
    held_out = [task for task in tasks if splits[task.id] is not Split.REPAIR]
    measured = Measured(held_out) if any(row.question for rows in trained_on.values() for row in rows) else None
    for origin, rows in trained_on.items():
        taught = [row for row in rows if row.trainable]
        contents, questions = ({row.task_digest for row in taught}, {row.question for row in taught if row.question})
        groups = {group for row in taught for group in row.groups}
        known = (
            task.id
            for task in held_out
            if task.content_digest in contents
            or groups.intersection(bound_groups(task))
            or (questions and digest_of_text(question_key(task)) in questions)
        )
        alike = (measured.twin_of_text(row.prompt) for row in taught if row.question and measured)
        found = next((task for task in chain(known, alike) if task is not None), None)
        if found is not None:
            raise UsageError(
                f"{found} is in split {splits[found].value!r}, but {origin} trained on it",
                mend="keep the splits of the earlier repair: the same lists, or the same seed and shares",
            )
