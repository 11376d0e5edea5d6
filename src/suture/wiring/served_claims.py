"""Turns what people said of served answers into tasks: each claim is weighed, asked again twice, and judged."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Attempt, Completion
from suture.core.measure.policy import Grounds
from suture.core.measure.served_answer import TierTried
from suture.core.measure.served_record import AnswerOutcome, Claim, RecordedAnswer, Reward, ServedRecord
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.core.teach.served_claims import LeftOut, ServedSettings, Word, weigh
from suture.loop.measuring.judging import judge
from suture.loop.measuring.served_tasks import (
    TELLING,
    NoTask,
    answer_in,
    as_written,
    held_to,
    served_id,
    shown_by,
    task_of,
)
from suture.loop.workshop import Workshop
from suture.serve.asked_again import Again, CannotAsk, Heard
from suture.store.clock import now
from suture.store.served_file import ServedFile, standing_claims
from suture.suites.resemblance import Resemblance
from suture.wiring.claim_verdicts import Agreement, Standing, agreed, attempt_of, completion_of, served_completion, told
from suture.wiring.replay import PacksAgain, ready
from suture.wiring.served_chat import Chat


@dataclass
class Claimed:
    """One answer that somebody said something of, on its way to a task.

    Attributes:
        task: the question, decided by what it is held to.
        again: ready to be asked.
        served: the answer that was served, as the engine said it.
        heard: what the pack said when it was asked again: alone, and in a full batch.
    """

    word: Word
    task: Task
    again: Again
    served: Completion
    heard: list[Heard] = field(default_factory=list[Heard])


@dataclass(frozen=True)
class Held:
    """A claim that held: what was said, the task, the answer that was served, and its verdict."""

    word: Word
    task: Task
    attempt: Attempt
    verdict: Verdict


@dataclass(frozen=True)
class Verified:
    """``left_out``: claims of which nothing was made, with why."""

    held: tuple[Held, ...]
    left_out: tuple[LeftOut, ...]


def verify_claims(
    workshop: Workshop,
    file: ServedFile,
    settings: ServedSettings,
    untouchable: Iterable[Task],
    *,
    packs: PacksAgain | None = None,
) -> Verified:
    """Make a task of every claim that holds: the answer that was served, what the same pack says when it is asked again
    alone, and what it says in a full batch all get the verdict that the claim says. What was found is recorded.

    Args:
        untouchable: tasks that no served question may be like.
        packs: what is asked again; by default the packs of the store, and where they lay.

    Raises:
        MissingTool: llama.cpp is not installed.
        Fault: the judge failed, or what was found cannot be recorded.
    """
    checking = _Checking(workshop, packs or PacksAgain(workshop.store, file), settings, Resemblance(untouchable))
    answers: dict[tuple[str, int], list[Claim]] = defaultdict(list)
    for claim in standing_claims(file.claims()):
        answers[claim.record, claim.choice].append(claim)
    records = {one.id: one for one in file.records() if one.id in {record_id for record_id, _ in answers}}
    for (record_id, choice), claims in answers.items():
        record = records.get(record_id)
        if record is None:  # removed as too old
            continue
        if (settings.model is None or record.is_of(settings.model, choice)) and record.received >= settings.since:
            checking.take(record, claims)
    checking.ask()
    held, rewards = checking.decide()
    with file.transaction():
        file.add_rewards(rewards)
    return Verified(held, tuple(checking.left_out))


class _Checking:
    def __init__(
        self, workshop: Workshop, packs: PacksAgain, settings: ServedSettings, resemblance: Resemblance
    ) -> None:
        self._workshop, self._packs, self._settings, self._resemblance = workshop, packs, settings, resemblance
        self._claimed: list[Claimed] = []
        self._questions: dict[str, str] = {}
        self.left_out: list[LeftOut] = []

    def take(self, record: ServedRecord, claims: Sequence[Claim]) -> None:
        """Weigh what was said of one answer, and find what it can be held to."""
        word = weigh(claims, self._settings.trust)
        if isinstance(word, LeftOut):
            self.left_out.append(word)
            return
        try:
            claimed = self._claim(record, word)
            self._require_new(claimed)
        except (CannotAsk, NoTask) as error:
            self._leave_out(word, str(error))
        else:
            self._claimed.append(claimed)

    def ask(self) -> None:
        """Ask every question twice: alone, and in a batch with its neighbours."""
        by_pack: dict[str, list[Claimed]] = defaultdict(list)
        for claimed in self._claimed:
            tier = claimed.again.tier
            adapter = tier.adapter.sha256 if tier.adapter else ""
            by_pack[f"{tier.pack} {adapter} {self._packs.identity(tier).digest}"].append(claimed)
        self._workshop.progress.start("ask again", len(self._claimed))
        for ones in by_pack.values():
            tier = ones[0].again.tier
            with self._packs.speaking(tier) as asking:
                for begin in range(0, len(ones), tier.engine.batch):
                    batch = ones[begin : begin + tier.engine.batch]
                    try:
                        alone = [asking([one.again.speech])[0] for one in batch]
                        together = asking([one.again.speech for one in batch])
                    except CannotAsk as error:
                        for one in batch:
                            self._leave_out(one.word, str(error))
                        continue
                    for one, *heard in zip(batch, alone, together, strict=True):
                        one.heard = heard
                    self._workshop.progress.advance(len(batch))
        self._workshop.progress.finish()

    def decide(self) -> tuple[tuple[Held, ...], list[Reward]]:
        """Judge what was served and what was heard again. What agrees earns a reward or a penalty."""
        held: list[Held] = []
        rewards: list[Reward] = []
        for claimed in self._claimed:
            if not claimed.heard:
                continue
            said = [claimed.served, *(completion_of(heard) for heard in claimed.heard)]
            verdicts = self._verdicts(claimed.task, claimed.again.tier, said)
            if any(verdict.faulted for verdict in verdicts):
                self._leave_out(claimed.word, "it has no verdict: " + next(v.detail for v in verdicts if v.faulted))
                continue
            found = agreed(verdicts)
            rewards.append(self._reward(claimed, found))
            if found.standing is (Standing.RIGHT if claimed.word.good else Standing.WRONG):
                attempt = attempt_of(claimed.task, claimed.again.tier, claimed.served)
                held.append(Held(claimed.word, claimed.task, attempt, verdicts[0]))
            else:
                self._leave_out(claimed.word, found.why)
        return tuple(held), rewards

    def _claim(self, record: ServedRecord, word: Word) -> Claimed:
        """Raises CannotAsk, NoTask: why nothing can be made of it."""
        if record.answers[word.choice].outcome is not AnswerOutcome.COMPLETE:
            raise NoTask(f"the answer did not come to its end ({record.answers[word.choice].outcome.value})")
        one = ready(self._packs, record, word.choice)
        if one.asked.messages is None:
            raise NoTask("it goes on from a text, and is no chat")
        stated = one.answer.how.kind if one.answer.how else ""
        form = one.form.model_copy(update={"max_tokens": one.tier.max_tokens})
        asked = Asked(kind=stated, messages=one.asked.messages, tools=one.asked.tools, form=form)
        if asked.tools and word.good and word.backed:
            word = replace(word, correction=_calls_in(one.answer))
        task = self._task(asked, None if one.asked.tools else one.asked.schema_text, word, one.tier)
        return Claimed(word, task, one, served_completion(one, task, self._packs.template(one.tier.pack)))

    def _task(self, asked: Asked, schema: str | None, word: Word, tier: TierTried) -> Task:
        """What the answer is held to. Raises NoTask: nothing, or a correction that does not stand."""
        name = served_id(word.record, word.choice)
        found = shown_by(asked, schema)
        telling = found is not None and found[1].grounds in TELLING
        if word.correction is None:
            if found is None or (word.good and not telling):
                raise NoTask("its prompt shows nothing that an answer could be held to")
            return task_of(*found, name=name)
        if found is not None and telling:
            task = task_of(*found, name=name)
            reference = answer_in(task, word.correction)
            [verdict] = self._verdicts(task, tier, [as_written(task, word.correction)])
            if not verdict.passed:
                raise NoTask(f"the correction fails what the prompt shows: {told(verdict)}")
            if found[1].grounds is Grounds.EXAMPLES:
                return task.model_copy(update={"reference": reference})
        if not word.backed:
            raise NoTask("the correction has one word for it: it needs examples in the prompt, a second key, or trust")
        return held_to(asked if found is None else found[0], word.correction, name=name)

    def _require_new(self, claimed: Claimed) -> None:
        """Raises NoTask: the question must stay unseen, or another record asks the same."""
        twin = self._resemblance.twin_of_task(claimed.task)
        if twin is not None:
            raise NoTask(f"it resembles {twin.twin} of {twin.suite} ({twin.how}), which must stay unseen")
        question = Chat(claimed.task.messages, claimed.task.tools).key
        first = self._questions.setdefault(question, claimed.word.record)
        if (first, claimed.word.choice) != (claimed.word.record, claimed.word.choice):
            raise NoTask(f"{first} asks the same")

    def _verdicts(self, task: Task, tier: TierTried, said: Sequence[Completion]) -> list[Verdict]:
        attempts = [attempt_of(task, tier, completion) for completion in said]
        return [verdict for batch in judge(self._workshop, [([task] * len(said), attempts)]) for *_, verdict in batch]

    def _reward(self, claimed: Claimed, found: Agreement) -> Reward:
        word, tier = claimed.word, claimed.again.tier
        return Reward(
            record=word.record,
            choice=word.choice,
            value=int(found.standing),
            why=found.why,
            pack=tier.pack,
            task=claimed.task.content_digest,
            at=now(),
        )

    def _leave_out(self, word: Word, why: str) -> None:
        self.left_out.append(LeftOut(record=word.record, choice=word.choice, said=word.said, why=why))


def _calls_in(answer: RecordedAnswer) -> str:
    """An answer's calls as somebody would write them who corrects it: what its tools show is fit by many others, and
    by none at all."""
    return f"[{', '.join(call.as_json() for call in answer.calls)}]"
