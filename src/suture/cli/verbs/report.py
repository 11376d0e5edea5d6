"""``suture report [RUN]``."""

from typing import Annotated

from cyclopts import Parameter

from suture.cli.open_store import open_store_to_read
from suture.cli.options import Common
from suture.cli.output import emit, table
from suture.report.find import report_of
from suture.report.markdown import render_markdown


def report(
    run: Annotated[str | None, Parameter(help="A run's id or its recipe's name; default the latest.")] = None,
    /,
    *,
    list_runs: Annotated[bool, Parameter(name="--list", negative="", help="List the runs instead.")] = False,
    common: Common | None = None,
) -> int:
    """Print a run's report as Markdown; every number comes from the ledger.

    Example: suture report quickstart
    """
    common = common or Common()
    with open_store_to_read(common) as store:
        if list_runs:
            runs = store.ledger.runs()
            header = ["run", "recipe", "model", "created at"]
            rows = [[entry["id"], entry["name"], entry["model"], entry["created_at"]] for entry in runs]
            emit({"runs": runs}, table(header, rows) if rows else "no runs yet", as_json=common.json)
            return 0
        found = report_of(store, run)
    emit(found.to_json(), render_markdown(found), as_json=common.json)
    return 0
