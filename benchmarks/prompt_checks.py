"""Prints what the prompts of suites show that an answer can be held to, and where the references contradict it.

    python benchmarks/prompt_checks.py humaneval mbpp extraction bfcl:simple_python

Named are the tasks whose prompt shows nothing but the form of its answer, and those whose own reference fails the
check that its prompt carries: of these the law of *keep* says nothing.
"""

import argparse
from collections import Counter
from collections.abc import Sequence

from shown_checks import WEAK, verdicts

from suture.core.measure.asked import asked_of
from suture.core.measure.attempt import Completion, FinishReason
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.policy import Grounds
from suture.core.measure.task import Task
from suture.core.plan.ports import Judge
from suture.judge import open_judge
from suture.suites.catalog import load_suite
from suture.suites.kinds import kind_of
from suture.suites.kinds.acceptance import counted_by

PLAIN = ChatTemplate(source="{% for message in messages %}{{ message.content }}\n{% endfor %}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="+")
    suites: list[str] = parser.parse_args().suites
    print("| suite | tasks | shown | references that fit |\n|---|---:|---|---:|")
    named: list[str] = []
    with open_judge() as judge:
        for suite in suites:
            named += _row(judge, suite, load_suite(suite))
    print("\n" + "\n".join(named))


def _row(judge: Judge, suite: str, tasks: Sequence[Task]) -> list[str]:
    """Prints it; returns the tasks to name, a line each."""
    shown = [counted_by(asked_of(task)) for task in tasks]
    grounds = [one.grounds if one else Grounds.NOTHING for one in shown]
    held = [(task, one.test) for task, one in zip(tasks, shown, strict=True) if one is not None]
    found = verdicts(judge, [(test, _reference(task)) for task, test in held])
    by_id = {task.id: verdict for (task, _), verdict in zip(held, found, strict=True)}
    counts = ", ".join(f"{ground.value} {count}" for ground, count in Counter(grounds).most_common())
    fit = sum(verdict.passed for verdict in by_id.values())
    print(f"| {suite} | {len(tasks)} | {counts} | {fit} of {len(by_id)} |")
    weak = [task.id for task, ground in zip(tasks, grounds, strict=True) if ground in WEAK]
    lines = [f"- {suite}, shows its form at most: {', '.join(weak)}"] if weak and len(weak) < len(tasks) else []
    return lines + [
        f"- {name}: its reference fails what its prompt shows ({verdict.detail[:100]})"
        for name, verdict in by_id.items()
        if not verdict.passed
    ]


def _reference(task: Task) -> Completion:
    text = kind_of(task).target_of_reference(task, PLAIN, restyle=False) or ""
    return Completion(text=text, finish=FinishReason.STOP, prompt_tokens=1, tokens=1)


if __name__ == "__main__":
    main()
