"""Finds a run, and builds its report."""

from suture.core.errors import UnknownName, UsageError
from suture.files.small_files import read_model
from suture.report.build import build_report
from suture.report.run_report import RunReport
from suture.store.run_paths import RunPaths
from suture.store.store import Store


def report_of(store: Store, run: str | None = None) -> RunReport:
    """The report of a run by its id or its recipe's name; of the latest when left out.

    Raises:
        UsageError: no run yet, or it is not finished.
        UnknownName: no such run.
        BadFile: one of its files is missing or was changed.
    """
    runs = store.ledger.runs()
    if not runs:
        raise UsageError("no runs yet", mend="suture heal RECIPE")
    found = [entry for entry in runs if run is None or run in (entry["id"], entry["name"])]
    if not found:
        names = {entry[key] for entry in runs for key in ("id", "name")}
        raise UnknownName("run", str(run), names, mend="suture report --list")
    chosen = found[-1]
    written = RunPaths(store.home.absolute(chosen["directory"])).report_json
    command = read_model(written, RunReport, what="run report").command if written.exists() else "suture heal"
    return build_report(store, chosen["id"], command=command)
