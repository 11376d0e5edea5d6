"""``suture check RECIPE``, which ``suture heal --dry-run`` and ``suture doctor RECIPE`` are too."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import Common, Judging
from suture.cli.output import emit, remedy_word
from suture.core.errors import ExitCode
from suture.machine.installing import together
from suture.wiring.check_findings import RecipeCheck
from suture.wiring.check_recipe import check_recipe


def check(
    recipe: Annotated[Path, Parameter(help="A recipe, such as my-job/recipe.yaml.")],
    /,
    *,
    references: Annotated[
        bool, Parameter(negative="--no-references", help="Try whether every reference passes its own check.")
    ] = True,
    tasks: Annotated[bool, Parameter(negative="", help="Also name the tasks of each split.")] = False,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Say before any work what a recipe needs, what is missing, what it can prove, and about what it costs.

    Nothing is made, loaded, asked or stored.

    Exit code: 0 all is there, 2 something is missing or wrong, and the line after it mends it.

    Example: suture check my-job/recipe.yaml

    Example: suture check my-job/recipe.yaml --tasks
    """
    common, judging = common or Common(), judging or Judging()
    return show_check(
        check_recipe(recipe, home=common.home, unsafe_local=judging.unsafe_local, try_references=references),
        recipe,
        as_json=common.json,
        named=tasks,
    )


def show_check(found: RecipeCheck, recipe: Path, *, as_json: bool, named: bool = False) -> int:
    """Print what was found, with the tasks ``named`` by split; returns the exit code."""
    emit({"ready": found.ready, **asdict(found)}, _as_text(found, recipe, named=named), as_json=as_json)
    return int(ExitCode.DONE if found.ready else ExitCode.USAGE)


def _as_text(found: RecipeCheck, recipe: Path, *, named: bool) -> str:
    width = max((len(finding.name) for finding in found.findings), default=0)
    lines: list[str] = []
    for finding in found.findings:
        lines.append(f"{'ok' if finding.ok else 'MISSING':<8} {finding.name:<{width}} {finding.found}")
        if finding.mend and not finding.ok:
            lines.append(f"{'':<8} {'':<{width}} {remedy_word(sys.stdout)}: {finding.mend}")
    if at_once := together(finding.mend for finding in found.findings if not finding.ok):
        lines += ["", f"install all of it: {at_once}"]
    if named:
        lines += [line for split, ids in found.tasks.items() for line in ("", f"{split} ({len(ids)}): {' '.join(ids)}")]
    lines += ["", *found.proves, "", *found.costs, ""]
    lines.append(f"ready: suture heal {recipe}" if found.ready else "not ready: what is MISSING has to be mended first")
    return "\n".join(lines)
