"""Writes a run's report as Markdown and JSON."""

from pathlib import Path

from suture.files.small_files import write_json, write_text
from suture.report.build import shown
from suture.report.markdown import render_markdown
from suture.report.run_report import RunReport
from suture.store.run_paths import RunPaths


def write_report(root: Path, report: RunReport) -> dict[str, str]:
    """Returns the paths a person wants to know."""
    paths = RunPaths(root)
    write_json(paths.report_json, report.to_json())
    write_text(paths.report_markdown, render_markdown(report))
    return report_files(paths)


def report_files(paths: RunPaths) -> dict[str, str]:
    """The paths a person wants to know of a finished run."""
    named = {"report": paths.report_markdown, "page": paths.page, "json": paths.report_json, "pack": paths.pack}
    return {name: shown(path) for name, path in named.items()}
