"""Compares rule ``bfcl-ast`` with the official checker on mutants of every reference, by class.

python benchmarks/bfcl_agreement.py [--every N]     # every N-th task; default all
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from bfcl_official import official_checker
from call_mutants import mutants

from suture.core.measure.checks.tool_calls import ToolCallsCheck
from suture.suites.bfcl import CATEGORIES, load_bfcl, official_rows
from suture.suites.kinds import kind_of


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--every", type=int, default=1)
    every = arguments.parse_args().every
    passes = official_checker()
    counted: dict[str, Counter[str]] = {}
    for category in CATEGORIES:
        functions = {row["id"]: row["function"] for row in official_rows(category)}
        for task in load_bfcl(category)[::every]:
            assert isinstance(task.check, ToolCallsCheck)
            wanted = json.loads(task.check.calls_text)
            if not wanted:
                continue
            calls = [{call["name"]: call["arguments"]} for call in json.loads(task.reference or "[]")]
            for kind, mutant in mutants(calls):
                answer = json.dumps([{"name": name, "arguments": given} for c in mutant for name, given in c.items()])
                ours = kind_of(task).decide(task, answer)
                assert ours is not None
                theirs = passes(functions[task.id], mutant, wanted, category)
                word = ("both pass" if theirs else "both fail") if ours.passed == theirs else "they differ"
                counted.setdefault(kind, Counter())[word] += 1
                if ours.passed != theirs:
                    print(f"{task.id}: {kind}: official {theirs}, suture {ours.passed}: {answer}", file=sys.stderr)
    words = ("both pass", "both fail", "they differ")
    print(f"{'class':44} {'both pass':>10} {'both fail':>10} {'they differ':>12}")
    for kind, counts in [*sorted(counted.items()), ("all", sum(counted.values(), Counter()))]:
        print(f"{kind:44} {counts[words[0]]:10} {counts[words[1]]:10} {counts[words[2]]:12}")


if __name__ == "__main__":
    main()
