"""Worlds in which policies of one route are steered: what they are truly worth, and what is heard of it.

All rows of a batch are simulated at once: world after world, seed after seed. Everything that does not depend on who
is asked is drawn from one generator in one order, so that all learners meet the same prompts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Value = TypeVar("Value", bound=np.generic)

STEPS = 3000
"""Prompts of one route."""
BREAK = STEPS // 2
POLICIES = 3
KEYS = 5
"""Of people who say what answers were worth. Key 0 is the liar where there is one."""
LONGEST = 512
"""Beyond every delay."""
JITTER = 0.03
GATE_TASKS, GATE_COUNTS = 60, 20.0
"""A gate's tasks, and as how many answers its evidence counts."""


@dataclass(frozen=True)
class World:
    """Attributes:
    before, after: chance of a right answer of each policy, up to the break and from it on.
    checks: share of prompts that show something an answer can be held to.
    delay: prompts until what a check found is known, from and to.
    complaints, praise: share of unchecked wrong and right answers that somebody says something of.
    mistaken: share of what honest people say that is not so.
    liar: half of all that is said is said by one key, which runs the best policy down and the worst up.
    gated: the change is a promotion: the new policy begins with what its gate found on 60 tasks.
    """

    name: str
    before: tuple[float, float, float] = (0.55, 0.70, 0.62)
    after: tuple[float, float, float] = (0.55, 0.70, 0.62)
    checks: float = 1.0
    delay: tuple[int, int] = (1, 1)
    complaints: float = 0.0
    praise: float = 0.0
    mistaken: float = 0.0
    liar: bool = False
    gated: bool = False


FELL, MENDED = (0.55, 0.40, 0.62), (0.80, 0.70, 0.62)
WORLDS = (
    World("same"),
    World("change", after=FELL),
    World("repair", after=MENDED),
    World("promoted", after=MENDED, gated=True),
    World("delayed", after=FELL, delay=(50, 500)),
    World("sparse", after=FELL, checks=0.1),
    World("biased", checks=0.1, complaints=0.8, praise=0.05),
    World("poisoned", checks=0.1, complaints=0.3, praise=0.3, mistaken=0.1, liar=True),
)


@dataclass(frozen=True)
class Heard:
    """What becomes known after one prompt.

    Attributes:
        checks: row, policy, right or wrong: how many answers.
        claims: rows in which somebody said something, of which policy, by which key, and whether it was praise.
    """

    checks: Floats
    claims: tuple[Ints, Ints, Ints, NDArray[np.bool_]]


@dataclass
class Batch:
    """Rows of ``settings`` x worlds x ``seeds``, of which those that differ in the setting alone meet the same."""

    seed: int
    seeds: int
    settings: int = 1
    worlds: tuple[World, ...] = WORLDS

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        each = len(self.worlds) * self.seeds
        self.rows = self.settings * each
        order = self._rng.permuted(np.tile(np.arange(POLICIES), (each, 1)), axis=1)
        jitter = self._rng.uniform(-JITTER, JITTER, (each, POLICIES))

        def of(field: str) -> Floats:
            return np.repeat(
                np.array([getattr(world, field) for world in self.worlds], dtype=float), self.seeds, axis=0
            )

        def shuffled(values: Floats) -> Floats:
            return np.clip(np.take_along_axis(values + jitter, order, axis=1), 0, 1)

        self.truth = tuple(self._tiled(shuffled(of(name))) for name in ("before", "after"))
        self._checks, self._mistaken, self._liar = (self._tiled(of(n)) for n in ("checks", "mistaken", "liar"))
        self._said = [self._tiled(of(name)) for name in ("complaints", "praise")]
        self._delay = self._tiled(of("delay"))
        self.gated = np.flatnonzero(self._tiled(of("gated")))
        self.mended = self._tiled(np.argmax(order == 0, axis=1))[self.gated]
        """In the worlds with a promotion: place of the policy that is replaced."""
        worth = self.truth[1][self.gated, self.mended]
        self.gate = self._rng.binomial(GATE_TASKS, worth) / GATE_TASKS * GATE_COUNTS
        self._waiting = np.zeros((LONGEST, self.rows, POLICIES, 2))
        self._all = np.arange(self.rows)

    def _tiled(self, values: NDArray[Value]) -> NDArray[Value]:
        return np.tile(values, (self.settings, *[1] * (values.ndim - 1)))

    def world_of(self, per_row: Floats) -> Floats:
        """Per row, as settings x worlds x seeds."""
        return per_row.reshape(self.settings, len(self.worlds), self.seeds)

    def steps(self) -> Iterator[int]:
        yield from range(STEPS)

    def quality(self, step: int) -> Floats:
        return self.truth[int(step >= BREAK)]

    def answer(self, step: int, asked: Ints) -> Heard:
        """Ask the chosen policies, and tell what becomes known by now, of this prompt and of earlier ones."""
        each = self.rows // self.settings
        drawn = np.tile(self._rng.random((6, each)), self.settings)
        quality = self.quality(step)
        right = drawn[0] < quality[self._all, asked]
        checked = drawn[1] < self._checks
        low, high = self._delay[:, 0], self._delay[:, 1]
        lag = (low + np.floor(drawn[2] * (high - low + 1))).astype(int)
        rows = np.flatnonzero(checked)
        self._waiting[(step + lag[rows]) % LONGEST, rows, asked[rows], 1 - right[rows].astype(int)] += 1
        slot = (step + 1) % LONGEST
        found = self._waiting[slot].copy()
        self._waiting[slot] = 0
        told = ~checked & (drawn[3] < np.where(right, self._said[1], self._said[0]))
        rows = np.flatnonzero(told)
        return Heard(found, self._claims(rows, asked[rows], right[rows], drawn[4:, rows], quality[rows]))

    def _claims(
        self, rows: Ints, asked: Ints, right: NDArray[np.bool_], drawn: Floats, quality: Floats
    ) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
        lies = (self._liar[rows] > 0) & (drawn[0] < 0.5)
        honest = 1 + np.floor((drawn[0] * 2 % 1) * (KEYS - 1)).astype(int)
        good = right ^ (drawn[1] < self._mistaken[rows])
        good = np.where(lies & (asked == quality.argmax(axis=1)), False, good)
        good = np.where(lies & (asked == quality.argmin(axis=1)), True, good)
        return rows, asked, np.where(lies, 0, honest), good
