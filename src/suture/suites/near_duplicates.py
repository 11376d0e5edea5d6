"""Names what rows of one's own resemble each other, so that no split parts them: runs of eight words in common."""

from collections import Counter
from collections.abc import Sequence

from suture.core.measure.groups import LIKE
from suture.core.measure.task import Task
from suture.suites.resemblance import MOST_PROSE_RUNS, MOST_SHARED, MOST_SHARING, is_wording, prose_runs

MOST_ROWS, MOST_RUNS = 5_000, 500_000
"""Of larger files nothing is compared but whole questions: reading them would take seconds longer, each time."""


def with_near_duplicates(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The tasks, those that resemble another with a group of their own.

    Two do where they share half of the runs of the shorter question, and three at least. Runs that many rows have, or
    most of them, are how the file asks, and do not count; nor do numbers.
    """
    letters = sum(len(message.content) for task in tasks for message in task.messages)
    if len(tasks) > MOST_ROWS or letters > MOST_RUNS * 6:  # a word has some six letters
        return tuple(tasks)
    runs = [set(map(hash, prose_runs(task))) for task in tasks]
    holders: dict[int, list[int]] = {}
    for at, found in enumerate(runs):
        for run in found:
            holders.setdefault(run, []).append(at)
    telling = {
        run: having
        for run, having in holders.items()
        if len(having) <= MOST_SHARING and not is_wording(len(having), len(tasks))
    }
    shared = Counter(
        (one, other) for having in telling.values() for i, one in enumerate(having) for other in having[i + 1 :]
    )
    sizes = [len(found & telling.keys()) for found in runs]
    groups: dict[int, list[str]] = {}
    for (one, other), count in shared.items():
        if count >= max(MOST_PROSE_RUNS, MOST_SHARED * min(sizes[one], sizes[other])):
            for at in (one, other):
                groups.setdefault(at, []).append(f"{LIKE}{tasks[one].id}")
    return tuple(
        task.model_copy(update={"groups": (*task.groups, *dict.fromkeys(groups[at]))}) if at in groups else task
        for at, task in enumerate(tasks)
    )
