"""``suture suite from-code PACKAGE_OR_DIR``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.open_store import open_judge
from suture.cli.options import SOURCE_HELP, Common, Judging, parse_sources, require_no_directory
from suture.cli.output import emit, table
from suture.core.errors import ExitCode, UsageError
from suture.files.small_files import write_text
from suture.suites.own_rows import as_lines
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
    require_no_directory(out)
    if out.exists() and out.suffix != ".jsonl":
        raise UsageError(f"{out} exists already, and is no file of tasks", mend=f"--out {out.with_suffix('.jsonl')}")
    with open_judge(judging) as (judge, progress):
        made = suite_from_code(target, lambda: judge, progress, unlike=unlike or (), sources=parse_sources(source))
    if made.kept:
        write_text(out, as_lines(made.kept))
    total = len(made.kept) + len(made.dropped)
    result = {
        "out": str(out) if made.kept else None,
        "candidates": total,
        "kept": len(made.kept),
        "dropped": dict(made.reasons),
        "functions": [fallen._asdict() for fallen in made.dropped],
        "unreadable": list(made.unreadable),
        "compared": made.compared,
        "not_compared": made.not_compared,
    }
    fell = [[why, str(n)] for why, n in made.reasons]
    lines = [table(["why a function fell", "functions"], fell)] if fell else []
    if made.not_compared:
        lines.append(f"not compared with suites that are not at hand: {', '.join(made.not_compared)}")
    lines += [f"{path} is no Python of this version" for path in made.unreadable]
    lines.append(f"kept {len(made.kept)} of {total} functions with doctests" + (f" in {out}" if made.kept else ""))
    emit(result, "\n".join(lines), as_json=common.json)
    return int(ExitCode.DONE if made.kept else ExitCode.REJECTED)
