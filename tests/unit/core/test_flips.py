"""Flips counted, stored with a scoreboard, and what the gate makes of them."""

from dataclasses import dataclass, replace

import pytest
from sheets import VERDICTS, both_sides

from suture.core.gate.decision import gate
from suture.core.gate.repeats import Noise, noise_of, rounding_of
from suture.core.gate.rules import GateRules
from suture.core.measure.flips import PINNED, Flips, count_flips
from suture.report.evidence import evidence_lines

ONCE = GateRules(baseline_runs=1, repeats=1, max_repeats=1)


@dataclass
class Said:
    text: str
    letter: str

    @property
    def verdict(self):
        return VERDICTS[self.letter]


def test_answers_and_outcomes_are_counted_over_what_both_hold():
    first = {"a": Said("1", "p"), "b": Said("2", "f"), "c": Said("3", "p"), "d": Said("4", "x"), "gone": Said("", "p")}
    other = {"a": Said("1", "p"), "b": Said("!", "s"), "c": Said("!", "f"), "d": Said("4", "p"), "new": Said("", "p")}
    assert count_flips("alone", first, other) == Flips(condition="alone", tasks=4, outputs=2, verdicts=("c", "d"))


def with_flips(*counts, tasks=("r p p", "r p f", "r f p")):
    before, after = both_sides(tasks)
    flips = tuple(Flips(condition=name, tasks=3, outputs=3, verdicts=ids) for name, ids in counts)
    return [replace(before[0], flips=flips), *before[1:]], after


def test_rounding_is_what_flips_in_other_batches():
    before, _ = with_flips((PINNED, ("T/0",)), ("alone", ("T/1",)), ("reversed", ()))
    assert rounding_of(before) == Noise(flips=1, pairs=6, rounding=True)
    again = replace(before[0], flips=(Flips(condition="alone", tasks=3, outputs=3, verdicts=("T/0", "T/1")),))
    assert rounding_of([*before, again]) == rounding_of(before), "of the first measurement alone"
    assert rounding_of(with_flips((PINNED, ("T/0",)))[0]) is None
    assert rounding_of(with_flips()[0]) is None


def test_it_stands_for_the_noise_only_where_nothing_was_measured_twice():
    counts = ("alone", ("T/1",))
    assert noise_of(with_flips(counts)[0]) == Noise(flips=1, pairs=3, rounding=True)
    assert noise_of(with_flips(counts, tasks=("r pp p", "r p f", "r f p"))[0]) == Noise(flips=0, pairs=1)


@pytest.mark.parametrize("counts", [(), (("alone", ("T/1",)),)])
def test_no_decision_gets_better_by_it(counts):
    before, after = with_flips(*counts)
    assert gate(before, after, ONCE).decision == "reject"


def test_a_report_names_the_changed_tasks_that_flip_by_themselves():
    report = gate(*with_flips(("alone", ("T/0", "T/1"))), ONCE)
    assert report.fragile == ("T/1",)
    said = "\n".join(evidence_lines(report))
    assert "rounding: 2 of 3 verdicts of the baseline change in other batches or another order" in said
    assert "among the changed tasks: T/1" in said
    assert "the baseline was measured once" in said


def test_a_report_without_flips_says_nothing_of_them():
    report = gate(*with_flips(), ONCE)
    assert "rounding" not in report.to_json()
    assert not any(line.startswith("rounding") for line in evidence_lines(report))
