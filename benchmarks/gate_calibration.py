"""How often the gate is wrong, where the truth is known: thousands of simulated decisions.

    python benchmarks/gate_calibration.py --decisions 2000 --out docs/evidence/gate-calibration.json

Every task has a true verdict on each side, and every measurement of it goes the wrong way with probability ``flip``,
independently. The gate then does what it does in `suture heal`: two runs of the baseline for each anchor, repeats
where the sides disagree, and its decision by ``suture.core.gate`` with the default rules (for the held-out rows, with
only split ``repair`` protected: otherwise the first held-out loss rejects).
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

from suture.core.gate.decision import gate
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.gate.repeats import due
from suture.core.gate.rules import GateRules
from suture.core.gate.statistics import net_loss_bound, upper_bound
from suture.core.measure.sheet import Sheet, SheetEntry
from suture.core.measure.splits import Split
from suture.core.measure.verdict import Outcome, Reason, Verdict

PASS, FAIL = Verdict(outcome=Outcome.PASS), Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG)
SIZES, FLIPS = (19, 50, 150, 500), (0.0, 0.01, 0.03)
REPAIRED = 2
"""Tasks of split ``repair`` that every candidate truly repairs, so that nothing is held for want of one."""
CHURN = 0.02
"""Held-out tasks that change each way without the pass rate changing."""

Truth = list[tuple[Split, bool, bool]]
"""Of each task: its split, and whether it truly passes before and after."""


def anchors(n: int, rng: random.Random, loss: float) -> Truth:
    return [(Split.REPAIR, True, rng.random() >= loss) for _ in range(n)]


def one_lost(n: int) -> Truth:
    return [(Split.REPAIR, True, i > 0) for i in range(n)]


def held_out(n: int, rng: random.Random, *, net_loss: float) -> Truth:
    """``n`` held-out tasks, half of them passed before, and 19 anchors that are kept."""
    tasks: Truth = [(Split.REPAIR, True, True)] * 19
    for i in range(n):
        before, drawn = i % 2 == 0, rng.random()
        rate = 2 * (CHURN + net_loss) if before else 2 * CHURN  # of this half
        tasks.append((Split.HOLDOUT, before, before is not (drawn < rate)))
    return tasks


def claimed_anchor_loss(n: int, flip: float) -> float:
    """What a promotion claims when it has as many protected anchors as are left of ``n`` after two runs, on average."""
    return upper_bound(0, round(n * (1 - flip) ** 2), GateRules().confidence)


def claimed_held_out_loss(n: int) -> float:
    """What a promotion claims at the first look: the margin, or what so few tasks can show."""
    return max(GateRules().holdout_margin, net_loss_bound(0, 0, n, GateRules().alpha / 2))


@dataclass(frozen=True)
class Scenario:
    """``wrong``: whether a decision contradicts the truth; ``promised``: how often it may, at most."""

    name: str
    truth: Callable[[int, float, random.Random], Truth]
    wrong: Callable[[GateReport, int, float], bool]
    promised: float
    rules: GateRules = field(default_factory=GateRules)


def promotes(report: GateReport) -> bool:
    return report.decision is Decision.PROMOTE


def rejects(report: GateReport, n: int, flip: float) -> bool:
    return report.decision is Decision.REJECT


REPAIR_ONLY = GateRules(protect=(Split.REPAIR,))
SCENARIOS = (
    Scenario("every anchor kept: rejected", lambda n, flip, rng: anchors(n, rng, 0), rejects, 0.05),
    Scenario(
        "one protected anchor lost: promoted",
        lambda n, flip, rng: one_lost(n),
        lambda report, n, flip: promotes(report) and "T/0" in report.protected,
        0.05,
    ),
    Scenario(
        "anchors lost at the rate claimed: promoted, claiming less",
        lambda n, flip, rng: anchors(n, rng, claimed_anchor_loss(n, flip)),
        lambda report, n, flip: promotes(report) and report.anchors.bound <= claimed_anchor_loss(n, flip),
        0.05,
    ),
    Scenario(
        "held-out rate unchanged: rejected",
        lambda n, flip, rng: held_out(n, rng, net_loss=0),
        rejects,
        0.025,
        REPAIR_ONLY,
    ),
    Scenario(
        "held-out rate down by what is claimed: promoted",
        lambda n, flip, rng: held_out(n, rng, net_loss=min(claimed_held_out_loss(n), 0.5 - CHURN)),
        lambda report, n, flip: promotes(report),
        0.025,
        REPAIR_ONLY,
    ),
)


def decide(truth: Truth, flip: float, rules: GateRules, rng: random.Random) -> GateReport:
    """One whole gate."""
    tasks = {f"T/{i}": facts for i, facts in enumerate([*truth, *[(Split.REPAIR, False, True)] * REPAIRED])}

    def measure(side: int, ids: Collection[str]) -> Sheet:
        entries = {
            task_id: SheetEntry(
                task_id,
                task_id,
                PASS if tasks[task_id][side] is not (rng.random() < flip) else FAIL,
                "s",
                tasks[task_id][0],
            )
            for task_id in tasks  # in one order whatever set they come from, so that a seed is a result
            if task_id in ids
        }
        return Sheet(str(side), str(side), {}, entries)

    sides = [[measure(1, tasks)], [measure(2, tasks)]]
    while any(again := due(*sides, rules)):
        for side, ids in enumerate(again):
            if ids:
                sides[side].append(measure(side + 1, ids))
    return gate(*sides, rules)


def calibrate(
    decisions: int, sizes: tuple[int, ...] = SIZES, flips: tuple[float, ...] = FLIPS, *, seed: int = 0
) -> list:
    rows = []
    for scenario in SCENARIOS:
        for n in sizes:
            for flip in flips:
                rng = random.Random(f"{seed} {scenario.name} {n} {flip}")
                made = [decide(scenario.truth(n, flip, rng), flip, scenario.rules, rng) for _ in range(decisions)]
                counts = Counter(report.decision for report in made)
                rows.append(
                    {
                        "truth": scenario.name,
                        "n": n,
                        "flip": flip,
                        **{decision.value: counts[decision] / decisions for decision in Decision},
                        "wrong": sum(scenario.wrong(report, n, flip) for report in made) / decisions,
                        "promised": scenario.promised,
                        "runs": sum(report.repeats for report in made) / decisions,
                    }
                )
    return rows


def within(row: dict, decisions: int) -> bool:
    """Whether the wrong rate is within the promise, as far as so many decisions can tell (three standard errors)."""
    return row["wrong"] <= row["promised"] + 3 * sqrt(row["promised"] * (1 - row["promised"]) / decisions)


def table(rows: list) -> str:
    lines = [
        "| the truth, and what would be wrong | n | flip rate | promote | hold | reject | wrong | promised at most |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r['truth']} | {r['n']} | {r['flip']:.0%} | {r['promote']:.1%} | {r['hold']:.1%} | {r['reject']:.1%} | "
        f"**{r['wrong']:.2%}** | {r['promised']:.1%} |"
        for r in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=2000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = calibrate(options.decisions)
    print(table(found))
    outside = [row for row in found if not within(row, options.decisions)]
    print(f"\n{len(found)} cells of {options.decisions} decisions; outside the promise: {len(outside)}")
    for row in outside:
        print(row)
    if options.out:
        text = json.dumps({"decisions": options.decisions, "cells": found}, indent=1)
        options.out.write_text(text + "\n")
