"""The files that ``suture gate`` writes, by the endings of their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.gate.gate_report import GateReport
from suture.core.measure.sheet import Sheet
from suture.files.small_files import write_json, write_text
from suture.report.changes import task_changes
from suture.report.junit import render_junit
from suture.report.markdown import render_gate

USUAL = Path("gate.json")
ENDINGS = (".json", ".md", ".html", ".xml")


@dataclass(frozen=True)
class GateFiles:
    paths: tuple[Path, ...]

    @classmethod
    def named(cls, out: Sequence[Path] | None, markdown: Path | None) -> "GateFiles":
        """Raises UsageError: an ending that names no form."""
        for path in out or ():
            if path.suffix.lower() not in ENDINGS and path.suffix:
                mend = f"--out {path.with_suffix('.md')}"
                raise UsageError(f"--out {path}: can be written: {', '.join(ENDINGS)}", mend=mend)
        paths = [*(out or ()), *([markdown] if markdown else [])]
        if not any(_is_json(path) for path in paths):
            paths.append(USUAL)
        return cls(tuple(dict.fromkeys(paths)))

    @property
    def json(self) -> Path:
        return next(path for path in self.paths if _is_json(path))

    @property
    def pages(self) -> tuple[Path, ...]:
        """Where pages for a browser go, if files were named for them; they are written by who has the questions."""
        return tuple(path for path in self.paths if path.suffix.lower() == ".html")

    def write(
        self, report: GateReport, before: Sequence[Sheet], after: Sequence[Sheet], *, read: Sequence[str]
    ) -> list[str]:
        """Write all but the pages; returns a line for each. ``read``: how files of other tools were read."""
        lines: list[str] = []
        for path in self.paths:
            name = path.suffix.lower()
            if path in self.pages:
                continue
            if name == ".xml":
                write_text(path, render_junit(report, before[0]))
            elif _is_json(path):
                write_json(path, report.to_json())
            else:
                write_text(path, render_gate(report, task_changes(report, before[0], after[0]), read=read))
            lines.append(f"{'junit' if name == '.xml' else 'report' if _is_json(path) else 'markdown':<8} {path}")
        return lines


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json" or not path.suffix
