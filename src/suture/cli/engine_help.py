"""Which engines `--engine` may name, for help texts."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from suture.wiring.engine_table import engine_table

P = ParamSpec("P")
R = TypeVar("R")


def names_engines(verb: Callable[P, R]) -> Callable[P, R]:
    """Add the names in the table of engines to a verb's help."""
    verb.__doc__ = f"{verb.__doc__}\n    Engines: {', '.join(engine_table())}; auto."
    return verb
