"""Each rule of the gate, by example. The laws are in test_gate_laws."""

from dataclasses import replace

import pytest
from pydantic import ValidationError
from sheets import both_sides

from suture.core.errors import ExitCode, StaleEvidence
from suture.core.gate.certificates import at_most
from suture.core.gate.decision import gate
from suture.core.gate.gate_report import Decision, GateReport
from suture.core.gate.looks import Look
from suture.core.gate.losses import losses_of
from suture.core.gate.planning import losses_allowed
from suture.core.gate.policies import Asked, CountLooks, GatePolicy, rules_of
from suture.core.gate.repeats import Noise, due
from suture.core.gate.rules import GateRules
from suture.core.measure.attempt import ENGINE_FACTS, EngineIdentity
from suture.core.measure.sheet import sheet_of
from suture.core.measure.splits import Split
from suture.report.verdict import verdict_line

ONCE = {"baseline_runs": 1, "repeats": 1, "max_repeats": 1}
"""Rules for sides measured once."""


def decide(*tasks, look=None, **rules):
    return gate(*both_sides(tasks), GateRules(**rules), look)


def once(*tasks, look=None, **rules):
    return decide(*tasks, look=look, **{**ONCE, **rules})


def is_held(report, reason, settles=""):
    assert report.decision is Decision.HOLD
    assert reason in report.reasons[0]
    assert settles in report.settles[0]
    assert len(report.reasons) == len(report.settles)
    return True


def test_anchors_kept_and_a_repair_promote():
    report = once("r p p", "r f p", "r f f")
    assert report.decision is Decision.PROMOTE
    assert report.reasons == ("all 1 protected anchors kept and 1 tasks repaired",)
    assert report.settles == ()


def test_a_report_names_the_kinds_of_its_tasks_and_old_ones_do_not():
    sides = both_sides(("r p p", "r f p", "r p p"))
    kinds = ["python", "tool-calls", "python"]
    said = [[replace(sheet, entries=_of_kinds(sheet.entries, kinds)) for sheet in side] for side in sides]
    report = gate(*said, GateRules(**ONCE))
    assert report.kinds == ("python", "tool-calls")
    old = GateReport.model_validate({name: value for name, value in report.to_json().items() if name != "kinds"})
    assert old.kinds == () and "kinds" not in old.to_json()


def _of_kinds(entries, kinds):
    return {name: replace(entry, kind=kind) for (name, entry), kind in zip(entries.items(), kinds, strict=True)}


def test_reasons_are_whole_sentences():
    assert once("r p f", "r p f").reasons == ("2 of 2 protected anchors lost: T/0, T/1",)
    held = once("r f x", "r f x", min_repaired=1, require_gain=True)
    assert held.reasons == (
        "2 tasks have no verdict (judge or engine fault): T/0, T/1",
        "the baseline passes nothing, so there is no anchor to protect",
        "0 tasks repaired outside the held-out split; the rules ask for 1",
        "the rules ask for a held-out gain, and no task is held out",
    )
    assert held.settles == (
        "measure them again: a fault is no answer",
        "tasks that the baseline can do",
        "another repair: more failures, or other training settings",
        "tasks in split holdout",
    )


def test_one_lost_anchor_rejects_whatever_was_gained():
    report = once("r p f", "r p p", *["r f p"] * 20)
    assert report.decision is Decision.REJECT
    assert report.reasons == ("1 of 2 protected anchors lost: T/0",)
    assert (report.lost, report.kept) == (("T/0",), ("T/1",))
    assert report.settles == ()


def test_losses_of_form_are_told_apart():
    report = once("r p f", "r p t", "r p s", "r f s")
    assert report.lost == ("T/0", "T/1", "T/2")
    assert report.lost_format == ("T/1", "T/2")


def test_a_fault_holds_and_is_named():
    assert is_held(once("r p p", "r f p", "r f x"), "1 tasks have no verdict (judge or engine fault): T/2", "again")
    assert is_held(once("r p p", "r f p", "r x f"), "1 tasks have no verdict")


def test_a_loss_beside_a_fault_still_rejects():
    assert once("r p f", "r f x").decision is Decision.REJECT


def test_nothing_to_protect_holds():
    assert is_held(once("r f p"), "no anchor to protect", "tasks that the baseline can do")


@pytest.mark.parametrize(("least", "decision"), [(0, "promote"), (1, "promote"), (2, "hold")])
def test_repairs_asked_for(least, decision):
    report = once("r p p", "r f p", min_repaired=least)
    assert report.decision == decision
    assert ("1 tasks repaired outside the held-out split; the rules ask for 2" in report.reasons) == (least == 2)


def test_held_out_repairs_do_not_count():
    assert is_held(once("r p p", "h f p"), "0 tasks repaired outside the held-out split; the rules ask for 1")
    assert once("r p p", "h f p", "d f p").decision is Decision.PROMOTE


# Protection and repeats


def test_an_anchor_has_passed_every_run_of_the_baseline():
    report = decide("r pp p", "r pfp p", "r fp p", "r pp pf", "r fff pp")
    assert report.protected == ("T/0", "T/3")
    assert report.flaky == ("T/1", "T/2", "T/3")


def test_an_anchor_measured_too_seldom_holds():
    report = decide("r p p", "r pp p", "r ff pp")
    assert is_held(report, "1 tasks passed every time were measured fewer than 2 times", "2 of 2 runs")
    assert report.protected == ("T/0", "T/1")


def test_an_anchor_measured_too_seldom_is_still_not_to_be_lost():
    assert decide("r p fff").decision is Decision.HOLD  # no majority of three yet
    assert decide("r p fff", repeats=1, max_repeats=1).decision is Decision.REJECT


def test_splits_that_are_not_protected():
    report = once("r p p", "d p f", "r f p", protect=(Split.REPAIR,))
    assert report.decision is Decision.PROMOTE
    assert (report.lost, report.slipped) == ((), ("T/1",))
    assert once("r p p", "d p f", "r f p", protect=(Split.REPAIR, Split.DEV)).decision is Decision.REJECT


def test_a_task_without_a_split_is_protected_unless_nothing_is():
    assert once("- p f", "- f p").decision is Decision.REJECT
    assert once("- p f", "- f p", protect=(Split.DEV,)).decision is Decision.REJECT
    assert once("- p f", "- f p", protect=()).decision is Decision.HOLD
    assert once("- p f", *["- f p"] * 9, protect=()).decision is Decision.PROMOTE  # 9 gained make good for 1 lost
    assert once("- p p", "- f p", protect=()).reasons == ("no anchor was to be protected and 1 tasks repaired",)


def test_unproved_anchors_outside_the_protected_splits_hold_nothing():
    tasks = ["r pp p", "d p p", "r ff pp"]
    assert decide(*tasks, protect=(Split.REPAIR,)).decision is Decision.PROMOTE
    assert decide(*tasks).decision is Decision.HOLD


def test_the_majority_decides():
    assert decide("r pp fpp", "r ff pp").decision is Decision.PROMOTE
    assert decide("r pp fpf", "r ff pp").lost == ("T/0",)
    assert decide("r pp pp", "r ff pfp").repaired == ("T/1",)
    assert decide("r pp pp", "r ff pff").repaired == ()


def test_a_disagreement_without_a_majority_holds():
    report = decide("r pp f", "r ff pp")
    assert is_held(report, "1 tasks differ between runs and have no majority yet: T/0", "a disagreement takes 3 runs")
    assert report.unsettled == ("T/0",)
    assert decide("r pp p", "r ff pp", "r f p").unsettled == ("T/2",)


def test_an_even_split_holds():
    report = once("r p pf", "r f p")
    assert report.unsettled == ("T/0",)
    assert report.rows[0].after.faulted == 1  # scores neither way


def test_runs_of_what_was_measured_again_are_told():
    report = decide("r pp fpp", "r ff pp", "r f f")
    assert report.runs == {"T/0": ("passed 2 of 2", "passed 2 of 3"), "T/1": ("passed 0 of 2", "passed 2 of 2")}
    assert report.repeated == ("old run 1", "new run 1", "new run 2")
    assert decide("r p pff").runs == {"T/0": ("passed 1 of 1", "passed 1 of 3")}


def test_a_noisy_champion_takes_two_runs_to_keep_an_anchor():
    noisy = ["r pfp pp", "r ff pp"]
    assert decide(*["r pp p"] * 50, "r ff pp").decision is Decision.PROMOTE
    seldom = decide(*["r pp p"] * 49, *noisy)
    assert is_held(seldom, "49 tasks passed every time were measured fewer than 2 times", "measure both sides again")
    assert decide(*["r pp pp"] * 49, *noisy).decision is Decision.PROMOTE


def test_a_noisy_champion_takes_more_repeats():
    calm = decide(*["r pp p"] * 30, "r ff pp")
    noisy = decide(*["r pp p"] * 27, *["r pfp pp"] * 3, "r ff pp")
    assert (calm.repeats, calm.noise) == (3, Noise(flips=0, pairs=31))
    assert (noisy.repeats, noisy.noise) == (5, Noise(flips=3, pairs=31))
    assert is_held(
        noisy, "4 tasks differ between runs and have no majority yet: T/27, T/28, T/29, T/30", "takes 5 runs"
    )


# Anchors


def test_too_few_anchors_are_said_and_promote():
    report = once(*["r p p"] * 19, "r f p")
    assert report.decision is Decision.PROMOTE
    assert (report.anchors.anchors, report.anchors.needed, report.anchors.certified) == (19, 59, False)
    assert report.anchors.bound == pytest.approx(0.1459, abs=1e-4)
    assert "59 anchors with no loss certify 5.0%; you have 19" in report.anchors.says


def test_too_few_anchors_hold_where_the_rules_say_so():
    report = once(*["r p p"] * 19, "r f p", certify=True)
    assert is_held(report, "19 anchors are too few to promise a loss rate of 5.0%", "59 anchors with no loss")
    assert once(*["r p p"] * 58, "r f p", certify=True).decision is Decision.HOLD
    enough = once(*["r p p"] * 59, "r f p", certify=True)
    assert enough.decision is Decision.PROMOTE
    assert "promised: 5.0%" in enough.anchors.says
    assert once("r p p", "r f p", certify=True, protect=()).decision is Decision.PROMOTE


# Held-out tasks

DONE = ["r p p", "r f p"]
"""An anchor kept and a task repaired."""


def test_nothing_held_out_is_no_test():
    report = once(*DONE)
    assert (report.holdout, report.look) == (None, None)


def test_a_loss_that_cannot_be_chance_rejects():
    unprotected = {"protect": (Split.REPAIR,)}
    report = once(*DONE, *["h p f"] * 6, **unprotected)
    assert report.decision is Decision.REJECT
    assert report.reasons == (
        "significant held-out loss: 6 lost and 0 gained of 6 (exact McNemar p = 0.0156; this look's alpha is 0.025)",
    )
    assert once(*DONE, *["h p f"] * 5, **unprotected).decision is Decision.HOLD  # p = 1/32
    assert once(*DONE, *["h p f"] * 6, "h f p", **unprotected).decision is Decision.HOLD
    look = Look(holdout="h", number=2, alpha=0.05 / 6, left=0.05 / 3)
    assert once(*DONE, *["h p f"] * 6, look=look, **unprotected).decision is Decision.HOLD


def test_a_held_out_task_without_a_verdict_may_have_been_a_gain():
    unprotected = {"protect": (Split.REPAIR,)}
    assert once(*DONE, *["h p f"] * 6, "h f x", **unprotected).decision is Decision.HOLD
    assert once(*DONE, *["h p f"] * 6, "r f x", **unprotected).decision is Decision.REJECT
    assert decide("r pp p", "r ff pp", *["h pp ff"] * 6, "h ff p", **unprotected).decision is Decision.HOLD


def test_too_few_held_out_tasks_are_said_and_promote():
    report = once(*DONE, *["h f f"] * 41)
    assert report.decision is Decision.PROMOTE
    assert (report.holdout.tasks, report.holdout.needed) == (41, 86)
    assert report.holdout.bound == report.holdout.achievable == pytest.approx(0.1013, abs=1e-4)
    assert "86 held-out tasks with no loss certify 5.0% at this look; you have 41" in report.holdout.says
    strict = once(*["r p p"] * 59, "r f p", *["h f f"] * 41, certify=True)
    assert is_held(strict, "may have fallen by 10.2%; the margin is 5.0%", "86 held-out tasks")


def test_a_loss_that_few_held_out_tasks_cannot_rule_out_holds():
    report = once(*DONE, *["h f f"] * 40, "h p f", protect=(Split.REPAIR,))
    assert is_held(report, "the held-out pass rate may have fallen by 14.6%", "86 held-out tasks")


def test_enough_held_out_tasks_carry_some_losses():
    tasks = [*DONE, *["h p p"] * 498, "h p f", "h p f"]
    report = once(*tasks, protect=(Split.REPAIR,), certify=False)
    assert report.decision is Decision.PROMOTE
    assert report.holdout.certified
    assert "margin: 5.0%" in report.holdout.says
    assert once(*tasks, protect=(Split.REPAIR,), holdout_margin=0.01).decision is Decision.HOLD


def test_without_splits_every_task_is_tested():
    report = once("- p p", "- f p")
    assert report.holdout.tasks == 2
    assert report.look.number == 1
    assert once("h p p", "r f p", "- p p").holdout.tasks == 1


def test_a_gain_where_the_rules_ask_for_one():
    assert once(*DONE, *["h f p"] * 6, require_gain=True).decision is Decision.PROMOTE
    report = once(*DONE, *["h f p"] * 5, require_gain=True)
    assert is_held(report, "no significant held-out gain: 5 gained and 0 lost (exact McNemar p = 0.0312", "6 gained")
    assert is_held(once(*DONE, require_gain=True), "no task is held out", "tasks in split holdout")
    assert report.holdout.gain_mid_p == pytest.approx(1 / 64)


@pytest.mark.parametrize(("number", "decision"), [(20, "promote"), (21, "hold")])
def test_a_held_out_set_is_used_up(number, decision):
    look = Look(holdout="h", number=number, alpha=0.01, left=0.01)
    report = once(*DONE, "h p p", look=look)
    assert report.decision == decision
    assert report.look == look
    if decision == "hold":
        assert is_held(report, "look 21 at these held-out tasks; the rules allow 20")
        assert report.settles == ("fresh held-out tasks, and gate: {fresh_holdout: true}",)


# What may be compared, and what is said


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"instrument": {"suite": "other"}}, "differ in their suite"),
        ({"instrument": {"suite": "s", "judge": "j"}}, "differ in their judge"),
        ({"entries": {}}, "differ in their tasks .* T/0 is missing"),
    ],
)
def test_what_was_measured_otherwise_is_not_decided_on(changes, says):
    with pytest.raises(StaleEvidence, match=says) as refused:
        gate(*both_sides(["r p p"], **changes))
    assert refused.value.exit_code is ExitCode.STALE


INTEL = "GenuineIntel family 6: avx avx2 avx512f"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"processor": INTEL}, f"processor (AuthenticAMD family 25: avx avx2 and {INTEL})"),
        ({"processor": None}, "processor (AuthenticAMD family 25: avx avx2 and not noted)"),
        ({"batch": 8}, "batch (4 and 8)"),
        ({"threads": 2}, "threads (1 and 2)"),
        ({"version": "2"}, "engine version (1 and 2)"),
        ({"name": "other"}, "engine (scripted and other)"),
        ({"device": "cuda: NVIDIA H100"}, "device (not noted and cuda: NVIDIA H100)"),
        ({"prefix_cache": True}, "prefix cache (not noted and True)"),
    ],
)
def test_what_another_engine_or_processor_answered_is_not_decided_on(board, change, says):
    amd = "AuthenticAMD family 25: avx avx2"
    engine = EngineIdentity(name="scripted", version="1", threads=1, batch=4, processor=amd)
    before = board(["pass"], engine=engine)
    after = board(["pass"], pack="q", engine=engine.model_copy(update=change))
    with pytest.raises(StaleEvidence) as refused:
        gate([sheet_of(before)], [sheet_of(after)])
    assert str(refused.value) == f"the two scoreboards differ in their {says} and cannot be compared"
    assert "measure both" in refused.value.mend


def test_every_field_of_an_engine_s_identity_is_a_part_of_the_instrument():
    assert set(ENGINE_FACTS.values()) == set(EngineIdentity.model_fields)


def test_a_task_that_asks_something_else_is_not_compared():
    before, _ = both_sides(["r p p"])
    _, after = both_sides(["r p p", "r p p"])
    moved = {"T/0": after[0].entries["T/1"]}
    with pytest.raises(StaleEvidence, match="T/0 asks something else"):
        gate(*both_sides(["r p p"], entries=moved))
    with pytest.raises(StaleEvidence, match="T/1 is missing"):
        gate(before, after)


def test_a_further_run_with_another_instrument_is_not_used():
    before, after = both_sides(["r pp p", "r ff pp"])
    before[1] = type(before[1])(**{**vars(before[1]), "instrument": {"suite": "other"}})
    with pytest.raises(StaleEvidence, match="suite"):
        gate(before, after)


def test_the_table_has_each_suite_and_its_splits():
    report = once("r p p", "h f p", "h f f")
    table = [(r.suite, r.split, r.before.passed, r.after.passed, r.delta, r.after.total) for r in report.rows]
    assert table == [("s", "all", 1, 2, 1, 3), ("s", "repair", 1, 1, 0, 1), ("s", "holdout", 0, 1, 1, 2)]


def test_the_table_of_tags():
    report = once("r p p", "r p f", "r f p", "r f f", "r x p", "r x x")
    table = [(r.tag, r.tasks, r.before, r.after, r.lost, r.gained) for r in report.tags]
    assert table == [("even", 3, 1, 3, 0, 1), ("odd", 3, 1, 0, 1, 0)]


def test_the_report_names_what_it_compared():
    report = once("r p p")
    assert (report.baseline_pack, report.candidate_pack) == ("old", "new")
    assert (report.baseline, report.candidate) == ("old run 0", "new run 0")


def test_a_report_cannot_promote_against_its_own_lists():
    promoted = once("r p p", "r f p").to_json()
    for name in ("lost", "faulted", "unsettled"):
        with pytest.raises(ValueError, match="nothing lost"):
            GateReport.model_validate({**promoted, name: ("T/0",)})


def test_a_report_of_the_first_schema_can_be_read():
    first = ["decision", "reasons", "baseline_pack", "candidate_pack", "baseline", "candidate", "protected", "kept"]
    first += ["lost", "lost_format", "repaired", "faulted", "rows"]
    old = {name: value for name, value in once("r p p", "r f p").to_json().items() if name in first}
    assert GateReport.model_validate({**old, "schema_version": 1}).decision is Decision.PROMOTE


@pytest.mark.parametrize("rules", [{"repeats": 2}, {"max_repeats": 4}, {"repeats": 5, "max_repeats": 3}])
def test_repeats_have_a_majority(rules):
    with pytest.raises(ValueError, match="repeats"):
        GateRules(**rules)


def drawn(*words):
    """Draws of the baseline, one letter each, of the tasks at these places."""
    return both_sides([f"r {word} p" for word in words])[0]


def with_draws(tasks, sheets, **rules):
    return gate(*both_sides(tasks), GateRules(**{**ONCE, "draws": 3, **rules}), draws=sheets)


def test_a_pass_that_a_draw_undoes_is_luck_and_not_protected():
    report = with_draws(["r p f", "r p p", "r f p"], drawn("pfp", "ppp"))
    assert report.decision is Decision.PROMOTE
    assert (report.lucky, report.slipped, report.protected) == (("T/0",), ("T/0",), ("T/1",))
    assert set(report.repeated) == {sheet.digest for sheet in drawn("ppp")}


def test_a_pass_that_every_draw_repeats_is_protected():
    report = with_draws(["r p f", "r p p", "r f p"], drawn("ppp", "ppp"))
    assert (report.decision, report.lost, report.lucky) == (Decision.REJECT, ("T/0",), ())


@pytest.mark.parametrize("draws", [("pp", "ppp"), ("pxp", "ppp"), ("p", "ppp")])
def test_too_few_draws_hold(draws):
    report = with_draws(["r p p", "r p p", "r f p"], drawn(*draws))
    assert report.decision is Decision.HOLD
    assert report.reasons == ("1 tasks that passed have fewer than 3 draws with a verdict",)
    assert report.settles == ("draw them again: `suture heal` does, and `suture gate` takes draws with --drawn",)


def test_only_the_draws_that_were_asked_for_count():
    assert with_draws(["r p p", "r f p"], drawn("pppf")).lucky == ()
    assert is_held(with_draws(["r p p", "r f p"], drawn("xppp")), "1 tasks that passed have fewer than 3 draws")


def test_what_is_not_protected_needs_no_draws():
    report = with_draws(["r p p", "d p f", "r f p"], drawn("ppp"), protect=(Split.REPAIR,))
    assert (report.decision, report.slipped, report.lucky) == (Decision.PROMOTE, ("T/1",), ())


def test_a_task_that_was_never_drawn_has_no_draw():
    held = with_draws(["r p p", "r p p", "r f p"], drawn("p"), draws=1)
    assert is_held(held, "1 tasks that passed have fewer than 1 draws")


def test_one_failed_draw_is_enough_to_know():
    report = with_draws(["r p p", "r p p", "r f p"], drawn("xf", "ppp"))
    assert (report.decision, report.lucky) == (Decision.PROMOTE, ("T/0",))


def test_draws_nobody_asked_for_change_nothing():
    report = gate(*both_sides(["r p f"]), GateRules(**ONCE), draws=drawn("fff"))
    assert (report.lost, report.lucky) == (("T/0",), ())


def test_a_pass_that_says_nothing_is_not_protected():
    report = once("r v f", "r v p", "r p p", "r f p")
    assert report.decision is Decision.PROMOTE
    assert (report.protected, report.lucky, report.slipped) == (("T/2",), ("T/0", "T/1"), ("T/0",))


def test_a_pass_that_says_nothing_needs_no_second_run():
    report = decide("r v f", "r pp pp", "r f p", repeats=1)
    assert report.decision is Decision.PROMOTE
    baseline, candidate = both_sides(["r v p", "r p p", "r f f"])
    assert due(baseline, candidate, GateRules(repeats=1)) == ({"T/1"}, frozenset())


def test_a_candidate_that_says_nothing_repairs_nothing():
    report = once("r p p", "r f v", "r f p")
    assert report.repaired == ("T/2",)
    assert once("r p v", "r f p").kept == ("T/0",)


def test_what_was_not_noted_once_is_no_difference():
    before, after = both_sides(["r p p", "r f p"])
    noted = {
        name: replace(after[0], instrument={**after[0].instrument, "tools": name}) for name in ("chat", "template")
    }
    assert gate(before, [noted["chat"]], GateRules(**ONCE)).decision is Decision.PROMOTE
    with pytest.raises(StaleEvidence, match="differ in their tools"):
        gate([noted["template"]], [noted["chat"]], GateRules(**ONCE))


BUDGET = {"loss_budget": 0.05, "min_repaired": 0}


def anchors(kept, lost, *more):
    return [*["r p p"] * kept, *["r p f"] * lost, *more]


@pytest.mark.parametrize(("kept", "lost"), [(186, 4), (258, 7)])
def test_what_a_budget_certifies_is_let_through_and_named(kept, lost):
    report = once(*anchors(kept, lost), **BUDGET)
    assert report.decision is Decision.PROMOTE
    assert len(report.lost) == lost
    assert f"{lost} of {kept + lost} protected anchors lost ({', '.join(report.lost)})" in report.reasons[0]
    assert f"the loss rate is at most {at_most(report.anchors.bound)}, within the budget of 5.0%" in report.reasons[0]
    assert not any(loss.counts for loss in losses_of(report))


@pytest.mark.parametrize(("kept", "lost"), [(185, 5), (257, 8), (57, 1), (0, 1)])
def test_one_more_than_a_budget_certifies_rejects(kept, lost):
    report = once(*anchors(kept, lost), **BUDGET)
    assert report.decision is Decision.REJECT
    assert f"the loss rate may be {at_most(report.anchors.bound)}, over the budget of 5.0%" in report.reasons[0]
    assert all(loss.counts for loss in losses_of(report))


def test_what_a_budget_lets_through_is_not_called_nothing_lost():
    report = once(*anchors(186, 4), **BUDGET)
    asked = report.model_copy(update={"asked": Asked(policy=GatePolicy.NO_LOST, looks=CountLooks.COUNT)})
    for one in (report, asked):
        assert verdict_line(one).startswith(
            "suture: WITHIN BUDGET (4 of 190 that passed before are lost, at most 4.8% with 95% confidence; 5.0% are"
        )
    assert "NOTHING LOST" in verdict_line(once("r p p", "r f p", **BUDGET).model_copy(update={"asked": asked.asked}))


def test_a_budget_protects_what_it_is_a_budget_of():
    rules = rules_of(GatePolicy.NO_WORSE, GateRules(loss_budget=0.02))
    assert rules.protect == tuple(Split)
    assert rules_of(GatePolicy.NO_WORSE, GateRules()).protect == ()
    with pytest.raises(ValidationError, match="protect: none` protects none"):
        GateRules(loss_budget=0.05, protect="none")


def test_without_a_budget_the_same_loss_rejects():
    report = once(*anchors(186, 4), min_repaired=0)
    assert report.decision is Decision.REJECT
    assert report.reasons[0].startswith("4 of 190 protected anchors lost: T/186")
    assert "budget" not in report.anchors.to_json()


def test_a_budget_asks_for_nothing_where_nothing_is_lost():
    assert once("r p p", "r f p", **BUDGET).reasons == ("all 1 protected anchors kept and 1 tasks repaired",)


@pytest.mark.parametrize("fault", ["r x p", "r p x"])
def test_a_fault_that_pushes_a_loss_over_its_budget_holds(fault):
    assert once(*anchors(177, 4), **BUDGET).decision is Decision.PROMOTE
    assert once(*anchors(176, 4), **BUDGET).decision is Decision.REJECT
    assert once(*anchors(176, 4, fault), **BUDGET).decision is Decision.HOLD
    assert once(*anchors(175, 4, fault, fault), **BUDGET).decision is Decision.HOLD
    assert once(*anchors(175, 4, fault), **BUDGET).decision is Decision.REJECT


def test_a_bound_that_is_the_budget_is_let_through():
    bound = once(*anchors(10, 2), min_repaired=0).anchors.bound
    assert once(*anchors(10, 2), **{**BUDGET, "loss_budget": bound}).decision is Decision.PROMOTE
    assert once(*anchors(10, 2), **{**BUDGET, "loss_budget": bound - 1e-9}).decision is Decision.REJECT


def test_a_budget_does_not_excuse_a_held_out_loss():
    report = once(*anchors(186, 0), *["h p f"] * 4, **{**BUDGET, "loss_budget": 0.2, "alpha": 0.4})
    assert report.decision is Decision.REJECT
    assert report.reasons[0].startswith("significant held-out loss")


def test_a_report_cannot_promote_what_its_budget_does_not_certify():
    report = once(*anchors(186, 4), **BUDGET)
    bound = report.anchors.model_copy(update={"bound": 0.06})
    with pytest.raises(ValueError, match="beyond its budget"):
        GateReport.model_validate({**report.to_json(), "anchors": bound.to_json()})


def test_a_report_that_bounds_nothing_excuses_no_loss():
    report = once(*anchors(186, 4), **BUDGET)
    with pytest.raises(ValueError, match="beyond its budget"):
        GateReport.model_validate({**report.to_json(), "anchors": None})


@pytest.mark.parametrize(
    ("anchors", "budget", "allowed"), [(190, 0.05, 4), (265, 0.05, 7), (58, 0.05, 0), (400, 0.02, 3), (0, 0.05, 0)]
)
def test_how_many_may_be_lost(anchors, budget, allowed):
    assert losses_allowed(anchors, budget, 0.95) == allowed
