"""What a recipe may not say if a run is to start by it. Plans of runs that failed for it stay readable. Pure."""

from collections.abc import Iterator

from suture.core.plan.recipe import Recipe

MOST_NAME = 100
"""Letters: names of files hold 255 bytes, and a run's has more in it than its name."""
SEEDS = 2**32
"""Generators of random numbers take seeds from 0 to one less."""


def complaints(recipe: Recipe) -> Iterator[tuple[tuple[str, ...], str]]:
    """The keys that are wrong, and why."""
    for key in ("name", "model"):
        if len(getattr(recipe, key)) > MOST_NAME:
            yield (key,), f"it has more than {MOST_NAME} letters"
    if why := no_seed(recipe.train.seed):
        yield ("train", "seed"), why


def no_seed(number: int) -> str:
    """Why no generator takes it; "" where they do."""
    return "" if 0 <= number < SEEDS else f"a seed is a number from 0 to {SEEDS - 1}"
