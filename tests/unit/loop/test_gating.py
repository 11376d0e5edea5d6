"""Repeated measurements and looks, over a whole scripted repair."""

import pytest
from fakes import FakeFoundry, FakeJudge

from suture.core.errors import ExitCode, StaleEvidence
from suture.core.gate.gate_report import Decision
from suture.core.measure.verdict import Outcome, Reason, Verdict


class MoodyJudge(FakeJudge):
    """Changes its mind about some right programs: ``moods`` are its verdicts on a task's right answers, in order."""

    def __init__(self, moods: dict[str, str]) -> None:
        super().__init__()
        self.moods = {task_id: list(letters) for task_id, letters in moods.items()}

    def _verdict(self, task, program):
        verdict = super()._verdict(task, program)
        left = self.moods.get(task.id)
        if verdict.passed and left and left.pop(0) == "f":
            return Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG)
        return verdict


def splits(shop, held_out="6-9", repair="0-5"):
    parts = {"repair": [f"{shop.suite}:{repair}"]} | ({"holdout": [f"{shop.suite}:{held_out}"]} if held_out else {})
    return {"suites": [], "splits": parts}


def test_what_disagrees_is_measured_again_on_both_sides(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}))
    assert healed.decision is Decision.PROMOTE
    assert healed.report.runs["ten/5"] == ("passed 0 of 2", "passed 2 of 2")
    assert healed.report.runs["ten/1"] == ("passed 2 of 2", "passed 1 of 1")
    assert "ten/9" not in healed.report.runs  # in no batch with an anchor or a disagreement
    assert (healed.report.noise.flips, healed.report.noise.pairs) == (0, 6)


def test_a_repair_that_flickers_once_is_a_repair(shop):
    shop.judge_with(MoodyJudge({"ten/5": "pfp"}))
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}))
    assert healed.decision is Decision.PROMOTE
    assert healed.report.flaky == ("ten/5",)
    assert healed.report.runs["ten/5"] == ("passed 0 of 2", "passed 2 of 3")


def test_a_repair_that_mostly_fails_is_none(shop):
    shop.judge_with(MoodyJudge({"ten/5": "pff"}))
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}))
    assert healed.decision is Decision.HOLD
    assert healed.report.repaired == ()


def test_an_anchor_that_fails_its_second_run_is_not_protected(shop):
    shop.judge_with(MoodyJudge({"ten/1": "pf"}))
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={1}), gate={"alpha": 0.9})
    assert healed.report.protected == ("ten/2",)
    assert healed.report.flaky == ("ten/1",)
    assert healed.report.noise.flips == 1
    assert healed.decision is Decision.PROMOTE


def test_once_is_enough_where_the_recipe_says_so(shop):
    once = {"baseline_runs": 1, "repeats": 1, "max_repeats": 1}
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}), gate=once)
    assert healed.decision is Decision.PROMOTE
    assert (healed.report.runs, healed.report.noise) == ({}, None)
    assert not healed.paths.repeat("baseline", 1).exists()


def test_repeats_are_kept_and_not_made_twice(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={5}))
    assert healed.paths.repeat("baseline", 1).exists()
    judged = shop.workshop.judge.judged
    healed.paths.repeat("candidate", 1).unlink()
    again = shop.heal(FakeFoundry(knows={1}, learns={5}))
    assert again.report == healed.report
    assert shop.workshop.judge.judged - judged in (0, 3)  # asked before: read from the ledger, at most judged again


def test_another_run_measures_its_own_repeats(shop):
    shop.heal(FakeFoundry(knows={1}, learns={2}), name="first")
    asked = []
    open_engine = shop.workshop.engines.open
    shop.workshop.engines.open = lambda choice, pack: asked.append(pack) or open_engine(choice, pack)
    second = shop.heal(FakeFoundry(knows={1}, learns={3}), name="second")
    assert len(asked) == 3  # the candidate, and a repeat of each side; the baseline's first run is the ledger's
    assert second.report.noise.pairs == 6


def test_every_candidate_ever_shown_is_counted_refused_ones_too(shop):
    first = shop.heal(FakeFoundry(knows={1, 8}, learns={2}, forgets={1}), **splits(shop))
    assert first.decision is Decision.REJECT
    second = shop.heal(FakeFoundry(knows={1, 8}, learns={2}), name="second", **splits(shop))
    assert [healed.report.look.number for healed in (first, second)] == [1, 2]
    assert [healed.report.look.alpha for healed in (first, second)] == pytest.approx([0.025, 0.05 / 6])
    assert [trial.model for trial in shop.workshop.store.ledger.trials()] == ["m", "m"]
    again = shop.heal(FakeFoundry(knows={1, 8}, learns={2}), name="second", **splits(shop))
    assert again.report == second.report
    assert len(shop.workshop.store.ledger.trials()) == 2


def test_a_look_is_paid_for_before_it_is_made(shop):
    healing = shop.healing(FakeFoundry(knows={1}, learns={2}), **splits(shop))
    healing._measure_again = None  # stops the run after the candidate was shown
    with pytest.raises(TypeError):
        healing.heal()
    assert len(shop.workshop.store.ledger.trials()) == 1


@pytest.mark.parametrize(("held_out", "says"), [("8-9", "another set"), (None, "it is none")])
def test_a_changed_held_out_set_is_refused(shop, held_out, says):
    shop.heal(FakeFoundry(knows={1}, learns={2}), **splits(shop))
    changed = splits(shop, held_out, "0-5" if held_out else "0-9")
    with pytest.raises(StaleEvidence, match=says) as refused:
        shop.heal(FakeFoundry(knows={1}, learns={3}), name="second", **changed)
    assert refused.value.exit_code is ExitCode.STALE
    fresh = shop.heal(FakeFoundry(knows={1}, learns={2}), name="second", gate={"fresh_holdout": True}, **changed)
    assert (fresh.report.look is None) == (held_out is None)


def test_a_finished_run_is_told_again_after_the_set_changed(shop):
    first = shop.heal(FakeFoundry(knows={1}, learns={2}), **splits(shop))
    others = splits(shop, "8-9")
    shop.heal(FakeFoundry(knows={1}, learns={2}), name="second", gate={"fresh_holdout": True}, **others)
    assert shop.heal(FakeFoundry(knows={1}, learns={2}), **splits(shop)).report == first.report


def test_a_used_up_set_holds(shop):
    shop.heal(FakeFoundry(knows={1}, learns={2}), gate={"looks": 1}, **splits(shop))
    second = shop.heal(FakeFoundry(knows={1}, learns={2, 3}), name="second", gate={"looks": 1}, **splits(shop))
    assert second.report.decision is Decision.HOLD
    assert "look 2 at these held-out tasks; the rules allow 1" in second.report.reasons


def test_a_report_against_an_earlier_champion_is_stale(shop):
    first = shop.healing(FakeFoundry(knows={1}, learns={2}))
    healed = first.heal()
    second = shop.heal(FakeFoundry(knows={1}, learns={3}), name="second")  # held: its baseline is the champion no more
    with pytest.raises(StaleEvidence, match="was gated against"):
        first.registry.promote("m", second.paths.pack, second.report, why="a test")
    assert champion_of(shop) == healed.report.candidate_pack


def champion_of(shop):
    return shop.healing(FakeFoundry(knows={1}, learns={2})).registry.pack("m")
