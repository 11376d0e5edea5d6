"""The gate's laws: a lost anchor never promotes, and a fault only ever holds."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from suture.core.errors import UsageError
from suture.core.gate import Decision, GateRules, gate
from suture.core.splits import Split

PAIRS = st.lists(st.tuples(*[st.sampled_from(["pass", "fail", "fault"])] * 2), max_size=12)
"""(baseline's outcome, candidate's outcome) of each task."""


@pytest.fixture(scope="session")
def decide(board):
    def decide(pairs, **rules):
        before, after = (board([pair[side] for pair in pairs], pack=str(side)) for side in (0, 1))
        return gate(before, after, GateRules(**rules))

    return decide


@given(PAIRS, st.integers(0, 3))
def test_law_1_a_lost_protected_anchor_never_promotes(decide, pairs, least):
    report = decide(pairs, min_repaired=least)
    if ("pass", "fail") in pairs:
        assert report.decision is Decision.REJECT
    assert report.lost == tuple(f"T/{i}" for i, pair in enumerate(pairs) if pair == ("pass", "fail"))


@given(PAIRS, st.integers(0, 3), st.data())
def test_law_2_a_fault_changes_no_decision_except_to_hold(decide, pairs, least, data):
    assume(pairs)
    where, side = data.draw(st.integers(0, len(pairs) - 1)), data.draw(st.integers(0, 1))
    before = decide(pairs, min_repaired=least).decision
    faulted = list(pairs)
    faulted[where] = tuple("fault" if at == side else outcome for at, outcome in enumerate(pairs[where]))
    after = decide(faulted, min_repaired=least).decision
    assert after in (before, Decision.HOLD)
    if ("pass", "fail") in faulted:
        assert after is Decision.REJECT
    else:
        assert after is Decision.HOLD


@given(PAIRS)
def test_promotion_needs_every_verdict_every_anchor_and_enough_repairs(decide, pairs):
    ideal = {("pass", "pass"), ("fail", "pass")} <= set(pairs) <= {("pass", "pass"), ("fail", "pass"), ("fail", "fail")}
    assert (decide(pairs).decision is Decision.PROMOTE) == ideal


@given(PAIRS)
def test_the_lists_partition_the_tasks(decide, pairs):
    report = decide(pairs)
    groups = [report.kept, report.lost, report.repaired, report.faulted]
    listed = [task_id for group in groups for task_id in group]
    assert len(listed) == len(set(listed))
    still_failing = {f"T/{i}" for i, pair in enumerate(pairs) if pair == ("fail", "fail")}
    assert set(listed) | still_failing == {f"T/{i}" for i in range(len(pairs))}
    assert set(listed).isdisjoint(still_failing)
    assert set(report.protected) == {*report.kept, *report.lost} | (set(report.protected) & set(report.faulted))


@given(PAIRS.flatmap(lambda pairs: st.tuples(st.just(pairs), st.permutations(range(len(pairs))))))
def test_order_of_tasks_decides_nothing(board, result, verdict, case):
    pairs, order = case

    def decided(indices):
        before, after = (board([result(f"T/{i}", verdict(pairs[i][side])) for i in indices]) for side in (0, 1))
        return gate(before, after)

    straight, shuffled = decided(range(len(pairs))), decided(order)
    assert shuffled.decision is straight.decision
    for name in ("protected", "kept", "lost", "repaired", "faulted"):
        assert set(getattr(shuffled, name)) == set(getattr(straight, name))


def test_the_order_of_results_of_one_side_decides_nothing(board, result, verdict):
    before = board([result("T/0", verdict("pass")), result("T/1", verdict("fail"))])
    after = board([result("T/1", verdict("pass")), result("T/0", verdict("pass"))])
    assert gate(before, after).decision is Decision.PROMOTE


def test_losses_of_form_are_told_apart(board, result, verdict):
    before = board(["pass", "pass", "pass"])
    after = board([result(f"T/{i}", verdict("fail", r)) for i, r in enumerate(["wrong", "truncated", "syntax"])])
    report = gate(before, after)
    assert report.lost == ("T/0", "T/1", "T/2")
    assert report.lost_format == ("T/1", "T/2")
    assert report.reasons == ("3 of 3 protected anchors lost: T/0, T/1, T/2",)


def test_nothing_to_protect_holds(decide):
    report = decide([("fail", "pass")])
    assert report.decision is Decision.HOLD
    assert "no anchor to protect" in report.reasons[0]


def test_too_few_repairs_hold(decide):
    pairs = [("pass", "pass"), ("fail", "pass")]
    assert decide(pairs, min_repaired=2).decision is Decision.HOLD
    assert decide(pairs, min_repaired=1).decision is Decision.PROMOTE


def test_a_fault_is_named_in_the_reasons(decide):
    report = decide([("pass", "pass"), ("fail", "pass"), ("fail", "fault")])
    assert report.decision is Decision.HOLD
    assert "T/2" in report.reasons[0]


def test_boards_that_cannot_be_compared_are_not_decided_on(board):
    with pytest.raises(UsageError, match="cannot be compared"):
        gate(board(["pass"]), board(["pass"], suite_digest="other"))


def test_the_table_has_each_suite_and_its_splits(board, result, verdict):
    def scored(outcome):
        return board(
            [
                result("A/1", verdict("pass"), suite="a", split=Split.REPAIR),
                result("A/2", verdict(outcome), suite="a", split=Split.HOLDOUT),
            ]
        )

    report = gate(scored("fail"), scored("pass"))
    table = [(r.suite, r.split, r.before.passed, r.after.passed, r.delta) for r in report.rows]
    assert table == [("a", "all", 1, 2, 1), ("a", "repair", 1, 1, 0), ("a", "holdout", 0, 1, 1)]


def test_the_report_names_what_it_compared(board):
    before, after = board(["pass"], pack="old"), board(["pass"], pack="new")
    report = gate(before, after)
    assert (report.baseline_pack, report.candidate_pack) == ("old", "new")
    assert (report.baseline, report.candidate) == (before.digest, after.digest)
