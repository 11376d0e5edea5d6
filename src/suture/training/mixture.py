"""Which rows one epoch is made of, by strategy. Pure: no model, no tensors."""

import random
from collections.abc import Iterable, Sequence
from typing import TypeVar

from suture.core.errors import UsageError
from suture.core.model.strategies import spec_of
from suture.core.model.train_settings import TrainSettings
from suture.core.teach.dataset import RowKind, TrainingRow

T = TypeVar("T")


def check_rows(rows: Iterable[TrainingRow], settings: TrainSettings) -> None:
    """Raises UsageError: the strategy lacks failures to mend or anchors to protect."""
    kinds = {row.kind for row in rows if row.trainable}
    if RowKind.FAILURE not in kinds:
        raise UsageError(
            "no failures to train on: the dataset has no failed task with a reference answer",
            mend="harvest a suite that the model does not pass yet",
        )
    if replays(settings) and RowKind.ANCHOR not in kinds:
        raise UsageError(
            f"no anchors to protect: strategy {settings.strategy.value!r} replays tasks the model passes, "
            "and the dataset has none",
            mend="harvest a suite where the model passes something, or use strategy 'naive'",
        )


def replays(settings: TrainSettings) -> bool:
    return spec_of(settings).replays and settings.replay_ratio > 0


def anchors_for(failures: int, anchors: Sequence[T], settings: TrainSettings) -> list[T]:
    """``round(replay_ratio * failures)`` anchors, at least one: a seeded order, begun again when it runs out."""
    if not replays(settings) or not anchors:
        return []
    wanted = max(1, round(settings.replay_ratio * failures))
    order = random.Random(settings.seed).sample(range(len(anchors)), len(anchors))  # noqa: S311 - not a secret
    return [anchors[order[i % len(order)]] for i in range(wanted)]
