"""Which tasks may be trained on, chosen on, and neither."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from suture.core.digest import digest_of_text
from suture.core.errors import UsageError
from suture.core.measure.groups import connected_groups
from suture.core.measure.task import Task


class Split(StrEnum):
    REPAIR = "repair"
    """May be trained on."""
    DEV = "dev"
    """Choices are made on it; never trained on."""
    HOLDOUT = "holdout"
    """Never trained on, never chosen on: looked at once per candidate."""


def hash_position(task_id: str, *, seed: int) -> float:
    """Place a task in [0, 1). It depends on its id and the seed alone, so adding tasks moves no other."""
    return int(digest_of_text(f"{seed}:{task_id}")[:13], 16) / 16**13


def split_by_hash(
    tasks: Sequence[Task],
    shares: Mapping[Split, float],
    *,
    seed: int,
    held_out: Collection[str] = (),
    replayed: Collection[str] = (),
) -> dict[str, Split]:
    """Assign each connected group of tasks by the seeded hash of its smallest id, so that no group is parted.

    Shares are cut in the order repair, dev, holdout and must sum to 1.

    Args:
        held_out: ids that go to split holdout whatever their hash, with all that belongs together with them.
        replayed: the same for split repair.

    Raises:
        UsageError: two tasks share an id, the shares do not sum to 1, or a task to hold out and one to replay belong
            together.
    """
    refuse_repeated_ids(tasks)
    if abs(sum(shares.values()) - 1) > 1e-9:
        raise UsageError(
            f"split shares sum to {sum(shares.values()):g}, not 1", mend="write splits: {repair: 0.6, holdout: 0.4}"
        )
    assigned: dict[str, Split] = {}
    for group in connected_groups(tasks):
        position, edge = hash_position(min(task.id for task in group), seed=seed), 0.0
        chosen = [split for split in Split if shares.get(split)][-1]
        for split in Split:
            edge += shares.get(split, 0.0)
            if position < edge:
                chosen = split
                break
        held = next((task.id for task in group if task.id in held_out), None)
        kept = next((task.id for task in group if task.id in replayed), None)
        if held and kept:
            raise UsageError(
                f"{held} is to be held out and {kept} to be replayed, but they belong together (the same question, or "
                "what it asks for)",
                mend="leave one of their suites out",
            )
        chosen = Split.HOLDOUT if held else Split.REPAIR if kept else chosen
        assigned |= {task.id: chosen for task in group}
    return {task.id: assigned[task.id] for task in tasks}


def split_as_declared(tasks: Sequence[Task], declared: Mapping[Split, Iterable[str]]) -> dict[str, Split]:
    """Assign by explicit lists of ids.

    Raises:
        UsageError: an id stands in two splits, or in none, or what stands in two splits belongs together.
    """
    assigned: dict[str, Split] = {}
    for split, ids in declared.items():
        for task_id in ids:
            if assigned.setdefault(task_id, split) is not split:
                raise UsageError(f"task {task_id} is in split {assigned[task_id].value!r} and in {split.value!r}")
    if missing := [task.id for task in tasks if task.id not in assigned]:
        raise UsageError(f"task {missing[0]} ({len(missing)} in all) is in no split")
    _refuse_parted(tasks, assigned)
    return assigned


def _refuse_parted(tasks: Sequence[Task], assigned: Mapping[str, Split]) -> None:
    """What belongs together may not be trained on in one place and held out in another. Who declares splits has read
    what merely resembles."""
    for group in connected_groups(tasks, alike=False):
        other = next((task for task in group if assigned[task.id] is not assigned[group[0].id]), None)
        if other is not None:
            raise UsageError(
                f"{group[0].id} and {other.id} belong together (the same question, or what it asks for), but one is in "
                f"split {assigned[group[0].id].value!r} and the other in {assigned[other.id].value!r}",
                mend="leave one of them out, or let `suites` be split by hash, which keeps groups together",
            )


def refuse_repeated_ids(tasks: Sequence[Task]) -> None:
    """Raises UsageError when two tasks share an id."""
    repeated = [task_id for task_id, n in Counter(task.id for task in tasks).items() if n > 1]
    if repeated:
        raise UsageError(
            f"task id {repeated[0]} is used twice", mend="name each suite once, and give each row an id of its own"
        )
