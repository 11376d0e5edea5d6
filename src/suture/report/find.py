"""Finds a run, and builds its report."""

from suture.files.small_files import read_model
from suture.report.build import build_report
from suture.report.run_report import RunReport
from suture.store.find_run import find_run
from suture.store.run_paths import RunPaths
from suture.store.store import Store


def report_of(store: Store, run: str | None = None) -> RunReport:
    """The report of a run by its id, its recipe's name or its directory; of the latest when left out.

    Raises:
        UsageError: no run yet, or it is not finished.
        UnknownName: no such run.
        BadFile: one of its files is missing or was changed.
    """
    chosen = find_run(store, run)
    [directory] = [entry["directory"] for entry in store.ledger.runs() if entry["id"] == chosen]
    written = RunPaths(store.home.absolute(directory)).report_json
    command = read_model(written, RunReport, what="run report").command if written.exists() else "suture heal"
    return build_report(store, chosen, command=command)
