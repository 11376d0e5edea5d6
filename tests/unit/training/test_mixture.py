from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import row, rows

from suture.core.errors import UsageError
from suture.core.model.train_settings import Strategy, TrainSettings
from suture.core.teach.dataset import RowKind
from suture.training.mixture import Turn, anchors_for, check_rows, turn_of


def test_no_failures():
    with pytest.raises(UsageError, match="no failures to train on"):
        check_rows(rows(0, 3), TrainSettings())


def test_failures_without_reference_do_not_count():
    with pytest.raises(UsageError, match="no failures to train on"):
        check_rows([row(1, target=""), *rows(0, 3)], TrainSettings())


@pytest.mark.parametrize("kind", [RowKind.LESSON, RowKind.VARIATION])
def test_what_else_is_taught_is_enough(kind):
    check_rows([row(1, kind), row(2, target=""), *rows(0, 3)], TrainSettings())


@pytest.mark.parametrize("strategy", [Strategy.REPLAY, Strategy.REPLAY_KL])
def test_no_anchors(strategy):
    with pytest.raises(UsageError, match="no anchors to protect") as caught:
        check_rows(rows(3, 0), TrainSettings(strategy=strategy))
    assert "naive" in (caught.value.mend or "")


def test_naive_needs_no_anchors():
    check_rows(rows(3, 0), TrainSettings(strategy=Strategy.NAIVE))


def test_naive_replays_nothing():
    assert anchors_for(10, [row(1, RowKind.ANCHOR)], TrainSettings(strategy=Strategy.NAIVE)) == []


@given(failures=st.integers(1, 60), anchors=st.integers(1, 30), ratio=st.floats(0.01, 2), seed=st.integers(0, 2**31))
def test_as_many_anchors_as_the_ratio_says_each_as_often_as_any(failures, anchors, ratio, seed):
    settings = TrainSettings(strategy=Strategy.REPLAY, replay_ratio=ratio, seed=seed)
    chosen = anchors_for(failures, range(anchors), settings)
    assert len(chosen) == max(1, round(ratio * failures))
    assert chosen == anchors_for(failures, range(anchors), settings)
    counts = Counter(chosen)
    assert max(counts.values()) - min(counts.get(i, 0) for i in range(anchors)) <= 1


@given(
    failures=st.integers(1, 60), turns=st.lists(st.sampled_from(Turn), min_size=1, max_size=30), seed=st.integers(0, 99)
)
def test_what_is_always_replayed_is_and_luck_comes_last(failures, turns, seed):
    settings = TrainSettings(strategy=Strategy.REPLAY, replay_ratio=0.5, seed=seed)
    chosen = anchors_for(failures, range(len(turns)), settings, lambda at: turns[at])
    always = [at for at, turn in enumerate(turns) if turn is Turn.ALWAYS]
    assert len(chosen) == max(1, len(always), round(0.5 * failures))
    assert set(always) <= set(chosen)
    if any(turns[at] is Turn.LAST for at in chosen):
        assert {at for at, turn in enumerate(turns) if turn is not Turn.LAST} <= set(chosen)


def test_a_row_says_when_it_is_replayed():
    anchor = row(1, RowKind.ANCHOR)
    said = [anchor, *(anchor.model_copy(update={name: True}) for name in ("always_replayed", "lucky"))]
    assert [turn_of(one) for one in said] == [Turn.USUAL, Turn.ALWAYS, Turn.LAST]
    assert "lucky" not in anchor.to_json()  # datasets of before have the digests that they had
