"""Keeps results of pure functions. As ``functools.lru_cache``, whose parameters lose their types."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


def remembered(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the results of the ``most`` arguments that were asked for last; arguments are values that can be hashed."""

    def keep(function: Callable[P, R]) -> Callable[P, R]:
        return cast("Callable[P, R]", lru_cache(maxsize=most)(cast("Callable[..., Any]", function)))

    return keep
