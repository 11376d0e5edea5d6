"""A run's report as Markdown."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from suture.core.gate.gate_report import GateReport
from suture.report.changes import LISTS, TaskChange
from suture.report.evidence import comparison_lines, evidence_lines, override_lines
from suture.report.kind_words import form_losses, language_of
from suture.report.run_report import RunReport
from suture.report.verdict import plain_words, verdict_line

Changes = Mapping[str, tuple[TaskChange, ...]]


def render_markdown(report: RunReport) -> str:
    template = environment().get_template("report.md.jinja")
    recipe = report.plan.recipe.model_dump(include={"train", "harvest"})
    overridden = override_lines(report.overrides, report.champion)
    return template.render(r=report, overrides=overridden, **_of_gate(report.gate, report.changes), **recipe)


def render_gate(gate: GateReport, changes: Changes, *, read: Sequence[str] = ()) -> str:
    """A gate's decision by itself. ``read``: how the files of other harnesses were read, a line each."""
    shown = {**_of_gate(gate, changes), "verdict": verdict_line(gate), "plain": plain_words(gate)}
    shown["evidence"] = [*read, *evidence_lines(gate, settling=False)]
    return environment().get_template("gate.md.jinja").render(**shown)


def render_comparison(gate: GateReport, changes: Changes, *, read: Sequence[str] = ()) -> str:
    """Render two sides of which neither is to be protected, without a decision."""
    titles = {**LISTS, "slipped": "Lost", "repaired": "Gained"}
    shown = {**_of_gate(gate, changes), "evidence": [*read, *comparison_lines(gate)], "lists": titles}
    return environment().get_template("comparison.md.jinja").render(**shown)


def _of_gate(gate: GateReport, changes: Changes) -> dict[str, object]:
    losses = form_losses(gate, changes)
    return {"gate": gate, "changes": changes, "evidence": evidence_lines(gate), "lists": LISTS, "losses": losses}


MOST_SHOWN = 30
"""Tasks of a list whose two answers stand side by side; all are named."""


def environment() -> Environment:
    """Make the environment of every Markdown template here."""
    environment: Any = Environment(  # noqa: S701 - Markdown, not HTML
        loader=PackageLoader("suture.report", ""),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {"short": _short, "percent": _percent, "fence": _fenced, "cell": _cell, "summary": _summary}
    environment.globals["most_shown"] = MOST_SHOWN
    return environment


def _short(text: str | None) -> str:
    return text[:12] if text else "-"


def _percent(share: float) -> str:
    return f"{share:.1%}"


_MARKS = re.compile(r"[\\`*\[\]|]")


def _cell(text: str) -> str:
    """A text of anybody's as a text: on one line, without HTML, and with nothing that Markdown obeys."""
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", _summary(text))


def _summary(text: str) -> str:
    """The same within HTML, where Markdown is not read."""
    return escape(" ".join(text.splitlines()), quote=False)


def _fenced(text: str, kind: str) -> str:
    """A code block that no line of ``text`` can end."""
    longest = max((len(run) for run in _backtick_runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language_of(kind)}\n{text.rstrip()}\n{fence}"


def _backtick_runs(text: str) -> list[str]:
    return re.findall(r"`+", text)
