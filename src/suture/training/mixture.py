"""Which rows one epoch is made of, by strategy. Pure: no model, no tensors."""

import random
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import TypeVar

from suture.core.errors import UsageError
from suture.core.model.strategies import spec_of
from suture.core.model.train_settings import TrainSettings
from suture.core.teach.dataset import TAUGHT, RowKind, TrainingRow

T = TypeVar("T")


def check_rows(rows: Iterable[TrainingRow], settings: TrainSettings) -> None:
    """Raises UsageError: the strategy lacks failures to mend or anchors to protect."""
    kinds = {row.kind for row in rows if row.trainable}
    if kinds.isdisjoint(TAUGHT):
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


class Turn(IntEnum):
    """When an anchor is replayed."""

    ALWAYS = 0
    USUAL = 1
    LAST = 2


def turn_of(row: TrainingRow) -> Turn:
    """Lucky passes, which nothing protects, come last."""
    return Turn.ALWAYS if row.always_replayed else Turn.LAST if row.lucky else Turn.USUAL


def anchors_for(
    failures: int, anchors: Sequence[T], settings: TrainSettings, turn: Callable[[T], Turn] = lambda _: Turn.USUAL
) -> list[T]:
    """``round(replay_ratio * failures)`` anchors, at least one, and all that are always replayed: by ``turn``, then in
    a seeded order, begun again when it runs out."""
    if not replays(settings) or not anchors:
        return []
    always = sum(turn(anchor) is Turn.ALWAYS for anchor in anchors)
    wanted = max(1, always, round(settings.replay_ratio * failures))
    order = random.Random(settings.seed).sample(range(len(anchors)), len(anchors))  # noqa: S311 - not a secret
    order.sort(key=lambda at: turn(anchors[at]))
    return [anchors[order[i % len(order)]] for i in range(wanted)]
