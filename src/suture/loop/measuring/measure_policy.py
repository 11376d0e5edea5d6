"""Measures a policy: tiers are asked in order, each only what no tier before it answered acceptably.

Every tier is asked in the batches of the whole bench, less what is answered already. What one batch is asked depends on
that batch alone, so a repeated measurement of some batches asks exactly what the first one did.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from suture.core.errors import UsageError
from suture.core.measure.asked import asked_of
from suture.core.measure.attempt import Attempt
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.policy import Tier, speaks_anyway
from suture.core.measure.served import Served, TierAnswer
from suture.core.measure.task import Task
from suture.core.measure.verdict import Reason, Verdict
from suture.loop.measuring.asking import ask, asking
from suture.loop.measuring.judging import judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.policy_files import PolicyFiles
from suture.loop.measuring.questions import GREEDY, questions_of
from suture.loop.workshop import Workshop
from suture.suites.kinds.acceptance import Acceptance, acceptance_of

Answered = tuple[Task, Attempt, Verdict, Served]


@dataclass
class _Place:
    """One task on its way through the tiers.

    Attributes:
        given: the attempt that answers, once one is accepted.
        first: of each tier, its first answer.
        fault: of an acceptance check that could have been judged: whoever answers then, nothing was measured.
    """

    task: Task
    acceptance: Acceptance
    given: tuple[Tier, Attempt] | None = None
    first: dict[str, tuple[Tier, Attempt]] = field(default_factory=dict[str, tuple[Tier, Attempt]])
    answers: list[TierAnswer] = field(default_factory=list[TierAnswer])
    fault: Verdict | None = None

    def waits_for(self, tier: Tier) -> bool:
        return self.given is None and tier in self.acceptance.tiers

    def take(self, tier: Tier, attempt: Attempt, verdict: Verdict | None) -> None:
        """``verdict``: of the acceptance check; None where nothing was judged."""
        accepted = self.acceptance.finding(attempt.completion, verdict) is None
        said = attempt.completion
        self.answers.append(
            TierAnswer(
                tier=tier.name,
                accepted=accepted,
                prompt_tokens=said.prompt_tokens,
                tokens=said.tokens,
                seconds=said.seconds,
            )
        )
        self.first.setdefault(tier.name, (tier, attempt))
        if verdict is not None and verdict.faulted and verdict.reason is not Reason.BROKEN_TASK:
            self.fault = verdict
        if accepted:
            self.given = (tier, attempt)

    @property
    def answer(self) -> tuple[Attempt, Served]:
        """The accepted attempt, else that of the tier that speaks anyway."""
        blank = [name for name, (_, first) in self.first.items() if not first.completion.text.strip()]
        tier, attempt = self.given or self.first[speaks_anyway(self.acceptance.tiers, blank).name]
        return attempt, Served(
            tier=tier.name,
            grounds=self.acceptance.grounds,
            accepted=self.given is not None,
            answers=tuple(self.answers),
        )


def answer_by_policy(
    workshop: Workshop,
    served: PolicyFiles,
    batches: Sequence[Sequence[Task]],
    *,
    engine: EngineChoice,
    title: str,
    afresh: bool = False,
    repeat: tuple[str, int] | None = None,
) -> Iterator[list[Answered]]:
    """Each batch's tasks with the answer that the policy gives, its verdict, and who answered.

    Args:
        engine: of the tiers that name none.
        afresh, repeat: as in ``measure``.

    Raises:
        UsageError: a tier's adapter, and an engine that takes none.
        Fault: an engine or the judge failed. Finished batches stay recorded.
    """
    policy = served.policy
    _require_engines(workshop, served, engine)
    places = [[_Place(task, acceptance_of(policy, asked_of(task), task.suite)) for task in batch] for batch in batches]
    for tier in policy.tiers:
        _ask_tier(workshop, served, tier, places, engine=engine, title=title, afresh=afresh, repeat=repeat)
    given = [[place.answer for place in batch] for batch in places]
    asked = (
        ([place.task for place in batch], [attempt for attempt, _ in answers])
        for batch, answers in zip(places, given, strict=True)
    )
    for batch, answers, judged in zip(places, given, judge(workshop, asked, afresh=afresh), strict=True):
        yield [
            (task, attempt, place.fault or verdict, served_by)
            for place, (_, served_by), (task, attempt, verdict) in zip(batch, answers, judged, strict=True)
        ]


def _require_engines(workshop: Workshop, served: PolicyFiles, engine: EngineChoice) -> None:
    """Before the first tier is asked, which may take hours. Raises UsageError and its children: a tier's engine is not
    there, or takes no adapter and has one."""
    for tier in served.policy.tiers:
        choice = tier.engine or engine
        workshop.engines.identify(choice)
        if tier.adapter is not None and not workshop.engines.hot_adapters(choice):
            raise UsageError(
                f"tier {tier.name!r} loads an adapter beside its pack, and engine {choice.name!r} takes none",
                mend="engine: {name: llamacpp}, or --engine llamacpp",
            )


def _ask_tier(
    workshop: Workshop,
    served: PolicyFiles,
    tier: Tier,
    places: Sequence[Sequence[_Place]],
    *,
    engine: EngineChoice,
    title: str,
    afresh: bool,
    repeat: tuple[str, int] | None,
) -> None:
    """Ask one tier, as often as it may answer, what still waits for it."""
    choice, pack = tier.engine or engine, served.pack_of(tier)
    with LazyEngine(workshop, choice, pack, served.beside(tier)) as asker:
        for number in range(tier.answers):
            due = [waiting for batch in places if (waiting := [place for place in batch if place.waits_for(tier)])]
            if not due:
                return
            which = f" {number + 1}" if tier.answers > 1 else ""
            workshop.progress.start(f"{title}, {tier.name}{which}", sum(map(len, due)))
            batches = (
                questions_of([place.task for place in batch], pack.template, choice, adapter=tier.adapter)
                for batch in due
            )
            how = asking(tier.sampling(number) or GREEDY, afresh=afresh, repeat=repeat, sample=number)
            _hold(workshop, tier, due, ask(workshop, asker, batches, how), afresh=afresh)
            workshop.progress.finish()


def _hold(
    workshop: Workshop,
    tier: Tier,
    due: Sequence[Sequence[_Place]],
    answered: Iterator[tuple[Attempt, ...]],
    *,
    afresh: bool,
) -> None:
    """Hold each answer to what its prompt shows."""
    attempts: list[tuple[Attempt, ...]] = []

    def tests() -> Iterator[tuple[list[Task], list[Attempt]]]:
        for batch, given in zip(due, answered, strict=True):
            attempts.append(given)
            pairs = [(place.acceptance.test, one) for place, one in zip(batch, given, strict=True)]
            tested = [(test, one) for test, one in pairs if test is not None]
            yield [test for test, _ in tested], [one for _, one in tested]

    for at, judged in enumerate(judge(workshop, tests(), afresh=afresh)):
        verdicts = iter(verdict for _, _, verdict in judged)
        for place, attempt in zip(due[at], attempts[at], strict=True):
            place.take(tier, attempt, None if place.acceptance.test is None else next(verdicts))
