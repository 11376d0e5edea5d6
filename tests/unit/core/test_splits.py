"""Which task is trained on, chosen on and held out: stable, complete, without overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import UsageError
from suture.core.measure.splits import Split, hash_position, refuse_repeated_ids, split_as_declared, split_by_hash

SHARES = {Split.REPAIR: 0.6, Split.DEV: 0.1, Split.HOLDOUT: 0.3}
IDS = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=30)


@given(ids=IDS, more=IDS, seed=st.integers())
def test_adding_tasks_moves_no_other(task, ids, more, seed):
    few = [task(name, ask=name) for name in ids]
    many = few + [task(name, ask=name) for name in more if name not in ids]
    # Two names may ask the same when spacing is ignored; such twins are another test's matter.
    if len({t.content_digest for t in many}) < len(many):
        return
    before, after = split_by_hash(few, SHARES, seed=seed), split_by_hash(many, SHARES, seed=seed)
    assert {name: after[name] for name in before} == before
    assert after.keys() == {t.id for t in many}


def test_shares_are_roughly_respected(task):
    assigned = split_by_hash([task(f"T/{i}", ask=str(i)) for i in range(1000)], SHARES, seed=0)
    counts = {split: list(assigned.values()).count(split) for split in Split}
    for split, share in SHARES.items():
        assert counts[split] == pytest.approx(1000 * share, abs=60)


@pytest.mark.parametrize("only", Split)
def test_a_share_of_nothing_gets_nothing(task, only):
    assigned = split_by_hash([task(f"T/{i}", ask=str(i)) for i in range(50)], {only: 1.0}, seed=3)
    assert set(assigned.values()) == {only}


def test_another_seed_draws_another_split(task):
    tasks = [task(f"T/{i}", ask=str(i)) for i in range(50)]
    assert split_by_hash(tasks, SHARES, seed=0) != split_by_hash(tasks, SHARES, seed=1)


@given(st.text(), st.integers())
def test_positions_lie_between_0_and_1(name, seed):
    assert 0 <= hash_position(name, seed=seed) < 1


def test_shares_must_sum_to_one(task):
    with pytest.raises(UsageError, match=r"sum to 0\.7"):
        split_by_hash([task()], {Split.REPAIR: 0.7}, seed=0)


def test_an_id_that_two_tasks_share_is_refused(task):
    with pytest.raises(UsageError, match="T/1 is used twice"):
        split_by_hash([task("T/1", ask="a"), task("T/1", ask="b")], HALVES, seed=0)


def test_declared_splits_are_taken_as_written(task):
    tasks = [task("T/1", ask="1"), task("T/2", ask="2")]
    declared = {Split.REPAIR: ["T/1"], Split.HOLDOUT: ["T/2"]}
    assert split_as_declared(tasks, declared) == {"T/1": Split.REPAIR, "T/2": Split.HOLDOUT}


def test_a_task_declared_in_two_splits_is_refused(task):
    with pytest.raises(UsageError, match="T/1 is in split 'repair' and in 'holdout'"):
        split_as_declared([task("T/1")], {Split.REPAIR: ["T/1"], Split.HOLDOUT: ["T/1"]})


def test_a_task_in_no_split_is_refused(task):
    tasks = [task(f"T/{i}", ask=str(i)) for i in range(3)]
    with pytest.raises(UsageError, match=r"T/1 \(2 in all\)"):
        split_as_declared(tasks, {Split.REPAIR: ["T/0"]})


def test_one_task_under_two_ids_may_not_be_trained_on_and_held_out(task):
    twins = [task("A/1"), task("B/1")]
    with pytest.raises(UsageError, match="A/1 and B/1 belong together"):
        split_as_declared(twins, {Split.REPAIR: ["A/1"], Split.HOLDOUT: ["B/1"]})


def _in_both(task):
    names = [f"T/{i}" for i in range(40)]
    apart = split_by_hash([task(name, ask=name) for name in names], HALVES, seed=0)
    return [next(n for n in names if apart[n] is split) for split in (Split.REPAIR, Split.HOLDOUT)]


HALVES = {Split.REPAIR: 0.5, Split.HOLDOUT: 0.5}


def test_twins_are_drawn_into_one_split(task):
    here, there = _in_both(task)
    drawn = split_by_hash([task(here, ask="one"), task(there, ask="ONE.")], HALVES, seed=0)
    assert drawn[here] is drawn[there]


def test_tasks_of_one_group_are_drawn_into_one_split(task):
    here, there = _in_both(task)
    between = task("U/1", ask="three").model_copy(update={"groups": ("function f", "function g")})
    tasks = [
        task(here, ask="one").model_copy(update={"groups": ("function f",)}),
        task(there, ask="two").model_copy(update={"groups": ("function g",)}),
    ]
    assert set(split_by_hash(tasks, HALVES, seed=0).values()) == {Split.REPAIR, Split.HOLDOUT}
    assert len(set(split_by_hash([*tasks, between], HALVES, seed=0).values())) == 1


def test_what_belongs_together_with_a_held_out_task_is_held_out(task):
    here, _ = _in_both(task)
    tasks = [task(here, ask="one"), task("U/1", ask="one"), task("U/2", ask="two")]
    drawn = split_by_hash(tasks, {Split.REPAIR: 1.0}, seed=0, held_out={"U/1"})
    assert drawn == {here: Split.HOLDOUT, "U/1": Split.HOLDOUT, "U/2": Split.REPAIR}


def test_twins_in_one_split_are_let_be(task):
    twins = [task("A/1"), task("B/1")]
    assert set(split_as_declared(twins, {Split.REPAIR: ["A/1", "B/1"]}).values()) == {Split.REPAIR}


def test_an_id_used_twice_is_refused(task):
    refuse_repeated_ids([task("A"), task("B")])
    with pytest.raises(UsageError, match="task id A is used twice"):
        refuse_repeated_ids([task("A"), task("B"), task("A", ask="other")])


def test_what_is_to_be_replayed_is_never_held_out(task):
    tasks = [task("S/1", ask="one"), task("U/1", ask="one"), task("U/2", ask="two")]
    drawn = split_by_hash(tasks, {Split.HOLDOUT: 1.0}, seed=0, replayed={"S/1"})
    assert drawn == {"S/1": Split.REPAIR, "U/1": Split.REPAIR, "U/2": Split.HOLDOUT}


def test_what_is_held_out_and_replayed_is_refused(task):
    tasks = [task("S/1", ask="one"), task("U/1", ask="one")]
    with pytest.raises(UsageError, match="U/1 is to be held out and S/1 to be replayed, but they belong together"):
        split_by_hash(tasks, {Split.REPAIR: 1.0}, seed=0, held_out={"U/1"}, replayed={"S/1"})
