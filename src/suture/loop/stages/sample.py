"""Stage ``sample``: what the model itself can say to what it failed: passing samples, else its rewrite of a reference.

Answers of the model's own forget least when they are trained on (2510.18874; RL's Razor, 2509.04259).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from suture.core.measure.attempt import Attempt, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.sampled import sampled
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.core.plan.ports import Foundry
from suture.core.plan.stages import SAMPLE
from suture.core.teach.dataset import TargetKind
from suture.core.teach.findings import Findings
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.own_answers import OwnAnswer, OwnAnswers, OwnAnswersSummary, SampleCounts, likeliest
from suture.core.teach.seeded import seeded_order
from suture.files.small_files import read_model, write_json
from suture.loop.base_pack import BasePack
from suture.loop.measuring.asking import Asking
from suture.loop.measuring.judging import ask_and_judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.questions import GREEDY, Question, questions_of
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.workshop import Workshop
from suture.suites.kinds import kind_of


class _Judged(NamedTuple):
    task: Task
    kind: TargetKind
    attempt: Attempt
    verdict: Verdict


def own_answers(run: Run, base: BasePack, engine: EngineChoice, found: Findings) -> OwnAnswers | None:
    """The model's own answers to what it failed; None for a recipe that teaches references alone.

    Raises:
        Fault: the engine failed. Finished batches stay recorded.
    """
    if not found.settings.asks_the_model:
        return None

    def work() -> OwnAnswersSummary:
        asked = collect_own_answers(run.workshop, run.foundry, base, found, engine=engine)
        write_json(run.paths.own_answers, asked.to_json())
        return asked.summary

    run.stages.once(
        Stage(
            SAMPLE,
            {"scoreboard": found.scoreboard.digest},
            work,
            files=lambda _: {"own": run.paths.own_answers},
            stands=lambda done: not done.faults,
        )
    )
    return read_model(run.paths.own_answers, OwnAnswers, what="own answers")


def collect_own_answers(
    workshop: Workshop,
    foundry: Foundry,
    base: BasePack,
    found: Findings,
    *,
    engine: EngineChoice,
) -> OwnAnswers:
    """Ask for samples, then for rewrites of what no sample solved; judge all; keep the likeliest that passes.

    Whatever was asked before with the same settings, in this run or another, is found in the ledger. Tasks are asked in
    a seeded order, so that a larger share of the failures begins with the batches of a smaller one.

    Raises:
        Fault: the engine failed. Finished batches stay recorded.
    """
    settings, failures = found.settings, [task for task, _ in found.failures]
    tasks = [failures[i] for i in seeded_order([task.content_digest for task in failures], seed=settings.seed)]
    template = base.file.template

    plain = questions_of(tasks, template, engine)
    warm = {number: _sampled(settings, number) for number in range(1, settings.samples + 1)}
    rewriting = {0: GREEDY} | {number: _sampled(settings, number) for number in range(1, settings.rewrites)}
    with LazyEngine(workshop, engine, base.file) as asker:
        sampled = list(_ask_all(workshop, asker, plain, warm, TargetKind.OWN_SAMPLE))
        solved = {one.task.id for one in sampled if one.verdict.shows_skill}
        rest = [question for question in plain if settings.rewrites and question.task.id not in solved]
        shown = [asked for question in rest if (asked := _with_reference(question, template, settings)) is not None]
        rewritten = list(_ask_all(workshop, asker, shown, rewriting, TargetKind.OWN_REWRITE))
    judged = [*sampled, *rewritten]
    passing = [one for one in judged if one.verdict.shows_skill]
    targets = [kind_of(one.task).target_of_answer(one.task, template, one.attempt.completion.text) for one in passing]
    with workshop.stopwatch.timed("train"):
        by_task = {question.task.id: question.request.prompt for question in plain}
        prompts = [by_task[one.task.id] for one in passing]
        logliks = foundry.loglikelihoods(base.directory, list(zip(prompts, targets, strict=True)))
    answers = [
        OwnAnswer(
            task_digest=one.task.content_digest,
            kind=one.kind,
            target=target,
            attempt=one.attempt.digest,
            loglik=loglik,
        )
        for one, target, loglik in zip(passing, targets, logliks, strict=True)
    ]
    return OwnAnswers(
        scoreboard=found.scoreboard.digest,
        samples=_count(sampled),
        rewrites=_count(rewritten),
        faults=sum(one.verdict.faulted for one in judged),
        answers=likeliest(answers),
    )


def _sampled(settings: HarvestSettings, number: int) -> Sampling:
    return sampled(number, temperature=settings.temperature, top_p=settings.top_p, seed=settings.seed)


def _with_reference(question: Question, template: ChatTemplate, settings: HarvestSettings) -> Question | None:
    """The same task with its reference shown; None where there is none, or where its kind knows no rewriting."""
    task = question.task
    messages = kind_of(task).rewriting(task, restyle=settings.normalise)
    if messages is None:
        return None
    prompt = template.render(messages, task.form.opening)
    return Question(task, question.request.model_copy(update={"prompt": prompt}))


def _ask_all(
    workshop: Workshop,
    engine: LazyEngine,
    questions: Sequence[Question],
    draws: Mapping[int, Sampling],
    kind: TargetKind,
) -> Iterator[_Judged]:
    """Every question once for each draw, by its number."""
    if not (questions and draws):
        return
    workshop.progress.start(kind.value, len(questions) * len(draws))
    for sample, sampling in draws.items():
        for task, attempt, verdict in ask_and_judge(workshop, engine, questions, Asking(sampling, sample=sample)):
            yield _Judged(task, kind, attempt, verdict)
    workshop.progress.finish()


def _count(judged: Sequence[_Judged]) -> SampleCounts:
    passed = [one.task.id for one in judged if one.verdict.shows_skill]
    asked = {one.task.id for one in judged}
    return SampleCounts(asked=len(asked), drawn=len(judged), passed=len(passed), solved=len(set(passed)))
