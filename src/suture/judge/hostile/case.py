"""What a hostile case is, and the one small task nearly all of them are judged on."""

from dataclasses import dataclass

from suture.core.task import Assertions, Limits, StdinCase, StdinCases, Task

LIMITS = Limits(cpu_s=1.0, wall_s=1.5, memory_mb=128)

DOUBLING = Task(
    id="hostile/double",
    suite="hostile",
    messages=(),
    entry_point="double",
    tests=Assertions(
        statements=(
            "assert double(21) == 42",
            "assert double([1, 2]) == [1, 2, 1, 2]",
            "assert double('ab') == 'abab'",
        )
    ),
    limits=LIMITS,
)
HONEST = "def double(x):\n    return x * 2\n"
"""Judged right after every hostile case: whatever that did, this passes."""

ECHO = Task(
    id="hostile/echo",
    suite="hostile",
    messages=(),
    entry_point="main",
    tests=StdinCases(cases=(StdinCase(stdin="3\n", stdout="9\n"), StdinCase(stdin="12\n", stdout="144\n"))),
    limits=LIMITS,
)

TRUTH = Task(
    id="hostile/truth",
    suite="hostile",
    messages=(),
    entry_point="f",
    tests=Assertions(
        statements=(
            "assert f(1)",
            "assert not f(0)",
            "assert len(f(3)) == 3",
            "assert sorted(f(4)) == [1, 2, 3, 4]",
        )
    ),
    limits=LIMITS,
)


@dataclass(frozen=True)
class Case:
    """Attributes:
    family: the kind of attack, as the self-test's table groups them.
    program: does not solve its task; a PASS is a false PASS.
    keys: the verdicts it may get; empty for any FAIL.
    """

    family: str
    name: str
    program: str
    task: Task = DOUBLING
    keys: frozenset[str] = frozenset()

    def right(self, key: str) -> bool:
        return key in self.keys if self.keys else key.startswith("fail:")


def family(name: str, programs: dict[str, str], *keys: str, task: Task = DOUBLING) -> tuple[Case, ...]:
    """Cases of one family; ``keys`` are the reasons each may get, without ``fail:``."""
    allowed = frozenset(f"fail:{key}" for key in keys)
    return tuple(Case(name, case, program, task, allowed) for case, program in programs.items())
