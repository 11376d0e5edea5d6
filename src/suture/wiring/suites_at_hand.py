"""The suites that are on this machine, to compare new tasks with: nothing is fetched for it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from suture.core.errors import MissingTool
from suture.core.measure.task import Task
from suture.core.plan.ports import Progress
from suture.suites.bfcl import bfcl_suites
from suture.suites.catalog import load_suite
from suture.suites.mbpp import PATH_VARIABLE


class AtHand(NamedTuple):
    """Attributes:
    compared: names of the suites that the tasks are of.
    missing: names of suites that are not here.
    """

    tasks: list[Task]
    compared: list[str]
    missing: list[str]


def suites_at_hand(
    also: Sequence[str] = (), sources: Mapping[str, Path] | None = None, progress: Progress | None = None
) -> AtHand:
    """HumanEval, MBPP, BFCL and the generated suites, as far as they are here, and the suites ``also``.

    Raises:
        UsageError: a suite of ``also`` cannot be read.
    """
    sources = sources or {}
    found = AtHand([], [], [])
    mbpp_is_here = "mbpp" in sources or bool(os.environ.get(PATH_VARIABLE))
    names = ("humaneval", "mbpp", "basics", "json-repair", "extraction", *bfcl_suites())
    if progress is not None:
        progress.start("compare", len(names) + len(also))
    for name in names:
        try:
            tasks = load_suite(name, sources=_only(sources, name)) if name != "mbpp" or mbpp_is_here else ()
        except MissingTool:
            tasks = ()
        (found.compared if tasks else found.missing).append(name)
        found.tasks.extend(tasks)
        if progress is not None:
            progress.advance()
    for name in also:
        found.tasks.extend(load_suite(name, sources=_only(sources, name)))
        found.compared.append(name)
        if progress is not None:
            progress.advance()
    return found


def _only(sources: Mapping[str, Path], name: str) -> dict[str, Path]:
    return {name: sources[name]} if name in sources else {}
