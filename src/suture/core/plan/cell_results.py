"""What came of the runs of a grid: tasks gained and lost, by split, and which results no other run beats. Pure."""

from collections.abc import Callable, Iterable

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.gate.anchors import AnchorsKept, KeptCount
from suture.core.gate.statistics import mcnemar, net_loss_bound
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.splits import Split
from suture.core.measure.verdict import FORMAT_REASONS


class PassChange(Frozen):
    """Some tasks before and after. Tasks without a verdict on either side are not counted."""

    total: int
    before: int
    after: int
    gained: int
    lost: int

    @property
    def delta(self) -> int:
        return self.after - self.before

    @property
    def interval(self) -> tuple[float, float]:
        """95% bounds of the change of the pass rate, exact and conservative (two Clopper-Pearson bounds each)."""
        if not self.total:
            return -1.0, 1.0
        low = -net_loss_bound(self.lost, self.gained, self.total, 0.025)
        return low, net_loss_bound(self.gained, self.lost, self.total, 0.025)

    @property
    def p(self) -> float:
        """The probability of so many gains among the changed tasks, were gain and loss as likely (exact McNemar)."""
        return mcnemar(self.gained, self.lost)


class CellResult(Frozen):
    """What came of one run.

    Attributes:
        trained: the failures that were trained on: ``after`` of ``total`` were repaired.
        anchors: kept, by what training could do with them.
        lost, lost_format: protected tasks lost in all splits, and the part lost in form, not in skill.
        lucky: passes that were not protected, because a draw failed or they say nothing; None where there are none.
        repaired: failures repaired in all splits, trained on or not.
        splits: ``dev`` and ``holdout`` as wholes, and each suite of theirs as ``holdout humaneval``.
        kl: KL(base || model) on the prompts of failures, in nats a token; None where it was not measured.
        tokens, seconds: of training.
        targets: failure rows by where their target came from.
        engine: what measured it; None in results of before it was noted.
    """

    run: str
    protocol: str
    strategy: str
    seed: int
    size: float
    scale: str
    trained: PassChange
    anchors: AnchorsKept
    lost: int
    lost_format: int
    lucky: KeptCount | None = None
    repaired: int
    splits: dict[str, PassChange]
    kl: float | None
    tokens: int
    seconds: float
    targets: dict[str, int]
    engine: EngineIdentity | None = Field(default=None, exclude_if=lambda value: value is None)


def pass_change(before: Scoreboard, after: Scoreboard, chosen: Callable[[str], bool]) -> PassChange:
    """Over the tasks that ``chosen`` says yes to, by id."""
    pairs = [
        (result.verdict.passed, after.by_task[task_id].verdict.passed)
        for task_id, result in before.by_task.items()
        if chosen(task_id) and not result.verdict.faulted and not after.by_task[task_id].verdict.faulted
    ]
    return PassChange(
        total=len(pairs),
        before=sum(was for was, _ in pairs),
        after=sum(is_now for _, is_now in pairs),
        gained=sum(is_now and not was for was, is_now in pairs),
        lost=sum(was and not is_now for was, is_now in pairs),
    )


def changes_by_split(before: Scoreboard, after: Scoreboard) -> dict[str, PassChange]:
    """``dev`` and ``holdout``, each as a whole and by suite."""
    found: dict[str, PassChange] = {}
    for split in (Split.DEV, Split.HOLDOUT):
        here = {task_id: result.suite for task_id, result in before.by_task.items() if result.split is split}
        if here:
            found[split.value] = pass_change(before, after, lambda task_id, here=here: task_id in here)
        for suite in dict.fromkeys(here.values()):
            found[f"{split.value} {suite}"] = pass_change(
                before, after, lambda task_id, here=here, suite=suite: here.get(task_id) == suite
            )
    return found


def lost_tasks(before: Scoreboard, after: Scoreboard) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids that passed before and fail now, and the part of them that failed in form."""
    now = after.by_task
    lost = tuple(t for t in before.passed if not now[t].verdict.passed and not now[t].verdict.faulted)
    return lost, tuple(t for t in lost if now[t].verdict.reason in FORMAT_REASONS)


def pareto_front(points: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the ``(lost, repaired)`` that no other beats in one without being worse in the other, by lost."""
    front: list[tuple[int, int]] = []
    for lost, repaired in sorted(set(points), key=lambda point: (point[0], -point[1])):
        if not front or repaired > front[-1][1]:
            front.append((lost, repaired))
    return tuple(front)
