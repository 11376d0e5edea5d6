"""Says before any work what every run of a grid needs, and about how long it takes."""

from collections.abc import Sequence
from pathlib import Path

from suture.core.plan.grid import Cell
from suture.loop.run_grid import recipe_of
from suture.wiring.check_findings import RecipeCheck
from suture.wiring.check_recipe import check_read


def check_grid(
    cells: Sequence[Cell],
    *,
    relative_to: Path,
    home: Path | None = None,
    unsafe_local: bool = False,
) -> dict[str, RecipeCheck]:
    """Check each run as ``suture check`` does, by its label. References are tried once, with the first of them.

    Raises:
        BadRecipe: a cell that is no recipe.
    """
    recipes = [recipe_of(cell) for cell in cells]
    found: dict[str, RecipeCheck] = {}
    for cell, recipe in zip(cells, recipes, strict=True):
        found[cell.label] = check_read(
            recipe, relative_to, home=home, unsafe_local=unsafe_local, try_references=not found
        )
    return found
