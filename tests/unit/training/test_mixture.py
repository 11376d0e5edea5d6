from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import row, rows

from suture.core.errors import UsageError
from suture.core.model.train_settings import Strategy, TrainSettings
from suture.core.teach.dataset import RowKind
from suture.training.mixture import anchors_for, check_rows


def test_no_failures():
    with pytest.raises(UsageError, match="no failures to train on"):
        check_rows(rows(0, 3), TrainSettings())


def test_failures_without_reference_do_not_count():
    with pytest.raises(UsageError, match="no failures to train on"):
        check_rows([row(1, target=""), *rows(0, 3)], TrainSettings())


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
