"""Does this program pass? Decided where the program cannot reach.

Only names from here are for other packages. They are loaded on first use, so that the referee,
which is started as a module of this package, stays small.
"""

from typing import TYPE_CHECKING, Any

from suture.core.moved import keep_old_names

if TYPE_CHECKING:
    from suture.judge.opening import JUDGE_VERSION, open_judge

__all__ = ["JUDGE_VERSION", "open_judge"]

keep_old_names()


def __getattr__(name: str) -> Any:
    if name in __all__:
        from suture.judge import opening

        return getattr(opening, name)
    raise AttributeError(name)
