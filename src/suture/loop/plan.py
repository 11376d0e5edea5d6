"""Resolves a recipe to a plan: every default, version and digest filled in. The plan's digest is the run's id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import suture
from suture.core.digest import digest_of
from suture.core.errors import BadFile, UnknownName, UsageError
from suture.core.measure.engine_probe import AUTO
from suture.core.measure.policy import speaks_anyway
from suture.core.measure.scoreboard import suite_digest
from suture.core.measure.splits import Split, split_as_declared, split_by_hash
from suture.core.measure.task import Task
from suture.core.model.registry_events import CHAMPION
from suture.core.plan.ports import Foundry
from suture.core.plan.recipe import DeclaredSplits, HashSplits, Plan, Recipe
from suture.core.plan.stages import PROMOTE
from suture.loop.elsewhere import FromElsewhere, read_elsewhere
from suture.loop.measuring.engine_choice import require_computed
from suture.loop.measuring.questions import GREEDY
from suture.loop.possible_policy import require_policy
from suture.loop.recipe_paths import placed, placed_directories, placed_sources
from suture.loop.workshop import Workshop
from suture.store.find_model import FoundModel, alias_named, find_model
from suture.store.kept_packs import verified_pack
from suture.store.kept_policies import SUFFIX, KeptPolicy, verified_policy
from suture.suites.catalog import load_suites


@dataclass(frozen=True)
class Resolved:
    """A plan with the things its digests name."""

    plan: Plan
    tasks: tuple[Task, ...]
    splits: dict[str, Split]
    selectors: tuple[str, ...]
    base: Path | str
    in_service: bool
    """``base`` is the model's champion, or a part of it: that very file is the baseline."""
    earlier: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Directories of datasets of earlier repairs, by the names the recipe gives them."""
    elsewhere: FromElsewhere = field(default_factory=FromElsewhere)
    """What is asked and taught besides the run's own tasks."""
    incumbent: KeptPolicy | None = None
    """The policy that is served until now, where the recipe goes on from one: its last greedy tier is the base."""


def resolve(workshop: Workshop, foundry: Foundry, recipe: Recipe, *, relative_to: Path) -> Resolved:
    """Read the tasks, split them, and name the base. Nothing is made, loaded or probed.

    Args:
        relative_to: the recipe's directory: every path in it is relative to that.

    Raises:
        UsageError and its children: an engine that does not compute the packs, unknown suite, broken file, overlapping
            splits, no such base.
    """
    require_computed(workshop.engines, recipe)
    selectors = placed(selectors_of(recipe), relative_to)
    sources = placed_sources(recipe.sources, relative_to)
    recipe = recipe.model_copy(update={"sources": {name: str(path) for name, path in sources.items()}})
    tasks = load_suites(selectors, sources=sources)
    require_known_suites(recipe, tasks)
    splits = split_tasks(recipe, tasks, sources, relative_to)
    if Split.REPAIR not in splits.values():
        raise UsageError("no task is in split 'repair', so there is nothing to train on")
    elsewhere = read_elsewhere(recipe, tasks, splits, sources, relative_to)
    base = _find_base(workshop, recipe, relative_to)
    incumbent = _policy_at(workshop, base)
    require_policy(workshop.engines, recipe, incumbent, tasks)
    plan = Plan(
        recipe=recipe,
        base_sha256=base.digest,
        suite_digest=suite_digest(task.digest for task in tasks),
        split_digest=digest_of(splits),
        engine=None if recipe.engine.name == AUTO else workshop.engines.identify(recipe.engine),
        questions_digest=elsewhere.questions_digest,
        lessons_digest=elsewhere.lessons_digest,
        sampling=GREEDY,
        judge=workshop.judge.identity,
        suture=suture.__version__,
        trainer=foundry.versions,
    )
    in_service = base.alias is not None and (base.alias.model, base.alias.alias) == (recipe.model, CHAMPION)
    earlier = placed_directories(recipe.earlier, relative_to)
    if incumbent is None:
        return Resolved(plan, tasks, splits, selectors, base.source, in_service, earlier, elsewhere)
    repaired = incumbent.packs[speaks_anyway(incumbent.policy.tiers).pack]
    return Resolved(plan, tasks, splits, selectors, repaired, True, earlier, elsewhere, incumbent)


def _find_base(workshop: Workshop, recipe: Recipe, relative_to: Path) -> FoundModel:
    """As ``find_model``; but a run that was stopped goes on from the pack it began with, not from today's.

    Raises:
        UsageError: ``champion`` of a model that has none.
    """
    return require_base(recipe, _named_base(workshop, recipe, relative_to))


def require_base(recipe: Recipe, found: FoundModel) -> FoundModel:
    """The base, where the recipe names no other bytes.

    Raises:
        BadFile: it has another SHA-256 than the recipe's.
        UsageError: it is on the hub, so that nothing is known of its bytes.
    """
    wanted = recipe.base_sha256
    if wanted is None or wanted == found.digest:
        return found
    if isinstance(found.source, str):
        raise UsageError(
            f"base_sha256: {found.source} is on the hub, and no file", mend="download it, and name its file in `base`"
        )
    raise BadFile(
        f"base: {found.source} has SHA-256 {found.digest}, and the recipe's base_sha256 is {wanted}",
        mend="bring the file that the recipe was written for, or correct base_sha256",
    )


def _named_base(workshop: Workshop, recipe: Recipe, relative_to: Path) -> FoundModel:
    store = workshop.store
    name = base_name(recipe)
    alias = alias_named(store, name)
    if recipe.base == CHAMPION and alias is None:
        raise UsageError(f"base: model {recipe.model!r} has no champion yet", mend="name a GGUF file in the recipe")
    begun = [entry["id"] for entry in store.ledger.runs() if store.ledger.plan(entry["id"]).recipe == recipe]
    if alias is not None and begun and store.ledger.finished(begun[-1], PROMOTE) is None:
        pack = store.ledger.plan(begun[-1]).base_sha256
        return FoundModel(verified_pack(store, pack), pack, alias)
    try:
        return find_model(store, name, relative_to=relative_to)
    except BadFile as error:
        raise BadFile(f"base: {error}", mend=error.mend) from error


def _policy_at(workshop: Workshop, base: FoundModel) -> KeptPolicy | None:
    """None where the base is a model alone."""
    if not (isinstance(base.source, Path) and base.source.suffix == SUFFIX and base.alias is not None):
        return None
    return verified_policy(workshop.store, base.digest)


def base_name(recipe: Recipe) -> str:
    """The name by which ``find_model`` finds the base."""
    return f"{recipe.model}@{CHAMPION}" if recipe.base == CHAMPION else recipe.base


def selectors_of(recipe: Recipe) -> tuple[str, ...]:
    if isinstance(recipe.splits, DeclaredSplits):
        return tuple(selector for part in recipe.splits.selectors.values() for selector in part)
    return recipe.suites


def require_known_suites(recipe: Recipe, tasks: tuple[Task, ...]) -> None:
    """Raises UnknownName: a key of the recipe names a suite that none of its tasks is of."""
    known = list(dict.fromkeys(task.suite for task in tasks))
    shared = recipe.splits if isinstance(recipe.splits, HashSplits) else None
    for key, named in (
        ("splits.held_out", shared.held_out if shared else ()),
        ("splits.replayed", recipe.replayed_suites),
        ("harvest.suites", recipe.harvest.suites),
        ("policy.suites", recipe.policy.suites),
    ):
        for name in named:
            if name not in known:
                mend = f"{key} names suites as reports do: {', '.join(known)}"
                raise UnknownName(f"{key}: no task of this recipe is of suite", name, known, mend=mend)


def split_tasks(
    recipe: Recipe, tasks: tuple[Task, ...], sources: dict[str, Path], relative_to: Path
) -> dict[str, Split]:
    """Which task is in which split. Raises UsageError: splits that overlap, or tasks in none."""
    if not isinstance(recipe.splits, DeclaredSplits):
        splits = recipe.splits
        return split_by_hash(
            tasks,
            splits.shares,
            seed=splits.seed,
            held_out={task.id for task in tasks if task.suite in splits.held_out},
            replayed={task.id for task in tasks if task.suite in splits.replayed},
        )
    declared = {
        split: [task.id for task in load_suites(placed(part, relative_to), sources=sources)]
        for split, part in recipe.splits.selectors.items()
    }
    return split_as_declared(tasks, declared)
