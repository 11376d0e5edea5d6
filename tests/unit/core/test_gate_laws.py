"""The gate's laws, over random cases with splits, repeats and faults."""

from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import beta
from sheets import both_sides

from suture.core.gate.decision import gate
from suture.core.gate.gate_report import Decision
from suture.core.gate.rules import GateRules
from suture.core.measure.splits import Split

RANK = {Decision.REJECT: 0, Decision.HOLD: 1, Decision.PROMOTE: 2}
RUNS = st.text("pf", min_size=1, max_size=4)
TASKS = st.lists(st.tuples(st.sampled_from("rdh"), RUNS, RUNS).map(list), min_size=1, max_size=14)
CALM = st.lists(
    st.tuples(st.sampled_from("rh"), st.sampled_from(["pp", "ff"]), st.sampled_from(["pp", "ff"])).map(list)
)
"""Tasks on which each side agrees with itself: where promotions and significant losses live."""
CASES = st.one_of(TASKS, CALM.filter(bool))
RULES = st.builds(
    GateRules,
    min_repaired=st.integers(0, 2),
    protect=st.sampled_from([tuple(Split), (Split.REPAIR,), (Split.REPAIR, Split.DEV), ()]),
    holdout_margin=st.sampled_from([0.05, 0.3, 0.6]),
    margin=st.sampled_from([0.05, 0.5]),
    alpha=st.sampled_from([0.05, 0.4]),
    certify=st.booleans(),
    require_gain=st.booleans(),
    baseline_runs=st.integers(1, 2),
    repeats=st.sampled_from([1, 3]),
    max_repeats=st.sampled_from([3, 5]),
)


BUDGETED = st.builds(
    lambda rules, budget: rules.model_copy(update={"loss_budget": budget}),
    RULES,
    st.sampled_from([0.1, 0.3, 0.6, 0.9]),
)


def decide(tasks, rules):
    return gate(*both_sides([" ".join(task) for task in tasks]), rules)


def with_run(tasks, where, side, run, letter):
    changed = [list(task) for task in tasks]
    runs = changed[where][side]
    changed[where][side] = runs[:run] + letter + runs[run + 1 :]
    return changed


def somewhere(data, tasks, side):
    where = data.draw(st.integers(0, len(tasks) - 1))
    return where, data.draw(st.integers(0, len(tasks[where][side]) - 1))


@given(CASES, RULES)
def test_law_1_a_lost_protected_anchor_never_promotes(tasks, rules):
    report = decide(tasks, rules)
    most_fail = [t for t in report.protected if report.runs and _mostly_fails(tasks, t)]
    if report.lost or most_fail:
        assert report.decision is not Decision.PROMOTE
    if report.lost:
        assert report.decision is Decision.REJECT
    assert set(most_fail) <= {*report.lost, *report.unsettled}


def _mostly_fails(tasks, task_id):
    runs = tasks[int(task_id[2:])][2]
    return runs.count("f") > runs.count("p")


@given(CASES, BUDGETED)
def test_law_1_within_a_budget_only_what_is_certified_promotes(tasks, rules):
    report = decide(tasks, rules)
    strict = decide(tasks, rules.model_copy(update={"loss_budget": None}))
    lost, protected = len(report.lost), len(report.protected)
    assert (report.lost, report.protected) == (strict.lost, strict.protected)
    if not lost:
        assert report.decision is strict.decision
    elif report.decision is Decision.PROMOTE:
        assert lost < protected
        assert beta.ppf(rules.confidence, lost + 1, protected - lost) <= rules.loss_budget + 1e-9
    assert RANK[report.decision] >= RANK[strict.decision]


@given(CASES, BUDGETED, st.data())
def test_laws_of_faults_and_losses_hold_within_a_budget(tasks, rules, data):
    before = decide(tasks, rules)
    where, run = somewhere(data, tasks, 2)
    faulted = decide(with_run(tasks, where, 2, run, "x"), rules)
    assert faulted.decision in (before.decision, Decision.HOLD)
    assert faulted.decision is not Decision.PROMOTE
    if not before.unsettled:
        assert RANK[decide(with_run(tasks, where, 2, run, "f"), rules).decision] <= RANK[before.decision]


@given(CASES, BUDGETED, st.data())
def test_a_fault_of_the_baseline_changes_no_decision_within_a_budget_except_to_hold(tasks, rules, data):
    before = decide(tasks, rules).decision
    where, run = somewhere(data, tasks, 1)
    assert decide(with_run(tasks, where, 1, run, "x"), rules).decision in (before, Decision.HOLD)


@given(CASES, BUDGETED)
def test_a_smaller_budget_never_makes_a_decision_better(tasks, rules):
    smaller = rules.model_copy(update={"loss_budget": rules.loss_budget / 2})
    assert RANK[decide(tasks, smaller).decision] <= RANK[decide(tasks, rules).decision]


@given(CASES, RULES, st.data())
def test_law_2_a_fault_changes_no_decision_except_to_hold(tasks, rules, data):
    before = decide(tasks, rules).decision
    side = data.draw(st.integers(1, 2))
    where, run = somewhere(data, tasks, side)
    after = decide(with_run(tasks, where, side, run, "x"), rules).decision
    assert after in (before, Decision.HOLD)
    assert after is not Decision.PROMOTE


@given(CASES, RULES, st.data())
def test_law_more_losses_never_make_a_decision_better(tasks, rules, data):
    before = decide(tasks, rules)
    assume(not before.unsettled)  # a repair not yet settled holds, and holds no more when it turns out to be none
    where, run = somewhere(data, tasks, 2)
    after = decide(with_run(tasks, where, 2, run, "f"), rules)
    assert RANK[after.decision] <= RANK[before.decision]


@given(CASES, RULES, st.data())
def test_law_one_more_failed_run_never_promotes_what_was_not(tasks, rules, data):
    before = decide(tasks, rules)
    where = data.draw(st.integers(0, len(tasks) - 1))
    longer = [list(task) for task in tasks]
    longer[where][2] += "f"
    if before.decision is not Decision.PROMOTE:
        assert decide(longer, rules).decision is not Decision.PROMOTE or before.unsettled


@given(CASES, RULES)
def test_law_a_candidate_equal_to_the_baseline_is_never_rejected(tasks, rules):
    report = decide([[split, runs, runs] for split, runs, _ in tasks], rules)
    assert report.decision is not Decision.REJECT
    assert not (report.lost or report.repaired or report.slipped)


@given(CASES, RULES.map(lambda rules: rules.model_copy(update={"protect": (), "max_repeats": rules.repeats})))
def test_law_the_two_sides_are_mirrored(tasks, rules):
    there = decide(tasks, rules)
    back = decide([[split, after, before] for split, before, after in tasks], rules)
    assert (there.slipped, there.repaired, there.unsettled) == (back.repaired, back.slipped, back.unsettled)
    if there.holdout and not there.unsettled:
        assert (there.holdout.loss_p, there.holdout.gain_p) == (back.holdout.gain_p, back.holdout.loss_p)
    assert not there.decision is back.decision is Decision.REJECT


@given(CASES, RULES)
def test_law_stricter_rules_never_make_a_decision_better(tasks, rules):
    stricter = {"certify": True, "require_gain": True, "min_repaired": rules.min_repaired + 1}
    margins = {"margin": rules.margin / 2, "holdout_margin": rules.holdout_margin / 2}
    loose = decide(tasks, rules)
    for changes in (stricter, margins, {"baseline_runs": rules.baseline_runs + 1}):
        assert RANK[decide(tasks, rules.model_copy(update=changes)).decision] <= RANK[loose.decision]


@given(CASES, RULES, st.lists(st.text("pfx", min_size=1, max_size=4), min_size=1), st.integers(1, 3))
def test_law_draws_only_ever_take_protection_away(tasks, rules, draws, times):
    sides = both_sides([" ".join(task) for task in tasks])
    drawn, _ = both_sides([f"r {word} p" for word in draws])
    without = gate(*sides, rules)
    found = gate(*sides, rules.model_copy(update={"draws": times}), draws=drawn)
    assert set(found.protected) | set(found.lucky) == set(without.protected)
    assert set(found.lost) | (set(found.slipped) & set(found.lucky)) == set(without.lost)
    undrawn = len(tasks) > len(draws) and set(without.protected) - {f"T/{i}" for i in range(len(draws))}
    assert not undrawn or found.decision is not Decision.PROMOTE


@given(CASES, RULES)
def test_the_lists_are_apart(tasks, rules):
    report = decide(tasks, rules)
    groups = [report.kept, report.lost, report.slipped, report.repaired, report.faulted, report.unsettled]
    listed = [task_id for group in groups for task_id in group]
    assert len(listed) == len(set(listed))
    assert set(report.protected) <= {*report.kept, *report.lost, *report.unsettled}


@given(CASES.flatmap(lambda tasks: st.tuples(st.just(tasks), st.permutations(range(len(tasks))))), RULES)
def test_the_order_of_tasks_decides_nothing(case, rules):
    tasks, order = case
    straight, shuffled = decide(tasks, rules), decide([tasks[i] for i in order], rules)
    assert shuffled.decision is straight.decision
    for name in ("protected", "kept", "lost", "slipped", "repaired", "flaky", "unsettled"):
        moved = {f"T/{order[int(t[2:])]}" for t in getattr(shuffled, name)}
        assert moved == set(getattr(straight, name))


@given(CALM, st.integers(0, 2))
def test_promotion_needs_every_anchor_and_enough_repairs(tasks, least):
    """With the defaults, on calm sides, written out once more."""
    pairs = [(before[0], after[0], split) for split, before, after in tasks]
    kept = [pair for pair in pairs if pair[:2] == ("p", "p")]
    lost = [pair for pair in pairs if pair[:2] == ("p", "f")]
    repaired = [pair for pair in pairs if pair[:2] == ("f", "p") and pair[2] != "h"]
    ideal = kept and not lost and len(repaired) >= least
    if tasks:
        assert (decide(tasks, GateRules(min_repaired=least)).decision is Decision.PROMOTE) == bool(ideal)
