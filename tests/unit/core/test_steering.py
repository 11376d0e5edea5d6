"""What answers were worth is folded into counts and conductance, and who is asked is drawn from them."""

import importlib
import random
from math import isclose
from pathlib import Path

import pytest
from draws import cases
from hypothesis import given
from hypothesis import strategies as st

from suture.core.gate.breakdown import SplitRow
from suture.core.gate.served_start import starting_counts
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.carried import carried_by_boards
from suture.core.measure.grounds import Grounds
from suture.core.measure.scoreboard import Tally
from suture.core.measure.served_answer import ServedAnswer, TierTried
from suture.core.measure.served_record import AnswerOutcome, RecordedAnswer
from suture.core.measure.steering.odds import Shares, chances, chosen, shares
from suture.core.measure.steering.route_trust import LEAST, REMEMBERED, RouteTrust, conducted
from suture.core.measure.steering.settings import By, SteeringSettings
from suture.core.measure.steering.worth import Worth, settled, worth_of

ENGINE = EngineIdentity(name="fake", version="1", threads=1, batch=1)
POLICIES = ("a", "b", "c")
counts = st.lists(st.tuples(st.floats(0, 900), st.floats(0, 900)), min_size=1, max_size=5)
worths = st.builds(Worth, st.booleans(), st.sampled_from([0.25, 1.0]))
finds = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(POLICIES), st.none() | worths),
    st.tuples(st.just("claim"), st.integers(0, 30), st.sampled_from(["ann", "bob", "eve"]), st.booleans()),
    st.tuples(st.just("reward"), st.integers(0, 30), st.sampled_from([-1, 0, 1])),
)


def trust_of(found, **settings):
    trust = RouteTrust(SteeringSettings(**settings))
    for policy in POLICIES:
        trust.enter(policy, 3.0, 1.0, 0.5)
    answers = 0
    for one in found:
        if one[0] == "answer":
            trust.answered((str(answers), 0), one[1], one[2])
            answers += 1
        elif one[0] == "claim":
            trust.claimed((str(one[1]), 0), one[2], good=one[3])
        else:
            trust.rewarded((str(one[1]), 0), one[2])
    return trust


def checked(trust):
    return {name: (one.good, one.bad, one.conductance) for name, one in trust.policies.items()}


@given(counts)
@cases(40)
def test_the_law_chances_sum_to_one_and_more_right_answers_are_no_worse(found):
    of = chances(found)
    assert isclose(sum(of), 1.0) and all(one >= 0 for one in of)
    better = [(found[0][0] + 5, found[0][1]), *found[1:]]
    assert chances(better)[0] >= of[0] - 1e-9


def test_chances_are_those_of_thompson_sampling():
    rng, found = random.Random(1), [(6.0, 3.0), (50.0, 30.0), (0.0, 0.0)]
    wins = [0, 0, 0]
    for _ in range(20_000):
        drawn = [rng.betavariate(1 + good, 1 + bad) for good, bad in found]
        wins[drawn.index(max(drawn))] += 1
    assert all(abs(win / 20_000 - chance) < 0.015 for win, chance in zip(wins, chances(found), strict=True))


@given(
    counts,
    st.sampled_from(By),
    st.data(),
    st.floats(0, 0.9),
    st.floats(0, 0.1),
    st.floats(0.001, 0.1),
    st.floats(0, 1, exclude_max=True),
)
@cases(40)
def test_the_law_shares_sum_to_one_and_what_is_drawn_has_a_share(found, by, data, floor, least, retry, drawn):
    conductances = data.draw(st.lists(st.floats(LEAST, 1), min_size=len(found), max_size=len(found)))
    of = shares(found, conductances, SteeringSettings(by=by, least=least, retry=retry), floor)
    assert isclose(sum(of.policies) + of.fallback, 1.0)
    opened = [conductance < floor for conductance in conductances]
    assert (of.fallback > 0) is all(opened)
    for share, is_open in zip(of.policies, opened, strict=True):
        assert 0 < share <= retry + 1e-9 if is_open else share >= min(least, 0.5 / len(found)) * 0.5 - 1e-9
    place = chosen(of, drawn)
    assert (of.fallback if place is None else of.policies[place]) > 0


def test_what_is_drawn_falls_as_often_as_its_share_says():
    of = Shares((0.5, 0.2), 0.3)
    found = [chosen(of, (at + 0.5) / 1000) for at in range(1000)]
    assert [found.count(one) for one in (0, 1, None)] == [500, 200, 300]
    assert chosen(Shares((0.25, 0.75), 0.0), 0.9999999999999999) == 1  # sums of shares may fall short of one


@given(st.lists(finds, max_size=60), st.integers(0, 30))
@cases(40)
def test_the_law_what_is_taken_back_leaves_no_trace(found, which):
    """A verified claim that says what the check said, or nothing, changes no count."""
    known = [one for one in found if one[0] == "answer"]
    check = known[which][2] if which < len(known) else None
    before = trust_of(known)
    after = trust_of([*known, ("claim", which, "ann", True), ("claim", which, "ann", False), ("reward", which, 0)])
    assert checked(after) == checked(before)
    if check is not None and check.weight == 1.0:
        assert checked(trust_of([*known, ("reward", which, 1 if check.right else -1)])) == checked(before)


@given(st.lists(finds, max_size=60))
@cases(40)
def test_the_law_unchecked_claims_change_nothing_that_was_checked_and_age_nothing(found):
    without = [one for one in found if one[0] != "claim"]
    assert checked(trust_of(found)) == checked(trust_of(without))


@given(st.lists(finds, max_size=40), st.integers(0, 400), st.booleans(), st.sampled_from([0.0, 0.25, 1.0]))
@cases(40)
def test_the_law_poisoned_claims_are_bounded_however_many(found, flood, good, most):
    flooded = [*found, *(("claim", at % 31, f"key {at % 7}", good) for at in range(flood))]
    trust = trust_of(flooded, claims=most)
    for name, (right, wrong) in trust.believed().items():
        one = trust.policies[name]
        assert one.good - 1e-9 <= right and one.bad - 1e-9 <= wrong
        assert right + wrong <= (1 + most) * (one.good + one.bad) + 1e-6


def test_one_key_that_says_much_counts_little_beside_others():
    answers = [("answer", "a", Worth(True, 1.0)) for _ in range(200)]
    liar = [("claim", at, "eve", False) for at in range(60)]
    trust = trust_of([*answers, *liar], discount=0.999, own=1.0)
    right, wrong = trust.believed()["a"]
    assert wrong - trust.policies["a"].bad == pytest.approx(2.0)  # of 15 that it would weigh
    assert right == trust.policies["a"].good


def test_claims_alone_do_not_steer():
    trust = RouteTrust(SteeringSettings())
    trust.enter("a", 0.0, 0.0, 0.5)
    trust.answered(("1", 0), "a", None)
    trust.claimed(("1", 0), "ann", good=False)
    assert trust.believed() == {"a": (0.0, 0.0)} and trust.policies["a"].conductance == 0.5


def test_a_word_that_was_taken_back_counts_nothing_and_the_one_before_it_again():
    trust = RouteTrust(SteeringSettings(trust=("ann",), discount=1.0, own=1.0))
    trust.enter("a", 0.0, 0.0, 0.5)
    trust.answered(("1", 0), "a", None)
    counted = []
    for good in (True, False, None, None, None):
        trust.claimed(("1", 0), "ann", good=good)
        counted.append((trust.policies["a"].good, trust.policies["a"].bad))
    assert counted == [(1.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (0.0, 0.0)]


def test_a_trusted_key_counts_as_a_check_and_a_verified_claim_before_it():
    trust = RouteTrust(SteeringSettings(trust=("ann",), discount=1.0, own=1.0))
    trust.enter("a", 0.0, 0.0, 0.5)
    trust.answered(("1", 0), "a", Worth(True, 1.0))
    assert (trust.policies["a"].good, trust.policies["a"].bad) == (1.0, 0.0)
    trust.claimed(("1", 0), "ann", good=False)
    assert (trust.policies["a"].good, trust.policies["a"].bad) == (0.0, 1.0)
    trust.rewarded(("1", 0), 1)
    assert (trust.policies["a"].good, trust.policies["a"].bad) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("claims", "reward", "checked", "claimed"),
    [
        ({}, 0, Worth(True, 1.0), {}),
        ({"bob": False}, 0, Worth(True, 1.0), {"bob": False}),
        ({"bob": False, "eve": True}, 0, Worth(True, 1.0), {}),
        ({"ann": False, "eve": True}, 0, Worth(False, 1.0), {}),
        ({"ann": False, "amy": True, "eve": True}, 0, Worth(True, 1.0), {}),
        ({"ann": False}, 1, Worth(True, 1.0), {}),
    ],
)
def test_what_is_counted_of_one_answer(claims, reward, checked, claimed):
    assert settled(Worth(True, 1.0), claims, reward, ("ann", "amy")) == (checked, claimed)


@given(st.lists(worths, max_size=200), st.floats(0.01, 0.5), st.floats(LEAST, 1))
@cases(40)
def test_the_law_conductance_stays_between_its_floor_and_one(found, mu, start):
    conductance = start
    for one in found:
        before, conductance = conductance, conducted(conductance, one, mu, mu)
        assert LEAST <= conductance <= 1.0 + 1e-12
        assert (conductance >= before - 1e-12) if one.right else (conductance <= before)


def test_conductance_is_the_discrete_rule():
    assert conducted(0.5, Worth(True, 1.0), 0.1, 0.1) == pytest.approx(0.9 * 0.5 + 0.1)
    assert conducted(0.5, Worth(False, 1.0), 0.1, 0.1) == pytest.approx(0.45)
    quarters = 0.5
    for _ in range(4):
        quarters = conducted(quarters, Worth(True, 0.25), 0.1, 0.1)
    assert quarters == pytest.approx(0.55)


def test_conductance_steers_where_it_is_asked_to():
    of = shares([(9.0, 1.0), (0.0, 9.0)], [0.5, 0.6], SteeringSettings(by=By.CONDUCTANCE, least=0.0), 0.0)
    assert of.policies[1] == pytest.approx(0.6**32 / (0.5**32 + 0.6**32))


def test_what_is_not_asked_is_forgotten_and_tried_again():
    trust = trust_of([("answer", "a", Worth(True, 1.0))] * 500, discount=0.98, own=0.99)
    counts = trust.believed()
    assert sum(counts["b"]) < 0.01 and chances([counts["a"], counts["b"]])[1] > 0.005


def test_what_is_said_of_answers_that_are_too_old_counts_nothing():
    trust = trust_of([("answer", "a", None)] * (REMEMBERED + 1))
    before = checked(trust)
    trust.rewarded(("0", 0), -1)
    assert checked(trust) == before and next(iter(trust.answers)) == ("1", 0)


def answered(
    grounds, *accepted, outcome=AnswerOutcome.COMPLETE, gave=None, finding="examples: no", tokens=5, most=None
):
    tiers = tuple(
        TierTried(
            tier=name,
            pack="",
            engine=ENGINE,
            prompt_digest="",
            accepted=holds,
            finding="" if holds else finding,
            tokens=tokens,
            max_tokens=most,
        )
        for name, holds in accepted
    )
    how = ServedAnswer(policy="p", grounds=grounds, tiers=tiers, gave=len(tiers) - 1 if gave is None else gave)
    return RecordedAnswer(outcome=outcome, how=how, text_digest="")


OWN, OTHER = "specialist", "fallback"


@pytest.mark.parametrize(
    ("answer", "worth"),
    [
        (answered(Grounds.EXAMPLES, (OWN, True)), Worth(True, 1.0)),
        (answered(Grounds.EXAMPLES, (OWN, False)), Worth(False, 1.0)),
        (answered(Grounds.FORM, (OWN, True)), Worth(True, 0.25)),
        (answered(Grounds.NOTHING, (OWN, True)), None),
        (answered(Grounds.NOTHING, (OWN, False), finding="empty"), Worth(False, 1.0)),
        (answered(Grounds.SCHEMA, (OWN, False), (OTHER, True)), Worth(False, 1.0)),
        (answered(Grounds.SCHEMA, (OTHER, False), (OWN, True)), Worth(True, 1.0)),
        (answered(Grounds.SCHEMA, (OTHER, True)), None),
        (answered(Grounds.TOOLS, (OWN, False), ("specialist again", True)), Worth(True, 1.0)),
        (answered(Grounds.TOOLS, (OWN, True), outcome=AnswerOutcome.LEFT), None),
        (answered(Grounds.TOOLS, (OWN, True), outcome=AnswerOutcome.FAILED), Worth(False, 1.0)),
        (answered(Grounds.EXAMPLES, (OWN, False), finding="failed: no judge"), None),
        (answered(Grounds.EXAMPLES, (OWN, False), finding="failed: refused", tokens=0), Worth(False, 1.0)),
        (answered(Grounds.EXAMPLES, (OWN, False), finding="cut-off", tokens=5, most=5), None),
        (RecordedAnswer(outcome=AnswerOutcome.FAILED, text_digest=""), None),
    ],
)
def test_what_an_answer_was_worth(answer, worth):
    assert worth_of(answer) == worth


def test_how_many_answers_of_a_bench_carry_what(board):
    found = carried_by_boards({"code": board(["pass", "fail", "fault", "pass"])})
    assert (found.answers, found.rewards, found.penalties, found.conductances) == (4, 2, 1, 4)
    assert found.conductance == {"code": pytest.approx(((0.5 * 0.95 + 0.05) * 0.95) * 0.95 + 0.05)}
    assert found.says == "of 4 answers 2 carry a reward, 1 a penalty, 4 a conductance (code 0.524)"


def row(suite, split, passed, total, faulted=0):
    tally = Tally(total=total, passed=passed, faulted=faulted)
    return SplitRow(suite=suite, split=split, before=tally, after=tally), tally


def test_a_policy_begins_with_what_its_gate_found_on_the_suites_of_the_route():
    found = [row("a", "all", 50, 100), row("a", "holdout", 6, 12, 2), row("b", "all", 30, 30), row("b", "repair", 9, 9)]
    assert starting_counts(found, {"a"}, 20) == (6.0, 4.0)
    assert starting_counts(found, {"a"}, 5) == (3.0, 2.0)
    assert starting_counts(found, {"b"}, 15) == (15.0, 0.0)  # nothing was held out
    assert starting_counts(found, {"c"}, 20) == (6.0, 4.0)
    assert starting_counts([], {"a"}, 20) == (0.0, 0.0)


def test_settings_that_cannot_be():
    with pytest.raises(ValueError, match="conductance would exceed 1"):
        SteeringSettings(mu=0.1, eta=0.2)
    assert (SteeringSettings().floor_of(1), SteeringSettings().floor_of(2)) == (0.0, 0.1)
    assert SteeringSettings(floor=0.3).floor_of(1) == 0.3


def test_what_is_simulated_is_what_is_served(monkeypatch):
    """The learner of the simulation, which is vectorised, counts as routes do."""
    np = pytest.importorskip("numpy")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "benchmarks"))
    learners, worlds = (importlib.import_module(name) for name in ("steering_learners", "steering_worlds"))
    setting = {"discount": 0.99, "own": 0.97, "sure": 1.0}
    learner = learners.TwoClocks(1, {name: np.array([value]) for name, value in setting.items()})
    trust = RouteTrust(SteeringSettings(**setting))
    for name in POLICIES:
        trust.enter(name, 0.0, 0.0, 0.5)
    rng = random.Random(3)
    for step in range(300):
        policy, right, key = rng.randrange(3), rng.random() < 0.6, rng.randrange(worlds.KEYS)
        checks = np.zeros((1, 3, 2))
        one = np.array([policy])
        said = (np.array([0]), one, np.array([key]), np.array([right]))
        answer = (str(step), 0)
        if rng.random() < 0.6:
            checks[0, policy, 0 if right else 1] = 1
            said = tuple(each[:0] for each in said)
            trust.answered(answer, POLICIES[policy], Worth(right, 1.0))
        else:
            trust.answered(answer, POLICIES[policy], None)
            trust.claimed(answer, f"key {key}", good=right)
        learner.hear(worlds.Heard(checks, said))
    believed = trust.believed()
    for place, name in enumerate(POLICIES):
        assert learner.counts[0, place] == pytest.approx([trust.policies[name].good, trust.policies[name].bad])
        assert learner.believed()[0, place] == pytest.approx(believed[name])
