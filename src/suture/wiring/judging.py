"""Judges a file of samples against a suite."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from suture.core.measure.verdict import JudgeIdentity, Verdict
from suture.core.plan.ports import Progress
from suture.harnesses.samples import Sample, read_samples, tasks_scored
from suture.harnesses.table import Compat, under_rule
from suture.judge import open_judge
from suture.loop.workshop import Silent
from suture.suites.catalog import load_suite


@dataclass(frozen=True)
class Judged:
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
) -> Judged:
    """Judge every sample of a ``.jsonl`` file.

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
    submissions = [under_rule(rule, one.task, one.program) if rule else (one.task, one.program) for one in drawn]
    progress = progress or Silent()
    with closing(open_judge(workers=workers, unsafe_local=unsafe_local)) as judge:
        progress.start("judge", len(submissions))
        found: dict[int, Verdict] = {}
        for index, verdict in judge.judge(submissions):
            found[index] = verdict
            progress.advance()
        progress.finish()
        verdicts = tuple(found[index] for index in range(len(submissions)))
        return Judged(tuple(drawn), verdicts, judge.identity, len(tasks))
