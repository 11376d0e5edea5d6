"""Stage ``policy``: what is gated and served after the repair, where the recipe asks for more than one pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from suture.core.measure.attempt import AdapterUse
from suture.core.measure.policy import Policy
from suture.core.plan.policy_settings import RepairedAs, alone, policy_of
from suture.core.plan.stages import POLICY, PolicyDone
from suture.files.small_files import write_text
from suture.loop.base_pack import BasePack
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.policy_files import Measured, PolicyFiles, files_of
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.scale_choice import ChosenAdapter


@dataclass(frozen=True)
class Proposal:
    """What would be served, and the file that the registry would point at."""

    measured: Measured
    file: Path


def incumbent(run: Run, base: BasePack) -> Measured:
    """What the repair is compared with: the champion's policy where the recipe goes on from one, else the base."""
    kept = run.resolved.incumbent
    return base.file if kept is None else files_of(run.workshop.packs, kept)


def policy(run: Run, before: Measured, base: BasePack, chosen: ChosenAdapter, pack: PackFile) -> Proposal:
    """Put the policy together; for form ``single`` it is the repaired pack.

    Args:
        before: what is served until now.
    """
    settings = run.recipe.policy
    if settings.is_single:
        return Proposal(pack, run.paths.pack)
    beside = settings.repaired is RepairedAs.ADAPTER
    adapter = AdapterUse(sha256=chosen.adapter.sha256, scale=chosen.trial.scale) if beside else None
    repaired = base.file if beside else pack
    made = policy_of(
        settings,
        before.policy if isinstance(before, PolicyFiles) else alone(before.sha256),
        pack=repaired.sha256,
        adapter=adapter,
        suites=tuple(dict.fromkeys(task.suite for task in run.tasks)),
    )

    def work() -> PolicyDone:
        return PolicyDone(sha256=write_text(run.paths.policy, made.text), policy=made)

    run.stages.once(Stage(POLICY, {"policy": made.sha256}, work, files=lambda _: {"policy": run.paths.policy}))
    return Proposal(_with_files(made, before, repaired, chosen), run.paths.policy)


def _with_files(made: Policy, before: Measured, repaired: PackFile, chosen: ChosenAdapter) -> PolicyFiles:
    known = before.packs if isinstance(before, PolicyFiles) else {before.sha256: before}
    beside: Mapping[str, Path] = before.adapters if isinstance(before, PolicyFiles) else {}
    packs = {**known, repaired.sha256: repaired}
    adapters = {**beside, chosen.adapter.sha256: chosen.directory}
    return PolicyFiles(
        made,
        {sha256: packs[sha256] for sha256 in made.packs},
        {sha256: adapters[sha256] for sha256 in made.adapters},
    )
