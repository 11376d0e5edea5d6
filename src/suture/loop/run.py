"""One run: its inputs, where its files lie, and its stages, each of which is done once."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cached_property

from suture.core.errors import UsageError
from suture.core.measure.scoreboard import BrokenTask
from suture.core.measure.task import Task
from suture.core.plan.ports import Foundry
from suture.loop.plan import Resolved
from suture.loop.runner import StageRunner
from suture.loop.workshop import Workshop
from suture.store.clock import now
from suture.store.registry import Registry
from suture.store.run_paths import RunPaths
from suture.store.store import lock_of_run


class Run:
    """What every stage of a run works with. A run that was stopped, by whatever, goes on after its last finished
    stage, and inside a bench after its last finished batch.

    Args:
        shares_training: take an adapter that another run trained from the same rows with the same settings.

    Attributes:
        broken: tasks whose own tests cannot run, once that was found; no later stage measures them.
    """

    def __init__(
        self,
        workshop: Workshop,
        foundry: Foundry,
        resolved: Resolved,
        *,
        on_stage: Callable[[str, bool], None] | None = None,
        shares_training: bool = False,
    ) -> None:
        self.workshop, self.foundry, self.resolved = workshop, foundry, resolved
        self.shares_training = shares_training
        self.plan = resolved.plan
        self.recipe = resolved.plan.recipe
        self.paths = RunPaths(workshop.store.home.run(self.recipe.name, self.plan.run_id))
        self.stages = StageRunner(workshop, self.plan.run_id, on_stage)
        self.registry = Registry(workshop.store)
        self.broken: tuple[BrokenTask, ...] = ()

    @cached_property
    def tasks(self) -> Sequence[Task]:
        """The tasks that can be measured. Asked for after stage ``check``."""
        broken = {task.task_id for task in self.broken}
        return tuple(task for task in self.resolved.tasks if task.id not in broken)

    @contextmanager
    def alone(self) -> Generator[None]:
        """Raises UsageError when another process is at this run, and Fault where the store cannot be written to."""
        store = self.workshop.store
        store.ledger.require_writable()
        self.paths.root.mkdir(parents=True, exist_ok=True)
        store.ledger.add_run(self.plan, store.home.relative(self.paths.root), now())
        with store.locks.hold(lock_of_run(self.plan.run_id), wait=False) as held:
            if not held:
                raise UsageError(f"another process is at this run ({self.paths.root})")
            yield
