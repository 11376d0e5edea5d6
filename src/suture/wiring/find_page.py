"""Finds what a person names: a file of measurements, two of them, or a run of the store."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.errors import BadFile, UsageError
from suture.files.small_files import read_model
from suture.harnesses.read import read_results
from suture.report.run_report import RunReport
from suture.store.find_run import find_run
from suture.store.store import Store
from suture.studio.shown import Shown
from suture.wiring.compare import compare
from suture.wiring.pages import bench_page, compare_page, sheet_page
from suture.wiring.run_pages import run_page


def file_page(file: Path, against: Path | None = None, *, sources: Mapping[str, Path] | None = None) -> Shown:
    """One file by itself, or what differs between two.

    Raises:
        BadFile: a file that cannot be read as measurements.
        StaleEvidence: the two were not measured alike.
    """
    after = read_results(file)
    if against is None:
        return sheet_page(after, file) if after.board is None else bench_page(after.board, file, sources=sources)
    before = read_results(against)
    found = compare(before.sheets, after.sheets)
    return compare_page(found.report, before, after, found.left_out)


def named_page(store: Store, names: Sequence[str], *, sources: Mapping[str, Path] | None = None) -> Shown:
    """What ``names`` mean: nothing is the latest run, one is a run or a file, two are files before and after.

    Raises:
        UsageError: more than two.
        BadFile, UnknownName, StaleEvidence: as ``file_page`` and ``find_run``.
    """
    if len(names) > 2:
        raise UsageError("one run, one file, or two files", mend="suture view before.json after.json")
    if len(names) == 2:
        return file_page(Path(names[1]), Path(names[0]), sources=sources)
    if names and Path(names[0]).is_file():
        return file_page(_measurements_of(Path(names[0])), sources=sources)
    if names and Path(names[0]).suffix in (".json", ".jsonl", ".eval"):
        raise BadFile(f"{names[0]}: no such file", mend="suture bench MODEL --suite humaneval --out scoreboard.json")
    return run_page(store, find_run(store, names[0] if names else None))


def _measurements_of(file: Path) -> Path:
    """The file itself, but for a run's report, beside which the measurements lie."""
    if file.name == "report.json" and (file.parent / "candidate.json").exists():
        read_model(file, RunReport, what="run report")
        raise UsageError(f"{file} is the report of a run", mend=f"name the run: suture view {file.parent.name}")
    return file
