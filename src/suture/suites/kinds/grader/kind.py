"""Kind ``grader``: a function of one's own says whether an answer passes. It runs in the judge's sandbox alone."""

import ast
import json
from pathlib import Path
from typing import Any

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.grader import GraderCheck
from suture.core.measure.task import Message, Task, check_of
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.suites.kinds.kind import Submission, Trial, Words, without_answer
from suture.suites.kinds.on_data import on_data
from suture.suites.kinds.thoughts import after_thoughts

_RUNNER, _RULE = (Path(__file__).parent / name for name in ("runner.py", "verdicts.py"))
CANARIES = ("", "garbage", "null")
"""Answers that no grader may pass."""
ROUNDS = 3
"""Processes in which a grader is tried, and calls of each answer in every one."""


class _Grading:
    def submission(self, task: Task, answer: str) -> Submission:
        return Submission(_in_sandbox(task, None, 0), answer)

    def trials(self, task: Task) -> tuple[Trial, ...]:
        """The reference passes and the canaries fail: several times in each of several processes, chance drawn anew."""
        answers = [(text, False, f"the answer {text!r}") for text in CANARIES]
        if task.reference is not None:
            answers.insert(0, (task.reference, True, "its reference"))
        runs = [_in_sandbox(task, answers * ROUNDS, seed) for seed in range(ROUNDS)]
        return tuple(Trial(Submission(run, ""), True, "its grader cannot be used") for run in runs)


class GraderKind:
    words = Words("Tasks with a grader", "answers to graders", "nothing after the reasoning")
    writing = None
    varying = None
    sandboxing = _Grading()

    def extract(self, task: Task, completion: Completion) -> str | Verdict:
        """The whole answer after its reasoning."""
        text = after_thoughts(completion.text)
        return without_answer(completion, "no answer after its reasoning") if text is None else text

    def decide(self, task: Task, answer: str) -> None:
        """None: graders are run, and only in the sandbox."""

    def settle(self, completion: Completion, verdict: Verdict) -> Verdict:
        """FAIL grader where it raised or hung: whether it works was decided before, so no answer removes its task."""
        own = (None, Reason.WRONG, Reason.NO_ANSWER, Reason.TRUNCATED, Reason.FAULT)
        if verdict.reason in own:
            return verdict
        detail = f"{verdict.reason}: {verdict.detail}" if verdict.detail else str(verdict.reason)
        return verdict.model_copy(update={"outcome": Outcome.FAIL, "reason": Reason.GRADER, "detail": detail})

    def stated_answer(self, task: Task) -> None:
        """None: what decides is a program, and no answer."""

    def target_of_reference(self, task: Task, template: ChatTemplate, *, restyle: bool) -> str | None:
        return None if task.reference is None else task.reference.strip("\n") + task.form.closing

    def target_of_answer(self, task: Task, template: ChatTemplate, text: str) -> str:
        answer = after_thoughts(text)
        return (text if answer is None else answer).rstrip() + task.form.closing

    def rewriting(self, task: Task, *, restyle: bool) -> tuple[Message, ...] | None:
        """None: nothing is known of what an answer may look like."""

    def shown(self, asked: Asked) -> None:
        """None: what a grader wants stands in the grader alone."""

    def complaint(self, task: Task) -> str | None:
        """Why the source cannot be a grader, as far as that shows without running it."""
        try:
            tree = ast.parse(check_of(task, GraderCheck).grader)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return f"its grader is no Python: {' '.join(str(error).split())[:150]}"
        if "grade" in _bound(tree):
            return None
        return "its grader defines no grade(answer, task)"


def as_seen(task: Task) -> dict[str, Any]:
    """Return what a grader is given of its task."""
    check = check_of(task, GraderCheck)
    asked = [message.content for message in task.messages if message.role == "user"]
    return {
        "id": task.id,
        "prompt": asked[-1] if asked else "",
        "messages": [message.model_dump(mode="json") for message in task.messages],
        "check": {"expected": json.loads(check.expected_text)},
        "reference": task.reference,
        "tags": list(task.tags),
    }


def _in_sandbox(task: Task, answers: list[tuple[str, bool, str]] | None, seed: int) -> Task:
    """The check as the judge runs it: on ``answers`` with what must be said of each, or on the one submitted."""
    check = check_of(task, GraderCheck)
    job = {
        "grader": check.grader,
        "task": as_seen(task),
        "seed": seed,
        "answers": None if answers is None else [text for text, _, _ in answers],
    }
    expected = {
        "wanted": [True] if answers is None else [wanted for _, wanted, _ in answers],
        "names": [""] if answers is None else [name for _, _, name in answers],
    }
    reference = None if answers else task.reference
    return on_data(_RUNNER, _RULE, [job], expected, check.limits, id=task.id, suite=task.suite, reference=reference)


def _bound(tree: ast.Module) -> set[str]:
    """Names that a module binds anywhere: a lenient look, for a clear complaint."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
    return names
