"""From a recipe to a candidate: base, bench, harvest, train, merge, pack."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from suture.core.dataset import DatasetManifest, Row
from suture.core.errors import UsageError
from suture.core.own_answers import OwnAnswers
from suture.core.pack import MERGE_RECORD, AdapterRecord, BaseRecord
from suture.core.ports import Foundry
from suture.core.scaling import Trial
from suture.core.scoreboard import Scoreboard
from suture.files.read_write import read_model, write_json
from suture.loop.asking import PackFile
from suture.loop.bases import CHAMPION_BASE
from suture.loop.choosing import Chosen, choose_adapter, grounds_of
from suture.loop.harvest import MANIFEST_FILE, failures_of, harvest, read_dataset, write_dataset
from suture.loop.keeping import discard, require_intact
from suture.loop.lineage import refuse_held_out, rows_behind
from suture.loop.measure import measure
from suture.loop.own_answers import draw_own_answers
from suture.loop.packing import (
    BasePack,
    base_pack_path,
    finished_adapter,
    make_pack,
    manifest_path,
    merge_adapter,
    prepare_base,
)
from suture.loop.plan import Resolved
from suture.loop.registry import Registry
from suture.loop.stages import Output, StageRunner
from suture.loop.trained import trained_elsewhere
from suture.loop.workshop import Workshop, now
from suture.store.run_paths import RunPaths


@dataclass(frozen=True)
class Made:
    """A candidate, and what it is compared with."""

    base: BasePack
    baseline: Scoreboard
    dataset: DatasetManifest
    adapter: AdapterRecord
    chosen: Chosen
    pack: PackFile


@dataclass(frozen=True)
class Measured:
    """A candidate measured beside its base, and not yet gated."""

    run: str
    paths: RunPaths
    baseline: Scoreboard
    candidate: Scoreboard
    adapter: AdapterRecord
    scale: str


class Making:
    """One run's stages up to its pack. Each runs once: a run that was stopped, by whatever, goes on after its last
    finished stage, and inside a bench after its last finished batch.

    ``shares_training``: take an adapter that another run trained from the same rows with the same settings.
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
        self.paths = RunPaths(workshop.home.run(self.recipe.name, self.plan.run_id))
        self.stages = StageRunner(workshop, self.plan.run_id, on_stage)
        self.registry = Registry(workshop.home, workshop.ledger)

    def measured(self) -> Measured:
        """The candidate measured, without asking the gate: nothing is promoted.

        Raises:
            UsageError: another process is at this run, or its inputs cannot be used.
            Fault: the engine or the machine failed; finished work stays.
        """
        with self._alone():
            made = self._make()
            candidate = self._measure_candidate(made.pack)
            return Measured(
                run=self.plan.run_id,
                paths=self.paths,
                baseline=made.baseline,
                candidate=candidate,
                adapter=made.adapter,
                scale=str(made.chosen),
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Raises UsageError when another process is at this run."""
        self.paths.root.mkdir(parents=True, exist_ok=True)
        self.workshop.ledger.add_run(self.plan, self.workshop.home.relative(self.paths.root), now())
        lock = FileLock(self.paths.root / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(f"another process is at this run ({self.paths.root})") from None
        try:
            yield
        finally:
            lock.release()

    def _make(self) -> Made:
        earlier = self._earlier()
        self._check(earlier)
        base = self._base()
        baseline = self._bench("bench", base.file, self.paths.baseline)
        own = self._own_answers(base, baseline)
        dataset = self._harvest(baseline, own, earlier)
        adapter = self._train(base, dataset)
        chosen = self._choose(base, baseline, adapter)
        return Made(base, baseline, dataset, adapter, chosen, self._pack(base, chosen))

    def _check(self, earlier: dict[str, tuple[Row, ...]]) -> None:
        """Raises UsageError before any work that would be for nothing."""
        trained_on = {**earlier, **rows_behind(self.workshop, self.plan.base_sha256)}
        refuse_held_out(self.resolved.tasks, self.resolved.splits, trained_on)

    def _measure_candidate(self, pack: PackFile) -> Scoreboard:
        return self._bench("gate-bench", pack, self.paths.candidate)

    def _base(self) -> BasePack:
        home, recipe = self.workshop.home, self.recipe
        directory = home.base(self.plan.base_sha256)
        in_service = recipe.base == CHAMPION_BASE

        def work() -> Output:
            require_intact(home, self.workshop.ledger, directory, base_pack_path(directory, recipe.quantisation))
            base = prepare_base(self.foundry, self.resolved.base, directory, recipe.quantisation, in_service=in_service)
            self.registry.register(recipe.model, base.file.path, base.file.sha256, why=f"base of recipe {recipe.name}")
            path = self.workshop.home.relative(base.file.path)
            return {"pack": base.file.sha256, "path": path, "record": base.record.to_json()}

        output = self.stages.once(
            "base",
            work,
            lambda output: {"pack": home.absolute(output["path"])},
            also=lambda output: [directory],
        )
        pack = home.absolute(output["path"])
        return BasePack(
            directory=directory,
            record=BaseRecord.model_validate(output["record"]),
            file=PackFile(pack, output["pack"], self.foundry.template(pack)),
        )

    def _bench(
        self,
        stage: str,
        pack: PackFile,
        out: Path,
        *,
        afresh: frozenset[str] | None = None,
        repeat: tuple[str, int] | None = None,
    ) -> Scoreboard:
        asked = sorted(afresh or ())

        def work() -> Output:
            scoreboard = measure(
                self.workshop,
                pack,
                self.resolved.tasks,
                engine=self.recipe.engine,
                selectors=self.resolved.selectors,
                splits=self.resolved.splits,
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

    def _own_answers(self, base: BasePack, baseline: Scoreboard) -> OwnAnswers | None:
        """None for a recipe that teaches references alone."""
        settings, splits = self.recipe.harvest, self.resolved.splits
        if not settings.asks_the_model:
            return None
        out = self.paths.own_answers

        def work() -> Output:
            failures = failures_of(baseline, self.resolved.tasks, settings, splits=splits)
            own = draw_own_answers(
                self.workshop,
                self.foundry,
                base,
                [task for task, _ in failures],
                settings,
                engine=self.recipe.engine,
                scoreboard=baseline.digest,
            )
            write_json(out, own.to_json())
            return own.model_dump(mode="json", exclude={"answers"})

        def is_final(output: Output) -> bool:
            return output["scoreboard"] == baseline.digest and not output["faults"]

        self.stages.once("sample", work, lambda _: {"own": out}, is_final=is_final)
        return read_model(out, OwnAnswers, what="own answers")

    def _harvest(
        self, baseline: Scoreboard, own: OwnAnswers | None, earlier: dict[str, tuple[Row, ...]]
    ) -> DatasetManifest:
        origin = (baseline.digest, own.digest if own else None)

        def work() -> Output:
            rows, manifest = harvest(
                baseline,
                self.resolved.tasks,
                self.recipe.harvest,
                splits=self.resolved.splits,
                own=own.answers if own else (),
                earlier=earlier,
            )
            manifest = manifest.model_copy(update={"own_answers": origin[1]})
            return write_dataset(self.paths.dataset, rows, manifest).to_json()

        files = {"rows": self.paths.rows, "manifest": self.paths.dataset / MANIFEST_FILE}
        output = self.stages.once(
            "harvest",
            work,
            lambda _: files,
            is_final=lambda output: (output["scoreboard"], output.get("own_answers")) == origin,
        )
        return DatasetManifest.model_validate(output)

    def _earlier(self) -> dict[str, tuple[Row, ...]]:
        return {name: read_dataset(Path(name)).rows for name in self.recipe.earlier}

    def _train(self, base: BasePack, manifest: DatasetManifest) -> AdapterRecord:
        def work() -> Output:
            dataset = read_dataset(self.paths.dataset)
            finished = finished_adapter(self.paths.adapter, base, dataset, self.recipe.train)
            if finished is not None:
                return finished.to_json()
            if self.shares_training:
                shared = trained_elsewhere(self.workshop, self.plan, base, dataset, self.paths.adapter)
                if shared is not None:
                    return shared.to_json()
            with self.workshop.stopwatch.timed("train"):
                record = self.foundry.train(
                    base.directory, dataset, self.recipe.train, self.paths.adapter, self.paths.checkpoints
                )
            return record.to_json()

        files = {"adapter": self.paths.adapter_weights}
        output = self.stages.once(
            "train",
            work,
            lambda _: files,
            also=lambda _: [self.paths.adapter],
            is_final=lambda output: output["dataset"] == manifest.rows_sha256,
        )
        shutil.rmtree(self.paths.checkpoints, ignore_errors=True)
        return AdapterRecord.model_validate(output)

    def _choose(self, base: BasePack, baseline: Scoreboard, adapter: AdapterRecord) -> Chosen:
        """The adapter as it was trained, at the recipe's scale, unless the recipe wants these searched."""
        search, paths = self.recipe.scale_search, self.paths
        if search is None:
            return Chosen(adapter, paths.adapter, Trial.untried(self.recipe.scale))

        def work() -> Output:
            discard(self.workshop.home, self.workshop.ledger, paths.chosen)
            choice, record = choose_adapter(
                self.workshop,
                self.foundry,
                base,
                adapter,
                paths,
                recipe=self.recipe,
                tasks=self.resolved.tasks,
                grounds=grounds_of(baseline, read_dataset(paths.dataset), self.resolved.splits, search),
            )
            return {**choice.to_json(), "of": adapter.sha256, "on": baseline.digest, "adapter": record.to_json()}

        output = self.stages.once(
            "scale",
            work,
            lambda output: {} if output["adapter"]["sha256"] == output["of"] else {"adapter": paths.chosen_weights},
            also=lambda output: [] if output["adapter"]["sha256"] == output["of"] else [paths.chosen],
            is_final=lambda output: (output["of"], output["on"]) == (adapter.sha256, baseline.digest),
        )
        record = AdapterRecord.model_validate(output["adapter"])
        directory = paths.adapter if record.sha256 == adapter.sha256 else paths.chosen
        return Chosen(record, directory, Trial.model_validate(output["best"]))

    def _merge(self, base: BasePack, chosen: Chosen) -> None:
        def work() -> Output:
            self._discard_merged()  # of a merge that was stopped
            merged = merge_adapter(self.foundry, base, chosen.directory, chosen.trial.scale, self.paths.merged)
            return merged.to_json()

        files = {"merged": self.paths.merged / MERGE_RECORD}
        self.stages.once("merge", work, lambda _: files, is_final=lambda output: _made_from(chosen, output))

    def _discard_merged(self) -> None:
        discard(self.workshop.home, self.workshop.ledger, self.paths.merged)

    def _pack(self, base: BasePack, chosen: Chosen) -> PackFile:
        """Merged weights are made only for this, and removed when the pack is proved."""

        def files(_: Output) -> dict[str, Path]:
            return {"pack": self.paths.pack}

        def is_final(output: Output) -> bool:
            return _made_from(chosen, output)

        def work() -> Output:
            prompts = [row.prompt for row in read_dataset(self.paths.dataset).rows[:4]]
            manifest = make_pack(
                self.foundry,
                self.paths.merged,
                base,
                self.recipe.quantisation,
                self.paths.pack,
                prompts=prompts,
                plan=self.plan.digest,
            )
            return manifest.to_json()

        if not self.stages.is_done("pack", files, is_final):
            self._merge(base, chosen)
        manifest = manifest_path(self.paths.pack)
        output = self.stages.once("pack", work, files, also=lambda _: [manifest], is_final=is_final)
        self._discard_merged()  # large, and `suture merge` makes it again
        return PackFile(self.paths.pack, output["sha256"], self.foundry.template(self.paths.pack))


def _made_from(chosen: Chosen, output: Output) -> bool:
    wanted = (chosen.adapter.sha256, chosen.adapter.dataset, chosen.trial.scale)
    return (output["adapter"], output["dataset"], output["scale"]) == wanted
