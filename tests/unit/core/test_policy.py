import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tasks import python_task

from suture.core.errors import UsageError
from suture.core.measure.asked import Asked, asked_of
from suture.core.measure.attempt import AdapterUse
from suture.core.measure.policy import Grounds, Policy, Silent, Tier, speaks_anyway, tiers_asked
from suture.core.plan.policy_settings import PolicySettings, alone, policy_of

BASE, REPAIRED = "0" * 64, "1" * 64
KEEP = Policy(tiers=(Tier(name="base", pack=BASE), Tier(name="repaired", pack=REPAIRED)))
TRY = policy_of(PolicySettings(form="keep", tries=8), alone(BASE), pack=REPAIRED, adapter=None, suites=("a",))


def names(tiers):
    return [tier.name for tier in tiers]


def test_with_evidence_every_tier_may_answer_in_order():
    assert names(tiers_asked(TRY, "a", Grounds.EXAMPLES)) == ["base", "repaired", "tries"]


@pytest.mark.parametrize(
    ("silent", "grounds", "asked"),
    [
        (Silent.NEXT, Grounds.NOTHING, ["repaired"]),
        (Silent.NEXT, Grounds.FORM, ["repaired"]),
        (Silent.STAND, Grounds.NOTHING, ["base"]),
        (Silent.STAND, Grounds.FORM, ["base"]),
        (Silent.FORM, Grounds.FORM, ["base", "repaired", "tries"]),
        (Silent.FORM, Grounds.NOTHING, ["repaired"]),
    ],
)
def test_who_answers_where_a_prompt_shows_nothing(silent, grounds, asked):
    assert names(tiers_asked(TRY.model_copy(update={"silent": silent}), "a", grounds)) == asked


def test_a_route_tries_again_for_the_suites_of_the_repaired_model_alone():
    form = PolicySettings(form="route", suites=("a",), tries=3, temperature=0.5)
    route = policy_of(form, alone(BASE), pack=REPAIRED, adapter=None, suites=("a", "b"))
    assert names(tiers_asked(route, "a", Grounds.TOOLS)) == ["repaired", "tries"]
    assert names(tiers_asked(route, "a", Grounds.NOTHING)) == ["repaired"]
    assert names(tiers_asked(route, "b", Grounds.TOOLS)) == ["base"]
    assert [(tier.answers, tier.temperature) for tier in route.tiers] == [(1, 0), (1, 0), (3, 0.5)]


def test_one_pack_alone_tries_nothing_again():
    with pytest.raises(ValidationError, match="tries: only forms `keep` and `route`"):
        PolicySettings(tries=3)


def test_a_suite_without_a_tier_is_refused():
    policy = Policy(tiers=(Tier(name="base", pack=BASE, suites=("a",)),))
    with pytest.raises(UsageError, match="no tier of the policy is for suite 'b'"):
        tiers_asked(policy, "b", Grounds.EXAMPLES)


def test_the_greedy_answer_is_given_when_none_is_accepted():
    assert speaks_anyway(TRY.tiers).name == "repaired"
    assert speaks_anyway(TRY.tiers[2:]).name == "tries"


def test_whoever_said_nothing_speaks_only_where_nobody_said_anything():
    tiers = KEEP.tiers
    assert [speaks_anyway(tiers, blank).name for blank in ([], ["repaired"], ["base"], ["base", "repaired"])] == [
        "repaired",
        "base",
        "repaired",
        "repaired",
    ]


def test_several_greedy_answers_are_refused():
    with pytest.raises(ValidationError, match="8 greedy answers would all be equal"):
        Tier(name="base", pack=BASE, answers=8)


def test_two_tiers_of_one_name_are_refused():
    with pytest.raises(ValidationError, match="two tiers have one name"):
        Policy(tiers=(KEEP.tiers[0], KEEP.tiers[0]))


TIERS = st.builds(
    Tier,
    name=st.sampled_from(["base", "repaired", "tries"]),
    pack=st.sampled_from([BASE, REPAIRED]),
    adapter=st.none() | st.builds(AdapterUse, sha256=st.just("2" * 64), scale=st.sampled_from([0.5, 1.0])),
    answers=st.integers(1, 4),
    temperature=st.sampled_from([0.5, 0.8]),
    suites=st.sampled_from([(), ("a",)]),
)


@given(st.lists(TIERS, min_size=1, max_size=3, unique_by=lambda tier: tier.name), st.sampled_from(Silent))
def test_a_policy_comes_back_from_its_file_under_the_same_name(tiers, silent):
    policy = Policy(tiers=tuple(tiers), silent=silent)
    again = Policy.from_json_text(policy.text)
    assert (again, again.sha256) == (policy, policy.sha256)


@given(
    st.lists(TIERS, min_size=1, max_size=3, unique_by=lambda tier: tier.name),
    st.sampled_from(Silent),
    st.sampled_from(Grounds),
)
def test_somebody_always_answers_and_only_tiers_of_the_policy_in_their_order(tiers, silent, grounds):
    policy = Policy(tiers=tuple(tiers), silent=silent)
    asked = tiers_asked(policy, "a", grounds)
    assert asked
    assert speaks_anyway(asked) in asked
    assert [tier for tier in policy.tiers if tier in asked] == list(asked)


def test_a_policys_name_says_everything_in_it():
    changes = [{"adapter": AdapterUse(sha256="2" * 64, scale=1.0)}, {"pack": "3" * 64}, {"suites": ("a",)}]
    changed = [Policy(tiers=(KEEP.tiers[0], KEEP.tiers[1].model_copy(update=change))) for change in changes]
    assert (
        len({KEEP.sha256, KEEP.model_copy(update={"silent": Silent.STAND}).sha256, *(p.sha256 for p in changed)}) == 5
    )


def test_what_is_asked_says_nothing_of_how_it_is_decided():
    """Law: an acceptance check that is handed this cannot even name a task's tests."""
    task = python_task(
        entry_point="f", tests={"kind": "assertions", "statements": ("assert f() == 1",)}, reference="def f(): ..."
    )
    other = python_task(entry_point="g", tests={"kind": "assertions", "statements": ("assert g() == 2",)})
    assert asked_of(task) == asked_of(other)
    assert not {"check", "reference", "tests", "tags", "id", "groups"} & Asked.model_fields.keys()
