"""``suture bench --routes ROUTES.yaml --modes A,B,C,keep``."""

from pathlib import Path

from suture.cli.output import table
from suture.core.errors import UsageError
from suture.core.measure.mode_counts import Share
from suture.core.measure.modes import Mode, mode_named
from suture.wiring.bench_modes import ModesReport


def parse_modes(written: str) -> list[Mode]:
    """``A,B,C,keep`` to modes. Raises UsageError: one that is none, or none at all."""
    modes = [mode_named(name.strip()) for name in written.split(",") if name.strip()]
    if not modes:
        raise UsageError("--modes names no mode", mend="--modes A,B,C,keep")
    return list(dict.fromkeys(modes))


def modes_as_json(report: ModesReport, out: Path) -> dict[str, object]:
    """The whole report, with what it comes to."""
    return {
        "report": str(out),
        **report.to_json(),
        "leaks": len(report.audit.leaks),
        "modes": [{**mode.to_json(), "total": mode.total.to_json()} for mode in report.modes],
    }


def modes_as_text(report: ModesReport, out: Path) -> str:
    """One table: a row a mode, a column a suite."""
    suites = list(dict.fromkeys(suite for mode in report.modes for suite in mode.suites))
    rows = [
        [
            mode.mode.letter,
            *(_share(mode.suites[suite]) for suite in suites),
            _share(mode.total),
            str(mode.fallback_count),
            str(mode.refused),
            str(mode.tokens),
            ", ".join(f"{who} {count}" for who, count in mode.models_used.items()),
        ]
        for mode in report.modes
    ]
    heads = ["mode", *suites, "all", "fallback_count", "refused", "tokens", "models used"]
    leaks = f"{len(report.audit.leaks)} of {report.audit.owned} tasks leave their own route"
    carried = "\n".join(f"{mode.mode.letter}: {mode.carried.says}" for mode in report.modes)
    return f"{table(heads, rows)}\n\n{carried}\n{leaks}\nreport {out}"


def _share(share: Share) -> str:
    return f"{share.passed} of {share.total}"
