"""What a route knows of its policies: a fold over what their answers were worth, in the order in which that was found.

Counts of right and wrong answers are kept of each policy, from which it is chosen. At each checked answer of the route
all of them are multiplied by ``discount``, and those of the policy that gave it by ``own`` besides. And its conductance
D, after Tero, Kobayashi and Nakagaki (2007): at each of its own checked answers D becomes (1 - mu) D + eta r, and never
less than ``LEAST``.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from suture.core.measure.served_record import say
from suture.core.measure.steering.settings import SteeringSettings
from suture.core.measure.steering.worth import Settled, Worth, settled

LEAST = 0.01
"""Conductance never falls below this, so that it can rise again."""
CLAIM_WEIGHT = 0.25
"""Of one unchecked word on one answer."""
KEY_MASS = 2.0
"""All that one key says of one policy counts as at most so many answers."""
REMEMBERED = 5000
"""Answers of a route of which something may still be said; what is said of older ones counts nothing."""

AnswerId = tuple[str, int]
"""Id of a record, and which of its answers."""


def conducted(before: float, worth: Worth, mu: float, eta: float) -> float:
    """The conductance after one more answer: D <- (1 - mu) D + eta r, at least ``LEAST``. A weight w is w steps."""
    kept = (1 - mu) ** worth.weight
    return max(LEAST, kept * before + (1 - kept) / mu * eta * worth.right)


@dataclass
class PolicyTrust:
    """Attributes:
    good, bad: checked answers, discounted.
    claims: what each key says of it and nothing has checked: right and wrong, discounted.
    clock: its own checked answers.
    """

    good: float
    bad: float
    conductance: float
    claims: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    clock: float = 0.0

    def age(self, left: float) -> None:
        """Leave so much of everything."""
        self.good, self.bad = self.good * left, self.bad * left
        for said in self.claims.values():
            said[:] = [said[0] * left, said[1] * left]

    def believed(self, share: float) -> tuple[float, float]:
        """Right and wrong answers with what people say, which is at most ``share`` of what was checked."""
        heard = [0.0, 0.0]
        for good, bad in self.claims.values():
            part = min(1.0, KEY_MASS / (good + bad)) if good + bad else 0.0
            heard = [heard[0] + part * good, heard[1] + part * bad]
        mass, most = sum(heard), share * (self.good + self.bad)
        part = min(1.0, most / mass) if mass else 0.0
        return self.good + part * heard[0], self.bad + part * heard[1]


def mean(good: float, bad: float) -> float:
    """Of Beta(1 + good, 1 + bad): what a policy's conductance begins with."""
    return (good + 1) / (good + bad + 2)


class _Moment(NamedTuple):
    """Checked answers until then: of the route, and of the policy."""

    route: float
    own: float


_BEGINNING = _Moment(0.0, 0.0)


@dataclass
class _Dossier:
    """All that is known of one answer, what of it is counted, and since when.

    Attributes:
        words: of everybody, by key: True for praise; the last one counts.
    """

    policy: str
    check: Worth | None = None
    words: dict[str, list[bool]] = field(default_factory=dict[str, list[bool]])
    reward: int = 0
    counted: Worth | None = None
    counted_at: _Moment = _BEGINNING
    heard: dict[str, tuple[bool, _Moment]] = field(default_factory=dict[str, tuple[bool, _Moment]])


class RouteTrust:
    """Laws:
    It is a function of what it was told, in that order, and of nothing else.
    Unchecked claims change what is checked of no policy, and age nothing.
    """

    def __init__(self, settings: SteeringSettings) -> None:
        self._settings = settings
        self.policies: dict[str, PolicyTrust] = {}
        self._clock = 0.0
        self._dossiers: OrderedDict[AnswerId, _Dossier] = OrderedDict()

    def enter(self, policy: str, good: float, bad: float, conductance: float) -> None:
        """Begin to count a policy, with what is known of it; one that is counted already is left alone."""
        if policy not in self.policies:
            self.policies[policy] = PolicyTrust(good, bad, max(LEAST, conductance))

    @property
    def answers(self) -> Collection[AnswerId]:
        """Those of which something may still be said, oldest first."""
        return self._dossiers.keys()

    def answered(self, answer: AnswerId, policy: str, check: Worth | None) -> None:
        """An answer was given, and this is what its check found."""
        self._dossiers[answer] = dossier = _Dossier(policy, check)
        while len(self._dossiers) > REMEMBERED:
            self._dossiers.popitem(last=False)
        self._count(dossier)

    def claimed(self, answer: AnswerId, key: str, *, good: bool | None) -> None:
        """Somebody said what it was worth, or with None took their last word back; of everybody the last one counts."""
        if (dossier := self._dossiers.get(answer)) is not None:
            say(dossier.words.setdefault(key, []), good)
            self._count(dossier)

    def rewarded(self, answer: AnswerId, value: int) -> None:
        """A claim on it was verified: 1 right, -1 wrong, 0 neither."""
        if (dossier := self._dossiers.get(answer)) is not None:
            dossier.reward = value
            self._count(dossier)

    def believed(self) -> Mapping[str, tuple[float, float]]:
        """By policy: right and wrong answers as they count in a choice."""
        return {name: one.believed(self._settings.claims) for name, one in self.policies.items()}

    def _count(self, dossier: _Dossier) -> None:
        claims = {key: words[-1] for key, words in dossier.words.items() if words}
        now: Settled = settled(dossier.check, claims, dossier.reward, self._settings.trust)
        policy = self.policies[dossier.policy]
        if now.checked != dossier.counted:
            if dossier.counted is not None:
                right, weight = dossier.counted
                counts = policy.good, policy.bad
                policy.good, policy.bad = self._without(policy, counts, right, weight, dossier.counted_at)
            if now.checked is not None:
                self._age(policy, now.checked.weight)
                policy.good += now.checked.weight * now.checked.right
                policy.bad += now.checked.weight * (not now.checked.right)
                policy.conductance = conducted(policy.conductance, now.checked, self._settings.mu, self._settings.eta)
            dossier.counted, dossier.counted_at = now.checked, self._now(policy)
        for key in {*dossier.heard, *now.claimed}:
            self._hear(policy, dossier, key, now.claimed.get(key))

    def _hear(self, policy: PolicyTrust, dossier: _Dossier, key: str, good: bool | None) -> None:
        before = dossier.heard.get(key)
        if good == (before[0] if before else None):
            return
        said = policy.claims.setdefault(key, [0.0, 0.0])
        if before is not None:
            del dossier.heard[key]
            said[:] = self._without(policy, (said[0], said[1]), before[0], CLAIM_WEIGHT, before[1])
        if good is not None:
            said[0 if good else 1] += CLAIM_WEIGHT
            dossier.heard[key] = (good, self._now(policy))

    def _now(self, policy: PolicyTrust) -> _Moment:
        return _Moment(self._clock, policy.clock)

    def _age(self, policy: PolicyTrust, weight: float) -> None:
        self._clock += weight
        policy.clock += weight
        for one in self.policies.values():
            one.age(self._settings.discount**weight)
        policy.age(self._settings.own**weight)

    def _without(
        self, policy: PolicyTrust, counts: tuple[float, float], right: bool, weight: float, since: _Moment
    ) -> tuple[float, float]:
        """Counts less what an answer that was counted ``since`` still weighs in them."""
        now, steering = self._now(policy), self._settings
        left = weight * steering.discount ** (now.route - since.route) * steering.own ** (now.own - since.own)
        good, bad = counts
        return (max(0.0, good - left), bad) if right else (good, max(0.0, bad - left))
