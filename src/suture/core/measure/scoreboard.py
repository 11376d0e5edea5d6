"""What a pack scored: one result a task."""

from collections.abc import Iterable
from functools import cached_property
from math import sqrt

from pydantic import Field

from suture.core.digest import digest_of
from suture.core.frozen import Frozen
from suture.core.measure.attempt import Attempt, EngineIdentity, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.flips import Flips
from suture.core.measure.html_table import html_table
from suture.core.measure.policy import Policy
from suture.core.measure.served import Served
from suture.core.measure.splits import Split
from suture.core.measure.tools_by import ToolsBy
from suture.core.measure.verdict import JudgeIdentity, Verdict


class Result(Frozen):
    """One task's attempt and its verdict. ``split`` is None outside a repair run; ``tags`` and ``kind`` are the task's;
    ``served`` is None where a pack alone was measured.

    Records of before there were other kinds have programs alone.
    """

    attempt: Attempt
    verdict: Verdict
    suite: str
    split: Split | None = None
    tags: tuple[str, ...] = ()
    kind: str = Field(default="python", exclude_if=lambda value: value == "python")
    served: Served | None = Field(default=None, exclude_if=lambda value: value is None)

    @property
    def task_id(self) -> str:
        return self.attempt.task_id

    @property
    def text(self) -> str:
        return self.attempt.completion.text


class BrokenTask(Frozen):
    """A task that says nothing about a model: its own tests cannot run, its reference does not pass them, or it is too
    long for the model.

    Attributes:
        task_id, suite: as the task's.
        why: one line for people.
        held_out: the digest of a held-out task that is too long; it is among those that a model is pinned to.
    """

    task_id: str
    suite: str
    why: str
    held_out: str = Field(default="", exclude_if=lambda value: not value)

    @property
    def says(self) -> str:
        """Say that the task was left out, for people."""
        return f"left out {self.task_id}: {self.why}"


class Tally(Frozen):
    """Counts over some tasks. Faults are in ``total`` and nowhere else: they score neither way."""

    total: int
    passed: int
    faulted: int

    @property
    def measured(self) -> int:
        return self.total - self.faulted

    @property
    def interval(self) -> tuple[float, float]:
        """95% Wilson score interval of the pass rate (Wilson, 1927)."""
        return wilson_interval(self.passed, self.measured)


class Scoreboard(Frozen):
    """Attributes:
    pack: SHA-256 of the GGUF file, or of the policy, that was measured.
    policy: what was measured, where it is more than a pack.
    template: the pack's chat template, with which every prompt was rendered; a policy's first pack's.
    suite_digest: of the task digests, in order: what was asked.
    max_tokens: how long an answer could be where its task sets no limit; None before requests had limits of their own.
    tools: who put tools into the prompts; None where no task has any.
    broken: tasks of the selectors that were left out: they were neither asked nor scored.
    flips: what the engine answers otherwise in other batches; empty where that was not measured. Says something of the
        instrument, so it is no part of the digest.
    """

    schema_version: int = 2
    pack: str
    policy: Policy | None = Field(default=None, exclude_if=lambda value: value is None)
    template: ChatTemplate
    selectors: tuple[str, ...]
    suite_digest: str
    engine: EngineIdentity
    sampling: Sampling
    max_tokens: int | None = Field(default=None, exclude_if=lambda value: value is None)
    judge: JudgeIdentity
    tools: ToolsBy | None = Field(default=None, exclude_if=lambda value: value is None)
    results: tuple[Result, ...]
    broken: tuple[BrokenTask, ...] = Field(default=(), exclude_if=lambda value: not value)
    flips: tuple[Flips, ...] = Field(default=(), exclude_if=lambda value: not value)

    @property
    def digest(self) -> str:
        """Names what was measured: equal for two runs with equal answers and verdicts, however long they took."""
        facts = [self.pack, self.suite_digest, self.engine.digest, self.sampling.digest, self.judge.digest]
        return digest_of([*facts, [[r.attempt.digest, r.verdict.key] for r in self.results]])

    def _repr_html_(self) -> str:
        """The counts in a notebook, by suite."""
        counts = [(suite, self.tally(suite=suite)) for suite in self.suites]
        rows = [(suite, tally.passed, tally.total, tally.faulted) for suite, tally in counts]
        return html_table(f"pack {self.pack[:12]}", rows, ("suite", "passed", "tasks", "no verdict"))

    @cached_property
    def by_task(self) -> dict[str, Result]:
        return {result.task_id: result for result in self.results}

    def tally(self, *, suite: str | None = None, split: Split | None = None) -> Tally:
        chosen = [
            result.verdict
            for result in self.results
            if (suite is None or result.suite == suite) and (split is None or result.split is split)
        ]
        return Tally(
            total=len(chosen),
            passed=sum(verdict.passed for verdict in chosen),
            faulted=sum(verdict.faulted for verdict in chosen),
        )

    @property
    def suites(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(result.suite for result in self.results))

    @property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """The kinds of each suite's tasks, in the order measured."""
        found: dict[str, dict[str, None]] = {}
        for result in self.results:
            found.setdefault(result.suite, {})[result.kind] = None
        return {suite: tuple(kinds) for suite, kinds in found.items()}

    @property
    def passed(self) -> tuple[str, ...]:
        return tuple(result.task_id for result in self.results if result.verdict.passed)

    @property
    def skilled(self) -> tuple[str, ...]:
        """Ids of the passes that show skill."""
        return tuple(result.task_id for result in self.results if result.verdict.shows_skill)


def suite_digest(task_digests: Iterable[str]) -> str:
    return digest_of(list(task_digests))


def wilson_interval(passed: int, total: int, *, z: float = 1.959964) -> tuple[float, float]:
    """The interval for a binomial rate; (0, 1) when nothing was measured. ``z`` = 1.959964 gives 95%."""
    if total == 0:
        return 0.0, 1.0
    rate, spread = passed / total, z * z / total
    centre = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)
