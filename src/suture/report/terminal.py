"""What a person sees at the end of a run."""

from collections.abc import Mapping, Sequence

from suture.core.gate.breakdown import SplitRow
from suture.core.gate.gate_report import GateReport
from suture.core.measure.served_counts import ServedCounts
from suture.report.evidence import comparison_lines, evidence_lines, override_lines
from suture.report.run_report import RunReport

MOST_NAMED = 12
"""Tasks of a list that a line names; reports and ``--json`` name all."""


def summarise(report: RunReport, files: Mapping[str, str]) -> str:
    gate, timing = report.gate, report.timing
    lines = [
        "",
        f"{report.decision.upper()}: {'; '.join(report.reasons)}",
        *override_lines(report.overrides, report.champion),
        "",
        numbers_table(report.gate.rows),
        "",
        *change_lists(gate),
        "",
        *evidence_lines(gate),
        *served_lines(report.served, report.hidden),
        "",
        *(f"{'ok ' if c.holds else 'NO '} {c.name}: {c.found}" for c in report.constraints),
        "",
        f"time     {timing.total_s:.0f} s ({', '.join(f'{kind} {s:.0f} s' for kind, s in timing.kinds.items())}; "
        f"overhead {timing.overhead_s:.0f} s, {timing.overhead_share:.1%})",
        f"champion {report.champion[:12] if report.champion else '-'}{_moved_since(report)}",
        *(f"{name:<8} {path}" for name, path in files.items()),
        f"ledger   {report.ledger_records} records, head {report.ledger_head}",
    ]
    return "\n".join(lines)


def served_lines(served: ServedCounts | None, hidden: Sequence[str] = ()) -> list[str]:
    """Who answered, where that was a policy."""
    if served is None:
        return []
    shares = ", ".join(f"{tier.name} {tier.answered} ({tier.passed} pass)" for tier in served.tiers)
    says = f"answered by {shares}; fallback_count {served.fallback_count}"
    return [says + (f"; {len(hidden)} repairs stay hidden behind an accepted, wrong answer" if hidden else "")]


def _moved_since(report: RunReport) -> str:
    promoted = report.decision == "promote" and report.champion != report.gate.candidate_pack
    return " (not this run's pack: it was promoted, and the alias was moved since)" if promoted else ""


def change_lists(gate: GateReport) -> list[str]:
    """One line a list, which names the first few; those that are usually empty are left out when they are."""
    usual = [("repaired", gate.repaired), ("lost", gate.lost), ("faulted", gate.faulted)]
    rare = [
        ("slipped", gate.slipped),
        ("in form", gate.lost_format),
        ("flaky", gate.flaky),
        ("open", gate.unsettled),
    ]
    lists = [*usual, *(entry for entry in rare if entry[1])]
    return [_listed(name, ids) for name, ids in lists]


def _listed(name: str, ids: Sequence[str]) -> str:
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return f"{name:<8} ({len(ids)}): {' '.join(ids[:MOST_NAMED]) or '-'}{more}"


def comparison_text(gate: GateReport) -> str:
    """A gate report of two sides neither of which is to be protected, without a decision."""
    lists = [
        ("gained", gate.repaired),
        ("lost", gate.slipped),
        ("in form", gate.lost_format),
        ("flaky", gate.flaky),
        ("open", gate.unsettled),
        ("faulted", gate.faulted),
    ]
    lines = [
        numbers_table(gate.rows),
        "",
        *(_listed(name, ids) for name, ids in lists),
        "",
        *comparison_lines(gate),
    ]
    return "\n".join(lines)


def numbers_table(rows: tuple[SplitRow, ...]) -> str:
    width = max([14, *(len(row.suite) for row in rows)])
    header = f"{'suite':<{width}} {'split':<8} {'n':>4} {'before':>7} {'after':>7} {'delta':>6}"
    body = [
        f"{row.suite:<{width}} {row.split:<8} {row.before.total:>4} {row.before.passed:>7} {row.after.passed:>7} "
        f"{row.delta:>+6}"
        for row in rows
    ]
    return "\n".join([header, "-" * len(header), *body])
