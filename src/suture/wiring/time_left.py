"""About how long a repair takes: expected from one measured run, and held to what this machine shows as it goes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import dropwhile

from suture.core.measure.splits import Split
from suture.core.plan.recipe import Recipe
from suture.core.plan.stages import BENCH, GATE_BENCH, QUESTIONS, TRAIN, draw_stage, repeat_stage
from suture.loop.held_out import SIDES

SECONDS_AN_ANSWER, SECONDS_A_ROW = 0.33, 1.2
"""Of the quickstart's run on two cores (`docs/evidence/quickstart.md`): an answer, and a row in an epoch."""
AROUND = 60.0
"""Seconds of preparing, loading, merging, packing and proving, whatever the tasks are."""
BELIEVED = 0.1
"""The expected times count as so much of a run that was seen already: the first answer of a batch comes when most of
the batch is done, and says little of how fast the machine is."""
FOUND = 0.01
"""Of the expected time: a stage that took less has read what an earlier run left, and shows no pace."""
PASSED = 0.5
"""Of the tasks: so many are drawn again, before anything was measured."""


def expected_seconds(
    recipe: Recipe, splits: Mapping[str, int], *, questions: int = 0, lessons: int = 0
) -> dict[str, float]:
    """By stage, for a model of the measured run's size: those stages that take most of a repair, in their order.

    Args:
        splits: how many tasks are in each.
        questions: how many from elsewhere the base answers, before it is taught to keep its answers.
        lessons: how many tasks from elsewhere are taught.
    """
    tasks = sum(splits.values())
    answers, taught = tasks * SECONDS_AN_ANSWER, splits.get(Split.REPAIR.value, 0) or tasks
    drawn = {draw_stage(number).name: answers * PASSED for number in range(1, recipe.gate.draws + 1)}
    again = {
        repeat_stage(side, number).name: answers / len(SIDES)
        for number in range(1, recipe.gate.baseline_runs)
        for side in SIDES
    }
    return {
        BENCH.name: answers,
        **drawn,
        QUESTIONS.name: questions * SECONDS_AN_ANSWER,
        TRAIN.name: (taught * (1 + recipe.harvest.variations) + questions + lessons)
        * recipe.train.epochs
        * SECONDS_A_ROW,
        GATE_BENCH.name: answers,
        **again,
    }


@dataclass(frozen=True)
class _Seen:
    """Of stages of one sort, seconds: expected, and taken."""

    expected: float = 0.0
    taken: float = 0.0

    def __add__(self, other: "_Seen") -> "_Seen":
        return _Seen(self.expected + other.expected, self.taken + other.taken)

    def pace(self, believed: float) -> float:
        """How many seconds one expected second takes, with so many more that were as expected."""
        return (self.taken + believed) / (self.expected + believed)


class TimeLeft:
    """Told of stages as they begin, says how many seconds the run still takes. Before the first answers it does not
    know how fast this machine is, and says nothing.

    Answering and training have paces of their own: a machine with a GPU, or a recipe with long rows, changes one more
    than the other. Of what was not seen yet, the pace of the other is the best guess."""

    def __init__(self) -> None:
        self._to_come: dict[str, float] = {}
        self._seen = {training: _Seen() for training in (False, True)}
        """Of the stages that ended, and were expected to take long."""
        self._stage, self._began = "", 0.0

    def expect(self, seconds: Mapping[str, float]) -> None:
        """Set how long stages take on the machine of the measured run, in the order in which they come."""
        self._to_come = dict(seconds)

    def begin(self, stage: str, done: bool, now: float | None = None) -> None:
        """The stage before has ended. ``done``: this one was done in an earlier run, and takes no time. What was
        expected before it and did not come never will."""
        now = time.monotonic() if now is None else now
        if self._stage in self._to_come:
            ended = _Seen(self._to_come.pop(self._stage), now - self._began)
            if ended.taken >= FOUND * ended.expected:
                self._seen[_trains(self._stage)] += ended
        if stage in self._to_come:
            self._to_come = dict(dropwhile(lambda expected: expected[0] != stage, self._to_come.items()))
        self._stage, self._began = stage, now
        if done:
            self._to_come.pop(stage, None)
            self._stage = ""

    def seconds(self, share_done: float, now: float | None = None) -> float | None:
        """Say what is left when ``share_done`` of the stage under way is done; None where nothing is known yet.

        The share is of what is being counted now: of a stage with several parts it is the latest part's.
        """
        now = time.monotonic() if now is None else now
        seen, left = dict(self._seen), dict(self._to_come)
        if self._stage in left and share_done > 0:
            under_way = _Seen(left[self._stage] * share_done, now - self._began)
            seen[_trains(self._stage)] += under_way
            left[self._stage] -= under_way.expected
        if not any(one.expected for one in seen.values()):
            return None
        return sum(self._left(seen, left, training) for training in seen)

    @staticmethod
    def _left(seen: Mapping[bool, _Seen], left: Mapping[str, float], training: bool) -> float:
        """Seconds of the stages of one sort."""
        to_come = sum(seconds for stage, seconds in left.items() if _trains(stage) is training)
        own = seen[training] if seen[training].expected else seen[not training]
        return own.pace(BELIEVED * (own.expected + to_come)) * to_come


def _trains(stage: str) -> bool:
    return stage == TRAIN.name
