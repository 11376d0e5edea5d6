"""Rows of every kind with the verdict that is wanted of them: how many have it, and which have not.

    python benchmarks/handed_rows.py DIRECTORY

DIRECTORY holds ``text.jsonl``, ``json.jsonl``, ``sql.jsonl``, ``grader.jsonl``, ``tool-calls.jsonl`` and
``from-code.jsonl``; each row has ``kind``, ``check``, ``answer`` and ``want`` (pass, fail or broken), and what its kind
needs besides: ``tools``, ``reference``, or the ``source`` of a function with doctests. A task that nobody can use is
broken, whatever the answer. Exit code 1 where a row has another verdict.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from suture.core.errors import UsageError
from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.task import Task
from suture.core.measure.verdict import Verdict
from suture.core.plan.ports import Judge
from suture.judge import open_judge
from suture.loop.measuring.soundness import broken_tasks
from suture.loop.workshop import Silent
from suture.suites.catalog import load_jsonl
from suture.suites.kinds import kind_of, submission_of
from suture.suites.own_rows import as_lines, own_task
from suture.wiring.suite_from_code import suite_from_code

KINDS = ("text", "json", "sql", "grader", "tool-calls", "from-code")
DOCTEST = "python-doctest"
BFCL = "bfcl-ast@2026.3.23"


def rows_of(directory: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / f"{kind}.jsonl").read_text().split("\n") if line.strip()]


def verdict_of(row: dict[str, Any], judge: Judge) -> str:
    """``pass``, ``fail`` or ``broken``. A row without an answer is answered with its task's reference."""
    task = _from_code(row["source"], judge) if row["kind"] == DOCTEST else _own(row)
    if task is None or broken_tasks(judge, [task]):
        return "broken"
    answer = task.reference if row["answer"] is None else row["answer"]
    return _decided(task, answer or "", judge).outcome.value


def _own(row: dict[str, Any]) -> Task | None:
    check = row["check"] | ({"rule": BFCL} if row["check"].get("rule") == "bfcl" else {})
    more = {key: row[key] for key in ("tools", "reference") if row.get(key) is not None}
    fields = {"id": "t", "kind": row["kind"], "prompt": "Answer.", "check": check, **more}
    try:
        return own_task(fields, suite="s", origin="o")
    except ValueError:
        return None


def _from_code(source: str, judge: Judge) -> Task | None:
    with tempfile.TemporaryDirectory() as place:
        code, rows = Path(place) / "code", Path(place) / "rows.jsonl"
        code.mkdir()
        (code / "module.py").write_text(source)
        try:
            made = suite_from_code(str(code), lambda: judge, Silent())
        except UsageError:  # no Python source, or none that can be read
            return None
        if not made.kept:
            return None
        rows.write_text(as_lines(made.kept))
        return load_jsonl(rows)[0]


def _decided(task: Task, answer: str, judge: Judge) -> Verdict:
    kind = kind_of(task)
    completion = Completion(text=answer, finish=FinishReason.STOP, prompt_tokens=1, tokens=1)
    extracted = kind.extract(task, completion)
    told = extracted if isinstance(extracted, Verdict) else kind.decide(task, extracted)
    if told is None:
        ((_, told),) = judge.judge([submission_of(task, extracted)])
    return kind.settle(completion, told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    directory: Path = parser.parse_args().directory
    other: list[str] = []
    print("| kind | rows | verdict as wanted |\n|---|---:|---:|")
    with open_judge() as judge:
        for kind in KINDS:
            found = [(row, verdict_of(row, judge)) for row in rows_of(directory, kind)]
            wrong = [
                f"- {row['id']}: {verdict}, {row['want']} is wanted" for row, verdict in found if verdict != row["want"]
            ]
            print(f"| {kind} | {len(found)} | {len(found) - len(wrong)} |", flush=True)
            other += wrong
    print("\n" + "\n".join(other or ["every row has the verdict that is wanted"]))
    return int(bool(other))


if __name__ == "__main__":
    raise SystemExit(main())
