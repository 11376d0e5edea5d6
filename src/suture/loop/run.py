"""One run: its inputs, where its files lie, and its stages, each of which is done once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from suture.core.errors import UsageError
from suture.core.measure.attempt import Sampling
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.task import Task
from suture.core.plan.ports import Foundry
from suture.files.read_write import read_model, write_json
from suture.loop.measuring.bench import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import GREEDY
from suture.loop.plan import Resolved
from suture.loop.stages import Output, StageRunner
from suture.loop.workshop import Workshop
from suture.store.clock import now
from suture.store.registry import Registry
from suture.store.run_paths import RunPaths


class Run:
    """What every stage of a run works with. A run that was stopped, by whatever, goes on after its last finished
    stage, and inside a bench after its last finished batch.

    Args:
        shares_training: take an adapter that another run trained from the same rows with the same settings.
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

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Raises UsageError when another process is at this run, and Fault where the store cannot be written to."""
        self.workshop.store.ledger.require_writable()
        self.paths.root.mkdir(parents=True, exist_ok=True)
        self.workshop.store.ledger.add_run(self.plan, self.workshop.store.home.relative(self.paths.root), now())
        lock = FileLock(self.paths.root / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(f"another process is at this run ({self.paths.root})") from None
        try:
            yield
        finally:
            lock.release()

    def bench(
        self,
        stage: str,
        pack: PackFile,
        out: Path,
        *,
        afresh: frozenset[str] | None = None,
        repeat: tuple[str, int] | None = None,
        only: Sequence[Task] | None = None,
        sampling: Sampling = GREEDY,
    ) -> Scoreboard:
        """Measure a pack on the run's tasks, or on ``only`` some, as the stage of that name.

        Args:
            afresh, repeat, sampling: as in ``measure``.
        """
        tasks = self.resolved.tasks if only is None else only
        asked = sorted(afresh or (task.id for task in only or ()))

        def work() -> Output:
            scoreboard = measure(
                self.workshop,
                pack,
                tasks,
                engine=self.recipe.engine,
                selectors=self.resolved.selectors,
                splits=self.resolved.splits,
                sampling=sampling,
                title=stage,
                afresh=afresh,
                repeat=repeat,
            )
            write_json(out, scoreboard.to_json())
            return {"pack": pack.sha256, "faults": scoreboard.tally().faulted, "afresh": asked}

        def is_final(output: Output) -> bool:
            return output["pack"] == pack.sha256 and not output["faults"] and output.get("afresh", []) == asked

        self.stages.once(stage, work, lambda _: {"scoreboard": out}, is_final=is_final)
        return read_model(out, Scoreboard, what="scoreboard")
