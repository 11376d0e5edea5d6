"""Judges a file of samples against a suite."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from suture.core.measure.task import Task
from suture.core.measure.verdict import JudgeIdentity, Verdict
from suture.core.plan.ports import Progress
from suture.harnesses.samples import Sample, read_samples, tasks_scored
from suture.harnesses.table import Compat, under_rule
from suture.judge import open_judge
from suture.loop.measuring.soundness import broken_tasks, verdict_of_broken
from suture.loop.workshop import Silent
from suture.suites.catalog import load_suite


@dataclass(frozen=True)
class JudgedSamples:
    """Samples with a verdict each, in the file's order, who judged, and how many tasks the suite has."""

    samples: tuple[Sample, ...]
    verdicts: tuple[Verdict, ...]
    identity: JudgeIdentity
    suite_tasks: int

    @property
    def tasks_scored(self) -> int:
        return tasks_scored(self.samples, self.verdicts)


def judge_samples(
    samples: Path,
    suite: str,
    *,
    sources: Mapping[str, Path] | None = None,
    rule: Compat | None = None,
    workers: int | None = None,
    unsafe_local: bool = False,
    progress: Progress | None = None,
) -> JudgedSamples:
    """Judge every sample of a ``.jsonl`` file. A broken task says nothing of its samples: they are faults that name it.

    Args:
        rule: judge as another harness would.
        workers: programs judged at once; by default one for each core.

    Raises:
        BadFile: no such file, or a row that is no sample; names the line.
        UnknownName: no such suite, or a task it does not have.
        MissingTool: no isolation on this machine, and ``unsafe_local`` was not given.
    """
    tasks = load_suite(suite, sources=sources)
    drawn = read_samples(samples, tasks)
    progress = progress or Silent()
    asked_of = list({one.task.id: one.task for one in drawn}.values())
    with closing(open_judge(workers=workers, unsafe_local=unsafe_local)) as judge:
        progress.start("check", len(asked_of))
        broken = {task.task_id: verdict_of_broken(task) for task in broken_tasks(judge, asked_of, progress)}
        found = {at: broken[one.task.id] for at, one in enumerate(drawn) if one.task.id in broken}
        asked = [at for at in range(len(drawn)) if at not in found]
        progress.start("judge", len(asked))
        for index, verdict in judge.judge([_submission(drawn[at], rule) for at in asked]):
            found[asked[index]] = verdict
            progress.advance()
        progress.finish()
        for task_id, verdict in broken.items():
            progress.note(f"left out {task_id}: {verdict.detail}")
        verdicts = tuple(found[at] for at in range(len(drawn)))
        return JudgedSamples(tuple(drawn), verdicts, judge.identity, len(tasks))


def _submission(sample: Sample, rule: Compat | None) -> tuple[Task, str]:
    return under_rule(rule, sample.task, sample.program) if rule else (sample.task, sample.program)
