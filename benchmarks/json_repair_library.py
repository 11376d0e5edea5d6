"""How much of the suite `json-repair` the library json-repair mends: the rate to compare a model's with.

python benchmarks/json_repair_library.py --out docs/evidence/json-repair-library.json
"""

import argparse
import importlib.metadata
from collections import Counter
from pathlib import Path

import json_repair

from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.task import Task
from suture.files.small_files import write_json
from suture.suites.catalog import load_suite
from suture.suites.generated.json_repair.suite import NAME, broken_text
from suture.suites.kinds import kind_of


def mended(task: Task) -> bool:
    """Whether the library's answer passes, by the very check that decides a model's."""
    text = json_repair.repair_json(broken_text(task), ensure_ascii=False)
    answer = kind_of(task).extract(task, Completion(text=text, finish=FinishReason.STOP, prompt_tokens=0, tokens=0))
    verdict = kind_of(task).decide(task, answer) if isinstance(answer, str) else answer
    return verdict is not None and verdict.passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="where the result goes as JSON")
    out = parser.parse_args().out
    total, passed = Counter[str](), Counter[str]()
    for task in load_suite(NAME):
        for row in (task.tags[1].partition(":")[2], f"split {task.official_split}", "all"):
            total[row] += 1
            passed[row] += mended(task)
    for row in sorted(total, key=lambda row: (row == "all", row.startswith("split"), row)):
        print(f"{row:28} {passed[row]:4} of {total[row]}")
    if out is not None:
        rates = {row: {"mended": passed[row], "tasks": total[row]} for row in sorted(total)}
        write_json(out, {"library": f"json-repair {importlib.metadata.version('json-repair')}", "rows": rates})


if __name__ == "__main__":
    main()
