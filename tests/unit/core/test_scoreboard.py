"""Tallies, intervals, and which scoreboards may be compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from suture.core.measure.scoreboard import suite_digest, wilson_interval
from suture.core.measure.splits import Split


@pytest.mark.parametrize(
    ("passed", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (7, 100, 0.0343, 0.1375)],
)
def test_known_intervals(passed, total, low, high):
    assert wilson_interval(passed, total) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_agree_with_scipy(counts):
    passed, total = counts
    wanted = binomtest(passed, total).proportion_ci(0.95, method="wilson")
    assert wilson_interval(passed, total) == pytest.approx((wanted.low, wanted.high), abs=1e-6)


def test_nothing_measured_means_anything_is_possible():
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_faults_score_neither_way(board):
    tally = board(["pass", "fail", "fault"]).tally()
    assert (tally.total, tally.passed, tally.faulted, tally.measured) == (3, 1, 1, 2)
    assert tally.interval == wilson_interval(1, 2)


def test_tally_of_one_suite_and_split(board, result, verdict):
    scored = board(
        [
            result("A/1", verdict("pass"), suite="a", split=Split.REPAIR),
            result("A/2", verdict("fail"), suite="a", split=Split.HOLDOUT),
            result("B/1", verdict("pass"), suite="b", split=Split.REPAIR),
        ]
    )
    assert scored.suites == ("a", "b")
    assert scored.tally(suite="a").total == 2
    assert scored.tally(split=Split.REPAIR).passed == 2
    assert scored.tally(suite="b", split=Split.HOLDOUT).total == 0
    assert scored.passed == ("A/1", "B/1")


def test_digest_ignores_times(board, result, verdict):
    slow, quick = (board([result("T/0", verdict("pass"), seconds=s)]) for s in (9.0, 0.1))
    assert slow.digest == quick.digest


def test_digest_names_pack_answers_and_verdicts(board, result, verdict):
    boards = [
        board(["pass"]),
        board(["fail"]),
        board([result("T/0", verdict("fail", "exception"))]),
        board(["pass", "pass"]),
        board(["pass"], pack="other"),
    ]
    assert len({b.digest for b in boards}) == len(boards)


def test_order_of_tasks_is_part_of_a_suite():
    assert suite_digest(["a", "b"]) == suite_digest(iter(["a", "b"])) != suite_digest(["b", "a"])
