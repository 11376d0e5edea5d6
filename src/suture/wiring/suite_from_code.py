"""Makes a suite from a code base: candidates are read from source, compared with other suites, and tried."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from suture.core.plan.ports import Judge, Progress
from suture.loop.measuring.task_trials import refusals
from suture.suites.counted import counted
from suture.suites.from_code.candidates import Candidate, candidates
from suture.suites.from_code.modules import code_base
from suture.suites.own_rows import own_task
from suture.suites.resemblance import Resemblance
from suture.wiring.suites_at_hand import suites_at_hand

RESEMBLES = "it resembles a task of another suite"
REPEATED = "it is the same function as another one here"


class Dropped(NamedTuple):
    name: str
    why: str
    detail: str = ""


class FromCode(NamedTuple):
    """Attributes:
    kept: rows in Suture's own form, in the order of the files.
    compared: suites that the candidates were compared with.
    not_compared: suites that are not at hand.
    """

    kept: list[dict[str, Any]]
    dropped: list[Dropped]
    unreadable: tuple[str, ...]
    compared: list[str]
    not_compared: list[str]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why the rest fell, the commonest first."""
        return counted(dropped.why for dropped in self.dropped)


def suite_from_code(
    target: str,
    open_judge: Callable[[], Judge],
    progress: Progress,
    *,
    unlike: Sequence[str] = (),
    sources: Mapping[str, Path] | None = None,
) -> FromCode:
    """Make tasks from the functions with doctests of a package or directory. Nothing of it is imported here.

    Args:
        open_judge: opened only when there is something to try.
        unlike: suites, besides those at hand, that no task may resemble.
        sources: local files of official suites.

    Raises:
        UsageError: no such package or directory.
    """
    base = code_base(target)
    others = suites_at_hand(unlike, sources)
    resemblance = Resemblance(others.tasks)
    dropped: list[Dropped] = []
    fresh: list[Candidate] = []
    bodies: dict[str, str] = {}
    for candidate in candidates(base):
        said = _said_before_trial(candidate, resemblance, bodies)
        if said is None:
            fresh.append(candidate)
        else:
            dropped.append(said)
    tasks = [own_task(candidate.row or {}, suite=base.name, origin=base.name) for candidate in fresh]
    refused = refusals(open_judge(), tasks, progress) if tasks else []
    tried = list(zip(fresh, refused, strict=True))
    dropped += [Dropped(candidate.name, *refusal) for candidate, refusal in tried if refusal is not None]
    kept = [candidate.row or {} for candidate, refusal in tried if refusal is None]
    return FromCode(kept, dropped, base.unreadable, others.compared, others.missing)


def _said_before_trial(candidate: Candidate, resemblance: Resemblance, bodies: dict[str, str]) -> Dropped | None:
    if candidate.row is None:
        return Dropped(candidate.name, candidate.reason)
    twin = resemblance.twin_of(name=candidate.function, question=_prose_of(candidate.docstring), body=candidate.body)
    if twin is not None:
        return Dropped(candidate.name, RESEMBLES, twin)
    first = bodies.setdefault(candidate.body, candidate.name)
    return None if first == candidate.name else Dropped(candidate.name, REPEATED, first)


def _prose_of(docstring: str) -> str:
    return "\n".join(line for line in docstring.splitlines() if not line.lstrip().startswith((">>>", "...")))
