"""``suture suite convert FILE --from FORMAT``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.options import SOURCE_HELP, Common, parse_sources, require_no_directory
from suture.cli.output import beyond, emit, table
from suture.cli.progress import shown_progress
from suture.cli.verbs.suite_warnings import lines_on_overlap
from suture.core.errors import ExitCode
from suture.files.small_files import write_text
from suture.suites.convert.answers import AS
from suture.suites.convert.conversion import convert as convert_file
from suture.suites.convert.conversion import require_choices
from suture.suites.convert.converter import Choices
from suture.suites.convert.table import CONVERTERS
from suture.suites.own_rows import as_lines
from suture.wiring.overlap import overlap
from suture.wiring.suites_at_hand import suites_at_hand

FORMATS = "; ".join(f"{name}: {converter.what}" for name, converter in CONVERTERS.items())
PROMPT_HELP = (
    "csv: the column that asks, or a text with columns in it, such as 'Is this spam? {text}'; inspect: the field that "
    "asks, where it is not input."
)
EXPECTED_HELP = "csv: the column with the wanted answer; inspect: the field with it, where it is not target."
_SHOWN = 20


def convert(
    file: Annotated[Path, Parameter(help="The file to convert.")],
    /,
    *,
    format_: Annotated[str, Parameter(name="--from", help=f"{FORMATS}.")],
    out: Annotated[Path, Parameter(help="Where the tasks go, one JSON object a line.")],
    prompt: Annotated[str | None, Parameter(help=PROMPT_HELP)] = None,
    expected: Annotated[str | None, Parameter(help=EXPECTED_HELP)] = None,
    as_kind: Annotated[str | None, Parameter(name="--as", help=f"How to compare texts: {', '.join(AS)}.")] = None,
    databases: Annotated[Path | None, Parameter(help="spider, bird: the directory of databases.")] = None,
    unlike: Annotated[list[str] | None, Parameter(help="More suites whose questions are left out.")] = None,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Convert somebody else's task file into tasks of your own.

    Every row becomes a task that Suture can read and decide, or is left out and named with its line and the reason.
    What asks the same as a task before it is left out, and so is what a suite on this machine or of `--unlike` asks;
    tasks that resemble theirs otherwise, by wanted function or runs of words, are kept and named.

    Exit code: 0 everything was converted, 1 some rows were left out, 2 the file cannot be read (nothing is written).

    Example: suture suite convert promptfooconfig.yaml --from promptfoo --out tasks.jsonl

    Example: suture suite convert t.csv --from csv --prompt 'Spam? {text}' --expected class --as label --out t.jsonl
    """
    common = common or Common()
    require_no_directory(out)
    choices = Choices(prompt=prompt, expected=expected, as_kind=as_kind, databases=databases, out=out)
    require_choices(file, format_, choices)
    with shown_progress() as progress:
        others = suites_at_hand(unlike or (), parse_sources(source), progress)
    conversion = convert_file(file, format_, choices, known=others.tasks)
    if conversion.kept:
        write_text(out, as_lines(conversion.kept))
    left_out = conversion.left_out
    alike = overlap(conversion.tasks, known=others)
    result = {
        "out": str(out) if conversion.kept else None,
        "converted": len(conversion.kept),
        "left_out": [{"at": item.at, "why": item.why} for item in left_out],
        "reasons": dict(conversion.reasons),
        "further": [item._asdict() for item in conversion.further],
        "overlap": [twin._asdict() for twin in alike.twins],
        "compared": others.compared,
        "not_compared": others.missing,
    }
    lines = [f"{item.at}: {item.why}" for item in left_out[:_SHOWN]]
    if more := beyond(len(left_out), _SHOWN):
        lines += more
        lines.append(table(["why a row was left out", "rows"], [[why, str(n)] for why, n in conversion.reasons]))
    if conversion.further:
        answers = sum(item.answers for item in conversion.further)
        lines.append(
            f"{answers} further answers that call, in {len(conversion.further)} rows, are no tasks: a row is one"
        )
    lines += lines_on_overlap(alike, len(conversion.kept))
    where = f" in {out}" if conversion.kept else ""
    lines.append(f"converted {len(conversion.kept)} of {len(conversion.kept) + len(left_out)}{where}")
    emit(result, "\n".join(lines), as_json=common.json)
    return int(ExitCode.REJECTED if left_out else ExitCode.DONE)
