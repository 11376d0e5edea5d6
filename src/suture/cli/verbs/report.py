"""``suture report [RUN]``."""

from typing import Annotated

from cyclopts import Parameter

from suture.cli.opened import open_store
from suture.cli.options import Common
from suture.cli.output import emit, table
from suture.core.errors import UnknownName, UsageError
from suture.files.read_write import read_model
from suture.report.build import build_report
from suture.report.markdown import render_markdown
from suture.report.model import RunReport
from suture.store.run_paths import RunPaths


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
    with open_store(common) as store:
        runs = store.ledger.runs()
        if list_runs:
            header = ["run", "recipe", "model", "created at"]
            rows = [[entry["id"], entry["name"], entry["model"], entry["created_at"]] for entry in runs]
            emit({"runs": runs}, table(header, rows) if rows else "no runs yet", as_json=common.json)
            return 0
        if not runs:
            raise UsageError("no runs yet", mend="suture heal recipes/quickstart.yaml")
        found = [entry for entry in runs if run is None or run in (entry["id"], entry["name"])]
        if not found:
            names = {entry["id"] for entry in runs} | {entry["name"] for entry in runs}
            raise UnknownName("run", str(run), names, mend="suture report --list")
        chosen = found[-1]
        written = RunPaths(store.home.absolute(chosen["directory"])).report_json
        command = read_model(written, RunReport, what="run report").command if written.exists() else "suture heal"
        built = build_report(store, chosen["id"], command=command)
    emit(built.to_json(), render_markdown(built), as_json=common.json)
    return 0
