"""Measures a routes file in several modes, side by side: each task goes where a server would send it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.frozen import Frozen
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.mode_counts import ModeCounts, count_mode
from suture.core.measure.modes import Mode, policy_in_mode
from suture.core.measure.policy import Policy
from suture.core.measure.scoreboard import BrokenTask, Scoreboard
from suture.core.measure.task import Task
from suture.core.plan.policy_settings import PACK, alone
from suture.core.plan.ports import Progress
from suture.loop.measuring.engine_choice import settle_engine
from suture.loop.measuring.measure import measure
from suture.loop.measuring.policy_files import Measured, PolicyFiles
from suture.loop.measuring.soundness import sound
from suture.loop.workshop import Workshop
from suture.router.findings import Audit
from suture.router.router import Router
from suture.router.seen import seen_of
from suture.router.written import FALLBACK as TO_FALLBACK
from suture.router.written import REFUSE, WrittenRoute, WrittenRoutes
from suture.suites.catalog import load_suites
from suture.wiring.bench import usual_choice
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import measured_model
from suture.wiring.open_workshop import open_workshop
from suture.wiring.policy_file import policy_files
from suture.wiring.policy_reading import read_policy_file
from suture.wiring.route_audit import audit_tasks
from suture.wiring.route_prompts import owned_tasks
from suture.wiring.routes_file import read_routes, router_of


class ModesReport(Frozen):
    """Attributes:
    modes: in the order they were asked for.
    audit: where the tasks went, and which left their own route.
    """

    modes: tuple[ModeCounts, ...]
    audit: Audit
    router: str
    broken: tuple[BrokenTask, ...] = ()


@dataclass(frozen=True)
class _Found:
    """What a routes file names: a policy of each route, and of the fallback."""

    routes: Mapping[str, PolicyFiles]
    fallback: PolicyFiles | None


def bench_modes(
    routes: Path,
    suite: Sequence[str],
    modes: Sequence[Mode],
    *,
    engine: EngineChoice | None = None,
    sources: Mapping[str, Path] | None = None,
    home: Path | None = None,
    unsafe_local: bool = False,
    despite_leaks: bool = False,
    progress: Progress | None = None,
) -> ModesReport:
    """Ask every task in every mode, where the router sends it, and judge the answers.

    What the store holds already is not asked again: a specialist is asked once for B and C.

    Args:
        despite_leaks: measure all the same where tasks leave their own route.

    Raises:
        UsageError and its children: a leak, a mode without what it needs, or as ``bench``.
        Fault: the engine or the machine failed. Finished batches stay in the store.
    """
    written = read_routes(routes)
    if several := [route.name for route in written.routes if route.policies]:
        raise UsageError(
            f"route {several[0]!r} has several policies, among which a server draws, and a bench measures one",
            mend="write the one to be measured as `model` or `policy`",
        )
    router, tasks = router_of(routes, written), load_suites(list(suite), sources=sources)
    found = audit_tasks(router, owned_tasks(written, sources), tasks)
    if found.leaks and not despite_leaks:
        first = found.leaks[0]
        raise UsageError(
            f"{len(found.leaks)} of {found.owned} tasks leave their own route; {first.task} belongs to {first.route} "
            f"and goes to {first.went_to}",
            mend=f"suture route audit {routes} names them; --despite-leaks measures all the same",
        )
    with open_workshop(home, unsafe_local=unsafe_local, progress=progress) as workshop:
        tasks, broken = sound(workshop, tasks)
        sides = _found(
            workshop, written, routes.parent, wanted=any(mode is not Mode.SPECIALISTS_ONLY for mode in modes)
        )
        goes = _goes(written, router, tasks)
        asking = _Asking(workshop, written, sides, engine or EngineChoice(), tuple(suite))
        return ModesReport(
            modes=tuple(asking.measured(mode, goes) for mode in modes),
            audit=found,
            router=router.digest,
            broken=broken,
        )


def _found(workshop: Workshop, written: WrittenRoutes, directory: Path, *, wanted: bool) -> _Found:
    """``wanted``: some mode asks the fallback; else it is not even looked for."""

    def named(name: str) -> Measured:
        return measured_model(workshop.store, TorchFoundry(workshop.progress), workshop.packs, name)

    def of(route: WrittenRoute) -> Measured:
        if route.policy is None:
            return named(route.model or "")
        read = read_policy_file(directory / route.policy)
        return policy_files(workshop.store, workshop.packs, read, workshop.progress)

    routes = {route.name: _as_policy(of(route)) for route in written.routes}
    if written.fallback is None or not wanted:
        return _Found(routes, None)
    fallback = _as_policy(named(written.fallback.model))
    if written.fallback.engine is not None:
        fallback = replace(fallback, policy=fallback.policy.computed_by(written.fallback.engine))
    return _Found(routes, fallback)


def _as_policy(measured: Measured) -> PolicyFiles:
    if isinstance(measured, PolicyFiles):
        return measured
    return PolicyFiles(alone(measured.sha256, PACK), {measured.sha256: measured})


def _goes(written: WrittenRoutes, router: Router, tasks: Sequence[Task]) -> dict[str, list[Task]]:
    """The tasks of each route, by the function that serves; those of none under what answers them."""
    goes: dict[str, list[Task]] = {}
    for task in tasks:
        goes.setdefault(router.route(seen_of(task)).route or written.answers_unknown, []).append(task)
    return goes


@dataclass(frozen=True)
class _Asking:
    workshop: Workshop
    written: WrittenRoutes
    sides: _Found
    engine: EngineChoice
    selectors: tuple[str, ...]

    def measured(self, mode: Mode, goes: Mapping[str, Sequence[Task]]) -> ModeCounts:
        boards: dict[str, Scoreboard] = {}
        refused: list[str] = []
        for route, tasks in goes.items():
            files = self._policy(mode, route)
            if files is None:
                refused += [task.suite for task in tasks]
                continue
            first = files.pack_of(files.policy.tiers[0])
            choice, _ = settle_engine(self.workshop, usual_choice(self.workshop, self.engine, first, files), first)
            title = f"{mode.letter}, {route}"
            boards[route] = measure(self.workshop, files, tasks, engine=choice, selectors=self.selectors, title=title)
        return count_mode(mode, boards, refused)

    def _policy(self, mode: Mode, route: str) -> PolicyFiles | None:
        """Who answers the tasks of a route in a mode; None where nobody may."""
        behind = None if mode is Mode.SPECIALISTS_ONLY else self.sides.fallback
        if route in (TO_FALLBACK, REFUSE):
            if behind is None or (route == REFUSE and mode is not Mode.FALLBACK_ONLY):
                return None
            return _merged(policy_in_mode(Mode.FALLBACK_ONLY, behind.policy, behind.policy), behind)
        own = self.sides.routes[route]
        policy: Policy = policy_in_mode(mode, own.policy, behind.policy if behind else None, self.written.triggers)
        return _merged(policy, own, behind)


def _merged(policy: Policy, *sides: PolicyFiles | None) -> PolicyFiles:
    known = [side for side in sides if side is not None]
    packs = {sha256: pack for side in known for sha256, pack in side.packs.items()}
    adapters = {sha256: path for side in known for sha256, path in side.adapters.items()}
    return PolicyFiles(policy, {sha256: packs[sha256] for sha256 in policy.packs}, adapters)
