"""An adapter at several scales, at a fraction of the cost of as many evaluations.

The adapter lies beside its base and only the scale changes, so nothing is merged, packed or loaded again. A task
is asked where its outcome can still change (``core/model/scale_questions.py`` says what that assumes), in smaller
batches than a bench has: what comes out chooses a scale. Whether that scale may be promoted is for the gate, which
measures the pack.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.frozen import Frozen
from suture.core.measure.attempt import AdapterUse, Attempt
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Result
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.core.model.adapter_records import ADAPTER_WEIGHTS
from suture.core.model.scale_questions import next_questions, settled_by
from suture.files.small_files import sha256_of
from suture.loop.measuring.judging import ask_and_judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import questions_of
from suture.loop.workshop import Workshop


class Assume(StrEnum):
    """When a task is not asked between two scales."""

    OUTPUT = "output"
    """Its output is the same text at both."""
    VERDICT = "verdict"
    """It passes at both or fails at both: cheaper, and blind to a task that passes only in the middle."""
    NOTHING = "nothing"
    """Never: every task is asked at every scale."""


class ScaleRow(Frozen):
    """One scale's results, in the order of the tasks. ``inferred``: ids whose result another scale gave."""

    scale: float
    results: tuple[Result, ...]
    inferred: tuple[str, ...]

    @property
    def passed(self) -> tuple[str, ...]:
        return tuple(result.task_id for result in self.results if result.verdict.passed)


class SearchCost(Frozen):
    """Attributes:
    asked: answers that were needed, whether generated now or found in the ledger.
    full: what evaluating every scale would have needed.
    tokens: in the answers that were needed.
    seconds: wall time by kind of work (load, generate, judge).
    """

    asked: int
    full: int
    tokens: int
    seconds: dict[str, float]


class ScaleSearch(Frozen):
    """Rows in rising order of scale. ``hot``: the adapter lay beside its base; if not, each scale was a merged pack."""

    adapter: str
    hot: bool
    assume: Assume
    rows: tuple[ScaleRow, ...]
    cost: SearchCost


def search_scales(
    workshop: Workshop,
    pack: PackFile,
    adapter: Path,
    scales: Sequence[float],
    tasks: Sequence[Task],
    *,
    engine: EngineChoice,
    assume: Assume = Assume.OUTPUT,
    merged: Callable[[float], PackFile] | None = None,
) -> ScaleSearch:
    """Ask and judge ``tasks`` with ``adapter`` at each of ``scales``.

    Args:
        pack: the base, as it is served.
        adapter: a PEFT directory, trained on that base.
        merged: makes the pack of one scale; used where the engine cannot load an adapter beside a pack.

    Raises:
        UsageError: no scales, or an engine without hot adapters and no ``merged``.
        BadFile: no adapter there, or it does not fit the base.
        Fault: the engine or the judge failed; finished batches stay recorded.
    """
    steps = sorted(set(scales))
    if not steps:
        raise UsageError("no scales to search")
    hot = workshop.engines.hot_adapters(engine)
    if not hot and merged is None:
        raise UsageError(f"engine {engine.name!r} cannot load an adapter beside a pack", mend="use engine llamacpp")
    sha256 = sha256_of(adapter / ADAPTER_WEIGHTS)
    packs: dict[int, PackFile] = {}
    before = dict(workshop.stopwatch.seconds)
    found: dict[int, dict[str, tuple[Attempt, Verdict]]] = {}
    with ExitStack() as stack:
        beside = stack.enter_context(LazyEngine(workshop, engine, pack, {sha256: adapter}))
        while wanted := next_questions(len(steps), [task.id for task in tasks], _signatures(found, assume)):
            for at, ids in wanted.items():
                still_open = set(ids)
                chosen = [task for task in tasks if task.id in still_open]
                if hot:
                    use = AdapterUse(sha256=sha256, scale=steps[at]) if steps[at] else None
                    answers = _evaluate(workshop, beside, chosen, adapter=use)
                else:
                    if at not in packs and merged is not None:
                        packs[at] = merged(steps[at])
                    with LazyEngine(workshop, engine, packs[at]) as asker:
                        answers = _evaluate(workshop, asker, chosen)
                found.setdefault(at, {}).update(answers)
    kept = [attempt for answers in found.values() for attempt, _ in answers.values()]
    seconds = {kind: spent - before.get(kind, 0.0) for kind, spent in workshop.stopwatch.seconds.items()}
    return ScaleSearch(
        adapter=sha256,
        hot=hot,
        assume=assume,
        rows=_rows(steps, tasks, found, assume),
        cost=SearchCost(
            asked=len(kept),
            full=len(tasks) * len(steps),
            tokens=sum(attempt.completion.tokens for attempt in kept),
            seconds={kind: spent for kind, spent in seconds.items() if spent > 0},
        ),
    )


def _signatures(
    found: Mapping[int, Mapping[str, tuple[Attempt, Verdict]]], assume: Assume
) -> dict[int, dict[str, object]]:
    """What two answers are compared by."""

    def of(at: int, attempt: Attempt, verdict: Verdict) -> object:
        if assume is Assume.NOTHING or verdict.faulted:
            return at  # like no other
        return attempt.completion.text if assume is Assume.OUTPUT else verdict.outcome.value

    return {at: {task: of(at, *answer) for task, answer in answers.items()} for at, answers in found.items()}


def _evaluate(
    workshop: Workshop, asker: LazyEngine, tasks: Sequence[Task], *, adapter: AdapterUse | None = None
) -> dict[str, tuple[Attempt, Verdict]]:
    answers: dict[str, tuple[Attempt, Verdict]] = {}
    workshop.progress.start(f"scale {adapter.scale:g}" if adapter else "scale", len(tasks))
    questions = questions_of(tasks, asker.pack.template, asker.choice, adapter=adapter)
    for task, attempt, verdict in ask_and_judge(workshop, asker, questions):
        answers[task.id] = (attempt, verdict)
    workshop.progress.finish()
    return answers


def _rows(
    steps: Sequence[float],
    tasks: Sequence[Task],
    found: Mapping[int, Mapping[str, tuple[Attempt, Verdict]]],
    assume: Assume,
) -> tuple[ScaleRow, ...]:
    signatures = _signatures(found, assume)
    sources = {task.id: settled_by(len(steps), task.id, signatures) for task in tasks}
    rows: list[ScaleRow] = []
    for at, scale in enumerate(steps):
        results: list[Result] = []
        for task in tasks:
            attempt, verdict = found[sources[task.id][at]][task.id]
            results.append(Result(attempt=attempt, verdict=verdict, suite=task.suite, kind=task.check.kind))
        inferred = tuple(task.id for task in tasks if sources[task.id][at] != at)
        rows.append(ScaleRow(scale=scale, results=tuple(results), inferred=inferred))
    return tuple(rows)
