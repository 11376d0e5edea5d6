"""Who chooses among the policies of a route: each learner over all rows at once, its settings a column a row."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from steering_worlds import KEYS, POLICIES, Floats, Heard, Ints

from suture.core.measure.steering.route_trust import CLAIM_WEIGHT, KEY_MASS, LEAST
from suture.core.measure.steering.settings import SteeringSettings

USUAL = SteeringSettings()
Setting = Mapping[str, float]


class Learner:
    """``grid``: the settings that are tried. What people say counts as a quarter of a checked answer."""

    name: ClassVar[str]
    grid: ClassVar[tuple[Setting, ...]] = ({},)

    def __init__(self, rows: int, setting: Mapping[str, Floats]) -> None:
        self.rows, self._all = rows, np.arange(rows)
        for name, column in setting.items():
            setattr(self, name, column)

    def choose(self, rng: np.random.Generator) -> Ints:
        raise NotImplementedError

    def hear(self, heard: Heard) -> None:
        rows, asked, _, good = heard.claims
        heard.checks[rows, asked, 1 - good.astype(int)] += CLAIM_WEIGHT
        self.learn(heard.checks)

    def learn(self, found: Floats) -> None:
        """``found``: row, policy, right or wrong."""

    def enter(self, rows: Ints, place: Ints, good: Floats, bad: Floats) -> None:
        """A new policy stands there, with the counts of its gate."""

    def _by_share(self, share: Floats, rng: np.random.Generator) -> Ints:
        edges = np.cumsum(share, axis=1)
        drawn = rng.random(self.rows) * edges[:, -1]
        return np.minimum((drawn[:, None] >= edges).sum(axis=1), POLICIES - 1)


class Uniform(Learner):
    name = "uniform"

    def choose(self, rng: np.random.Generator) -> Ints:
        return rng.integers(0, POLICIES, self.rows)


class Greedy(Learner):
    name = "epsilon-greedy"
    grid = tuple({"epsilon": e, "step": s} for e in (0.01, 0.02, 0.05) for s in (0.03, 0.05, 0.1))
    epsilon: Floats
    step: Floats

    def __init__(self, rows: int, setting: Mapping[str, Floats]) -> None:
        super().__init__(rows, setting)
        self._value = np.full((rows, POLICIES), 0.5)

    def choose(self, rng: np.random.Generator) -> Ints:
        tries = rng.random(self.rows) < self.epsilon
        return np.where(tries, rng.integers(0, POLICIES, self.rows), self._value.argmax(axis=1))

    def learn(self, found: Floats) -> None:
        weight = found.sum(axis=2)
        moved = 1 - (1 - self.step[:, None]) ** weight
        self._value += moved * (found[:, :, 0] / np.maximum(weight, 1e-9) - self._value)

    def enter(self, rows: Ints, place: Ints, good: Floats, bad: Floats) -> None:
        self._value[rows, place] = (good + 1) / (good + bad + 2)


class Counting(Learner):
    """Learners that keep discounted counts of right and wrong answers."""

    discount: Floats

    def __init__(self, rows: int, setting: Mapping[str, Floats]) -> None:
        super().__init__(rows, setting)
        self.counts = np.zeros((rows, POLICIES, 2))

    def learn(self, found: Floats) -> None:
        left = self.discount ** found.sum(axis=(1, 2))
        self.counts *= left[:, None, None]
        self.counts += found

    def enter(self, rows: Ints, place: Ints, good: Floats, bad: Floats) -> None:
        self.counts[rows, place] = np.stack([good, bad], axis=1)


class Ucb(Counting):
    name = "discounted UCB"
    grid = tuple({"discount": d, "bonus": b} for d in (0.995, 0.998, 0.999) for b in (0.01, 0.02, 0.05))
    bonus: Floats

    def choose(self, rng: np.random.Generator) -> Ints:
        asked = self.counts.sum(axis=2)
        known = np.maximum(asked, 1e-6)
        wide = np.sqrt(self.bonus[:, None] * np.log(np.maximum(asked.sum(axis=1, keepdims=True), 2)) / known)
        ties = rng.random((self.rows, POLICIES)) * 1e-6
        return (self.counts[:, :, 0] / known + wide + ties).argmax(axis=1)


class Conductance(Learner):
    """Shares by D to the power of g, where D of every policy is lost at every checked answer: tubes side by side."""

    name = "conductance, shares"
    grid = tuple({"g": g, "mu": m} for g in (0.75, 1.0, 1.5) for m in (0.03, 0.05, 0.1))
    least_share = 0.02
    g: Floats
    mu: Floats

    def __init__(self, rows: int, setting: Mapping[str, Floats]) -> None:
        super().__init__(rows, setting)
        self._d = np.full((rows, POLICIES), 0.5)

    def choose(self, rng: np.random.Generator) -> Ints:
        return self._by_share(self._d ** self.g[:, None], rng)

    def learn(self, found: Floats) -> None:
        kept = (1 - self.mu) ** found.sum(axis=(1, 2))
        self._d = kept[:, None] * self._d + self.mu[:, None] * found[:, :, 0]
        self._d = np.maximum(self._d, self.least_share * self._d.max(axis=1, keepdims=True))

    def enter(self, rows: Ints, place: Ints, good: Floats, bad: Floats) -> None:
        self._d[rows, place] = (good + 1) / (good + bad + 2)


class OwnConductance(Conductance):
    """The same, where D is lost only at a policy's own answers, as it is shown of what is served."""

    name = "conductance, own answers"
    grid = tuple({"g": g, "mu": m} for g in (8.0, 16.0, 32.0) for m in (0.02, 0.05, 0.1))

    def learn(self, found: Floats) -> None:
        weight = found.sum(axis=2)
        kept = (1 - self.mu[:, None]) ** weight
        share = found[:, :, 0] / np.maximum(weight, 1e-9)
        self._d = np.maximum(LEAST, kept * self._d + (1 - kept) * share)


class Thompson(Counting):
    """Nothing is forgotten."""

    name = "Thompson"
    grid = ({"discount": 1.0},)

    def choose(self, rng: np.random.Generator) -> Ints:
        good, bad = np.moveaxis(self.believed(), 2, 0)
        best = rng.beta(1 + good, 1 + bad).argmax(axis=1)
        tries = rng.random(self.rows) < USUAL.least * POLICIES
        return np.where(tries, rng.integers(0, POLICIES, self.rows), best)

    def believed(self) -> Floats:
        return self.counts


class Discounted(Thompson):
    """As it is served: what people say counts at most a quarter of what was checked, and of one key little."""

    name = "discounted Thompson"
    grid = tuple({"discount": d} for d in (0.97, 0.98, 0.99, 0.995, 0.997, 0.998, 0.9985, 0.999, 0.9995))

    def __init__(self, rows: int, setting: Mapping[str, Floats]) -> None:
        super().__init__(rows, setting)
        self._claims = np.zeros((rows, POLICIES, KEYS, 2))

    def hear(self, heard: Heard) -> None:
        left = self.discount ** heard.checks.sum(axis=(1, 2))
        self._claims *= left[:, None, None, None]
        rows, asked, key, good = heard.claims
        self._claims[rows, asked, key, 1 - good.astype(int)] += CLAIM_WEIGHT
        self.learn(heard.checks)

    def enter(self, rows: Ints, place: Ints, good: Floats, bad: Floats) -> None:
        super().enter(rows, place, good, bad)
        self._claims[rows, place] = 0

    def believed(self) -> Floats:
        said = self._claims
        part = np.minimum(1, KEY_MASS / np.maximum(said.sum(axis=3), 1e-9))
        heard = (said * part[..., None]).sum(axis=2)
        most = USUAL.claims * self.counts.sum(axis=2)
        part = np.minimum(1, most / np.maximum(heard.sum(axis=2), 1e-9))
        return self.counts + heard * part[..., None]


class TwoClocks(Discounted):
    """A policy forgets more at its own answers than at others', and counts are taken for more than they are."""

    name = "Thompson, two clocks"
    grid = (
        *({"discount": d, "own": o, "sure": s} for d in (0.998, 0.9995) for o in (0.97, 0.985) for s in (5.0, 12.0)),
        {"discount": 0.9995, "own": 0.985, "sure": 2.0},
    )
    own: Floats
    sure: Floats

    def hear(self, heard: Heard) -> None:
        weight = heard.checks.sum(axis=2)
        self._claims *= (self.own[:, None] ** weight)[:, :, None, None]
        super().hear(heard)

    def learn(self, found: Floats) -> None:
        self.counts *= (self.own[:, None] ** found.sum(axis=2))[..., None]
        super().learn(found)

    def believed(self) -> Floats:
        return super().believed() * self.sure[:, None, None]


def believing(heard: Heard) -> Heard:
    """What people say is taken for a check."""
    rows, asked, _, good = heard.claims
    heard.checks[rows, asked, 1 - good.astype(int)] += 1
    return deaf(heard)


def deaf(heard: Heard) -> Heard:
    """What people say is not heard."""
    rows, asked, key, good = heard.claims
    return Heard(heard.checks, (rows[:0], asked[:0], key[:0], good[:0]))


def listening(heard: Heard) -> Heard:
    """What people say is heard as the learner hears it."""
    return heard


class Static(Learner):
    """The policy that is truly best at the beginning, for ever: nobody knows it, and nobody learns."""

    name = "best at first, for ever"
    best: Ints

    def choose(self, rng: np.random.Generator) -> Ints:
        return self.best


FIRST: tuple[type[Learner], ...] = (Greedy, Ucb, Conductance, OwnConductance, Thompson, Discounted)
SECOND: tuple[type[Learner], ...] = (*FIRST, TwoClocks)
