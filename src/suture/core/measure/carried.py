"""Counts how many of n answers carry a reward, a penalty and a conductance: of a bench, or of what was served. Pure."""

from collections.abc import Iterable, Mapping

from pydantic import Field

from suture.core.frozen import Frozen
from suture.core.measure.modes import is_fallback
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.served_record import Reward, ServedRecord
from suture.core.measure.steering.route_trust import conducted, mean
from suture.core.measure.steering.settings import SteeringSettings
from suture.core.measure.steering.worth import Worth, settled, worth_of


class Carried(Frozen):
    """Attributes:
    answers: all of them.
    rewards: those with evidence that they were right; ``penalties``: that they were wrong.
    conductances: those with what their route trusted its policy when they were asked for.
    conductance: at the end, by route; of a bench alone.
    """

    answers: int
    rewards: int
    penalties: int
    conductances: int
    conductance: dict[str, float] = Field(default_factory=dict[str, float], exclude_if=lambda value: not value)

    @property
    def says(self) -> str:
        """In one line, for people."""
        ends = ", ".join(f"{route or 'at the end'} {value:.3f}" for route, value in self.conductance.items())
        line = f"of {self.answers} answers {self.rewards} carry a reward, {self.penalties} a penalty"
        return f"{line}, {self.conductances} a conductance" + (f" ({ends})" if ends else "")


def carried_by_boards(boards: Mapping[str, Scoreboard]) -> Carried:
    """Of a bench: verdicts are rewards and penalties, a fault is neither; each route's conductance is led along its own
    tasks, in their order, from one half.

    An answer that the fallback gave counts against the policy; where only the fallback was asked there is none.
    """
    steering = SteeringSettings()
    ends: dict[str, float] = {}
    conductances = 0
    for route, board in boards.items():
        for result in board.results:
            if not _asked(result):
                continue
            conductances += 1
            before = ends.get(route, mean(0, 0))
            right = Worth(result.verdict.passed and not _by_fallback(result), 1.0)
            ends[route] = before if result.verdict.faulted else conducted(before, right, steering.mu, steering.eta)
    verdicts = [result.verdict for board in boards.values() for result in board.results]
    return Carried(
        answers=len(verdicts),
        rewards=sum(verdict.passed for verdict in verdicts),
        penalties=sum(not verdict.passed and not verdict.faulted for verdict in verdicts),
        conductances=conductances,
        conductance=ends,
    )


def carried_by_records(records: Iterable[ServedRecord], rewards: Iterable[Reward]) -> Carried:
    """Of what was served: a verified claim, or what the check of the prompt found of the policy's own answer."""
    verified = {(one.record, one.choice): one.value for one in rewards}
    answers = conductances = 0
    worths: list[Worth] = []
    for record in records:
        for choice, answer in enumerate(record.answers):
            answers += 1
            conductances += answer.how is not None and answer.how.conductance is not None
            found = settled(worth_of(answer), {}, verified.get((record.id, choice), 0), ()).checked
            worths += [found] if found is not None else []
    right = sum(one.right for one in worths)
    return Carried(answers=answers, rewards=right, penalties=len(worths) - right, conductances=conductances)


def _asked(result: Result) -> bool:
    """Whether anybody but the fallback was asked."""
    return result.served is None or any(not is_fallback(one.tier) for one in result.served.answers)


def _by_fallback(result: Result) -> bool:
    return result.served is not None and is_fallback(result.served.tier)
