"""A grid of repairs: what it varies, and the recipe of each of its runs. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, cast

from pydantic import Field

from suture.core.errors import UnknownName, UsageError
from suture.core.frozen import Frozen
from suture.core.plan.startable import MOST_NAME, SEEDS

Overrides = dict[str, Any]
"""Recipe keys, nested as in a recipe."""


Seed = Annotated[int, Field(ge=0, lt=SEEDS)]


class Experiment(Frozen):
    """Attributes:
    recipe: what all runs have in common: a recipe without ``name``, and without what the grid says.
    protocols: by name, where to harvest and what to hold out: ``splits`` and ``suites``.
    strategies: by name, what makes each of them: ``train``, ``harvest``, ``scale`` and so on.
    seeds: of training.
    sizes: shares of the failures to train on.
    """

    schema_version: int = Field(default=1, ge=1, le=1)
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=MOST_NAME)
    recipe: Overrides
    protocols: dict[str, Overrides] = Field(min_length=1)
    strategies: dict[str, Overrides] = Field(min_length=1)
    seeds: tuple[Seed, ...] = Field(default=(0,), min_length=1)
    sizes: tuple[float, ...] = Field(default=(1.0,), min_length=1)


class Cell(NamedTuple):
    """One run of the grid."""

    protocol: str
    strategy: str
    seed: int
    size: float
    recipe: Overrides

    @property
    def label(self) -> str:
        return f"{self.protocol} · {self.strategy} · seed {self.seed} · size {self.size:g}"


def cells_of(
    experiment: Experiment,
    *,
    only: Collection[str] = (),
    protocols: Collection[str] = (),
    seeds: int | None = None,
    sizes: Collection[float] = (),
) -> Iterator[Cell]:
    """The grid's runs, all strategies of one seed before the next seed, so that a stopped grid can be compared.

    Args:
        only, protocols: names to keep; all when empty.
        seeds: keep the first so many.
        sizes: keep these; all when empty.

    Raises:
        UnknownName: a name that the grid does not have.
        UsageError: fewer than one seed, or a size that the grid does not have.
    """
    if seeds is not None and seeds < 1:
        raise UsageError(f"--seeds {seeds}: a grid has at least one seed", mend="--seeds 1")
    _require_known("strategy", only, experiment.strategies)
    _require_known("protocol", protocols, experiment.protocols)
    if unknown := [size for size in sizes if size not in experiment.sizes]:
        known = ", ".join(f"{size:g}" for size in experiment.sizes)
        raise UsageError(f"--size {unknown[0]:g}: the grid has sizes {known}", mend=f"--size {experiment.sizes[0]:g}")
    for protocol, where in experiment.protocols.items():
        for size in experiment.sizes:
            for seed in experiment.seeds[:seeds]:
                for strategy, how in experiment.strategies.items():
                    if _left_out(protocol, protocols) or _left_out(strategy, only) or _left_out(size, sizes):
                        continue
                    grid = {"train": {"seed": seed}, "harvest": {"share": size}, "name": experiment.name}
                    recipe = merged(experiment.recipe, where, how, grid)
                    yield Cell(protocol, strategy, seed, size, recipe)


def part_of(cells: Sequence[Cell], written: str) -> list[Cell]:
    """The ``i``-th of ``n`` parts, as ``i/n`` says: parts lie one after the other, so that a part's cells share work.

    Raises:
        UsageError: no such part.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})", written)
    if found is None or not int(found[1]) <= int(found[2]):
        raise UsageError(f"--cells {written}: no part of a grid", mend="--cells 1/4, and 2/4, 3/4, 4/4 elsewhere")
    part, parts = int(found[1]), int(found[2])
    return list(cells[(part - 1) * len(cells) // parts : part * len(cells) // parts])


def _require_known(kind: str, names: Collection[str], known: Mapping[str, object]) -> None:
    for name in names:
        if name not in known:
            raise UnknownName(kind, name, known)


def _left_out(value: object, wanted: Collection[object]) -> bool:
    return bool(wanted) and value not in wanted


def merged(*parts: Mapping[str, Any]) -> Overrides:
    """Later parts win; mappings are merged, everything else is replaced."""
    whole: Overrides = {}
    for part in parts:
        for key, value in part.items():
            known = whole.get(key)
            if isinstance(known, Mapping) and isinstance(value, Mapping):
                whole[key] = merged(cast("Overrides", known), cast("Overrides", value))
            else:
                whole[key] = value
    return whole
