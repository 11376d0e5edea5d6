"""Which engines `--engine` may name, for help texts."""

from collections.abc import Callable
from inspect import cleandoc
from typing import ParamSpec, TypeVar

from suture.wiring.engine_table import engine_table

P = ParamSpec("P")
R = TypeVar("R")


def names_engines(verb: Callable[P, R]) -> Callable[P, R]:
    """Add the names in the table of engines to a verb's help."""
    said = cleandoc(verb.__doc__ or "")  # since Python 3.13 it has no indentation anyway
    verb.__doc__ = f"{said}\n\nEngines: {', '.join(engine_table())}; auto."
    return verb
