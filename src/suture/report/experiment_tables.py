"""An experiment's outcomes as Markdown and JSON, with the picture of ``experiment_chart`` beside them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from suture.core.measure.scoreboard import wilson_interval
from suture.core.plan.cell_results import CellResult, PassChange
from suture.core.plan.grid import Experiment
from suture.files.small_files import write_json, write_text
from suture.report.experiment_chart import render_chart


def write_experiment(
    out: Path, experiment: Experiment, outcomes: Sequence[CellResult], *, command: str, failed: Mapping[str, str]
) -> dict[str, str]:
    """``results.md``, ``results.json`` and ``results.svg`` in ``out``; returns their paths by kind."""
    paths = {
        kind: out / f"results.{suffix}" for kind, suffix in (("table", "md"), ("json", "json"), ("picture", "svg"))
    }
    write_text(paths["table"], as_markdown(experiment, outcomes, command=command, failed=failed))
    write_json(
        paths["json"],
        {
            "schema_version": 1,
            "command": command,
            "experiment": experiment.to_json(),
            "outcomes": [outcome.to_json() for outcome in outcomes],
            "failed": dict(failed),
        },
    )
    write_text(paths["picture"], render_chart(outcomes))
    return {kind: str(path) for kind, path in paths.items()}


def as_markdown(
    experiment: Experiment, outcomes: Sequence[CellResult], *, command: str, failed: Mapping[str, str]
) -> str:
    lines = [f"# Experiment {experiment.name}", "", f"`{command}`", "", "![repaired against lost](results.svg)"]
    for protocol, where in experiment.protocols.items():
        here = [outcome for outcome in outcomes if outcome.protocol == protocol]
        if here:
            lines += ["", f"## Protocol {protocol}", "", _splits_line(where), "", *_table(here), "", *_summary(here)]
    lines += _instruments(outcomes)
    if failed:
        lines += ["", "## Runs that could not be finished", "", *(f"- {cell}: {why}" for cell, why in failed.items())]
    return "\n".join([*lines, "", *_LEGEND, ""])


def _instruments(outcomes: Sequence[CellResult]) -> list[str]:
    """What measured, where that differs: another processor gives other numbers, whatever was trained."""
    runs: dict[str, list[str]] = {}
    for outcome in outcomes:
        facts = outcome.engine.facts if outcome.engine else {}
        said = ", ".join(f"{word} {value}" for word, value in facts.items()) or "not noted"
        runs.setdefault(said, []).append(outcome.run)
    if len(runs) < 2:
        return []
    lines = [f"- {said}: {', '.join(f'`{run[:12]}`' for run in measured)}" for said, measured in runs.items()]
    return ["", "## More than one instrument: only runs of one may be compared", "", *lines]


_LEGEND = (
    "Repaired: of the failures that were trained on, with a Wilson interval. Replay anchors may be trained on,",
    "gate-only anchors (of the same split) and those elsewhere (dev, held out) never are. Lost: anchors of any split,",
    "and how many of them failed in form (no answer that can be read, or cut off) rather than in skill. Lucky",
    "passes, where the recipe draws: those that failed when drawn again are no anchors. Held-out changes:",
    "passes before and after, gained and lost tasks, exact conservative 95% bounds in percentage points, and the",
    "one-sided exact McNemar p. KL: KL(base ‖ model) in nats a token on what the base itself answers to failures.",
    "Held-out columns are for reading; choices are made on dev.",
)


def _splits_line(where: Mapping[str, object]) -> str:
    splits = where.get("splits")
    if not isinstance(splits, Mapping):
        return f"{where}"
    parts = cast("Mapping[str, Any]", splits).items()
    return " · ".join(f"{split}: {v if isinstance(v, str) else ', '.join(v)}" for split, v in parts)


def _table(outcomes: Sequence[CellResult]) -> list[str]:
    drawn = any(outcome.lucky for outcome in outcomes)
    splits = list(dict.fromkeys(split for outcome in outcomes for split in outcome.splits))
    header = [
        "strategy",
        "size",
        "seed",
        "scale",
        "repaired of trained-on",
        "replay kept",
        "gate-only kept",
        "elsewhere kept",
        "lost (form)",
        *(["lucky kept"] if drawn else []),
    ]
    header += [*splits, "KL", "tokens", "seconds", "run"]
    rows = [
        [
            outcome.strategy,
            f"{outcome.size:g}",
            str(outcome.seed),
            outcome.scale,
            _repaired(outcome.trained),
            str(outcome.anchors.replay),
            str(outcome.anchors.gate_only),
            str(outcome.anchors.elsewhere),
            f"{outcome.lost} ({outcome.lost_format})",
            *([str(outcome.lucky or "-")] if drawn else []),
            *(_changed(outcome.splits[split]) if split in outcome.splits else "-" for split in splits),
            f"{outcome.kl:.4f}" if outcome.kl is not None else "-",
            str(outcome.tokens),
            f"{outcome.seconds:.0f}",
            outcome.run,
        ]
        for outcome in outcomes
    ]
    return ["| " + " | ".join(cells) + " |" for cells in (header, ["---"] * len(header), *rows)]


def _repaired(trained: PassChange) -> str:
    low, high = wilson_interval(trained.after, trained.total)
    return f"{trained.after} of {trained.total} ({low:.0%} to {high:.0%})"


def _changed(change: PassChange) -> str:
    low, high = (100 * bound for bound in change.interval)
    return (
        f"{change.before} to {change.after} of {change.total} (+{change.gained} -{change.lost}; "
        f"{low:+.1f} to {high:+.1f} pp; p = {change.p:.2g})"
    )


def _summary(outcomes: Sequence[CellResult]) -> list[str]:
    """One line a strategy and size that was run with several seeds: from the worst to the best of them."""
    groups: dict[tuple[str, float], list[CellResult]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.strategy, outcome.size), []).append(outcome)
    rows = [
        f"| {strategy} | {size:g} | {len(runs)} | {_range([run.trained.after for run in runs])} | "
        f"{_range([run.lost for run in runs])} | {sum(run.lost == 0 for run in runs)} | "
        f"{_range([run.splits['holdout'].delta for run in runs if 'holdout' in run.splits])} |"
        for (strategy, size), runs in groups.items()
        if len(runs) > 1
    ]
    if not rows:
        return []
    header = "| strategy | size | seeds | repaired | lost | seeds that lost nothing | held-out delta |"
    return ["Over the seeds, from the smallest to the largest:", "", header, "|---|---|---|---|---|---|---|", *rows]


def _range(values: Sequence[int]) -> str:
    return f"{min(values)} to {max(values)}" if values else "-"
