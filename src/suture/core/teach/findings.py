"""What a measured base gives a repair: failures to teach, passes to replay, passes to keep out of training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.seeded import seeded_order, seeded_share


@dataclass(frozen=True)
class Findings:
    """A scoreboard seen through a recipe's splits and harvest settings.

    Attributes:
        tasks: at least those of the scoreboard.
        lucky: ids of passes that are not protected. None is gate-only; those that say something may be replayed.
        replayed: suites whose protected passes are all replayed.
    """

    scoreboard: Scoreboard
    tasks: Sequence[Task]
    splits: Mapping[str, Split]
    settings: HarvestSettings
    lucky: frozenset[str] = frozenset()
    replayed: frozenset[str] = frozenset()

    @cached_property
    def failures(self) -> tuple[tuple[Task, Result], ...]:
        """Those of the repair split that are taken, in the scoreboard's order, and passes that say nothing: there is
        something to teach. A task without verdict is none."""
        settings = self.settings
        failed = [
            (task, result)
            for task, result in self._of_repair
            if not result.verdict.faulted and not result.verdict.shows_skill
            if not settings.suites or task.suite in settings.suites
        ]
        return seeded_share(failed, settings.share, lambda pair: pair[0].content_digest, seed=settings.seed)

    @cached_property
    def replayable(self) -> tuple[tuple[Task, Result], ...]:
        """The passes of the repair split that may be trained on, in the scoreboard's order."""
        return tuple(pair for pair in self._passed if pair[0].id not in self.gate_only)

    @cached_property
    def gate_only(self) -> tuple[str, ...]:
        """Ids of the anchors that nothing trains on. At least one is left to replay; a task under two ids is one."""
        anchors = [task for task, _ in self._passed if task.id not in self.lucky]
        trained_on = {task.content_digest for task, _ in self.failures}
        digests = sorted({task.content_digest for task in anchors} - trained_on)
        wanted = min(round(self.settings.gate_only * len(digests)), len(digests) - 1)
        chosen = {digests[i] for i in seeded_order(digests, seed=self.settings.seed)[: max(0, wanted)]}
        return tuple(task.id for task in anchors if task.content_digest in chosen)

    @property
    def untouchable(self) -> tuple[str, ...]:
        """Content digests of the tasks that no row may be about. What was left out, because it is broken or too long,
        has a split and is not among ``tasks``."""
        elsewhere = {task_id for task_id, split in self.splits.items() if split is not Split.REPAIR}
        kept_out = elsewhere.union(self.gate_only)
        return tuple(task.content_digest for task in self.tasks if task.id in kept_out)

    @cached_property
    def _by_id(self) -> dict[str, Task]:
        return {task.id: task for task in self.tasks}

    @cached_property
    def _of_repair(self) -> tuple[tuple[Task, Result], ...]:
        found = (result for result in self.scoreboard.results if self.splits[result.task_id] is Split.REPAIR)
        return tuple((self._by_id[result.task_id], result) for result in found)

    @cached_property
    def _passed(self) -> tuple[tuple[Task, Result], ...]:
        return tuple((task, result) for task, result in self._of_repair if result.verdict.shows_skill)
