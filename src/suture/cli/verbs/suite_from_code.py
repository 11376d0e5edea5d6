"""``suture suite from-code PACKAGE_OR_DIR``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.made_tasks import require_tasks_file, write_made
from suture.cli.open_store import open_judge
from suture.cli.options import SOURCE_HELP, Common, Judging, parse_sources
from suture.wiring.suite_from_code import suite_from_code


def from_code(
    target: Annotated[str, Parameter(help="A package or module that is installed, or a directory of Python files.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Where the tasks go, one JSON object a line.")],
    unlike: Annotated[list[str] | None, Parameter(help="More suites that no task may resemble.")] = None,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Make tasks from the functions of a code base that have doctests.

    The signature and docstring are the question, the doctests the tests, the function the reference. The code is
    parsed and never imported; only the sandbox runs it. A function is kept when its reference passes alone, in time and
    again, when no trivial body passes (`return None`, `return 0`, `return args[0]` and the like), and when it resembles
    no task of a suite that is at hand (HumanEval, MBPP and others) or that `--unlike` names. What falls is counted by
    reason; `--json` names each function.

    Exit code: 0 tasks were written, 1 none could be made, 2 the package or directory cannot be read.

    Example: suture suite from-code statistics --out statistics.jsonl
    """
    common = common or Common()
    require_tasks_file(out)
    with open_judge(judging) as (judge, progress):
        made = suite_from_code(target, lambda: judge, progress, unlike=unlike or (), sources=parse_sources(source))
    total = len(made.kept) + len(made.dropped)
    return write_made(
        out,
        made,
        of=(total, "functions with doctests"),
        about={
            "candidates": total,
            "functions": [fallen._asdict() for fallen in made.dropped],
            "unreadable": list(made.unreadable),
        },
        also=[f"{path} is no Python of this version" for path in made.unreadable],
        as_json=common.json,
    )
