"""The small tasks that the programs of the suite are judged on, by name."""

from suture.core.measure.checks.python import Assertions, Limits, PythonCheck, StdinCase, StdinCases
from suture.core.measure.task import Task

LIMITS = Limits(cpu_s=1.0, wall_s=1.5, memory_mb=128)
ROOMY = Limits(cpu_s=4.0, wall_s=6.0, memory_mb=128)


def _function(
    name: str, *statements: str, entry_point: str | None = None, setup: str = "", limits: Limits = ROOMY
) -> Task:
    return Task(
        id=f"selftest/{name}",
        suite="selftest",
        messages=(),
        check=PythonCheck(
            entry_point=entry_point or name, tests=Assertions(setup=setup, statements=statements), limits=limits
        ),
    )


def _script(name: str, *cases: tuple[str, str]) -> Task:
    return Task(
        id=f"selftest/{name}",
        suite="selftest",
        messages=(),
        check=PythonCheck(
            entry_point="main",
            tests=StdinCases(cases=tuple(StdinCase(stdin=stdin, stdout=stdout) for stdin, stdout in cases)),
            limits=LIMITS,
        ),
    )


DOUBLE = _function(
    "double",
    "assert double(21) == 42",
    "assert double([1, 2]) == [1, 2, 1, 2]",
    "assert double('ab') == 'abab'",
    limits=LIMITS,
)
HONEST = "def double(x):\n    return x * 2\n"
"""Judged right after every hostile program: whatever that did, this passes."""

_ALL = (
    DOUBLE,
    _function(
        "truth",
        "assert f(1)",
        "assert not f(0)",
        "assert len(f(3)) == 3",
        "assert sorted(f(4)) == [1, 2, 3, 4]",
        entry_point="f",
        limits=LIMITS,
    ),
    _function(
        "mapped",
        "assert all(got == want for got, want in zip(map(f, (1, 2, 3)), (1, 4, 9)))",
        entry_point="f",
        limits=LIMITS,
    ),
    _function("expanded", "assert str(f(3)) == '[3]'", entry_point="f", limits=LIMITS),
    _script("echo", ("3\n", "9\n"), ("12\n", "144\n")),
    _script("sum", ("2\n1 2\n", "3\n"), ("1\n5", "5")),
    _function("put", "a = [1]\nput(a)\nassert a == [1, 9]", "b = {'k': [1]}\nput(b['k'])\nassert b == {'k': [1, 9]}"),
    _function("rows", "r = [0]\nassert put([r, r]) == [[1], [1]]", entry_point="put"),
    _function("same", "a = [3, 1]\nassert same(a) is a and a == [1, 3]"),
    _function("items", "assert list(items(4)) == [0, 1, 2, 3]", "assert sum(items(1000)) == 499500"),
    _function("keys", "assert keys({1: 2, 3: 4}) == {1, 3}", "assert sorted(keys({2: 0, 1: 0})) == [1, 2]"),
    _function(
        "exact",
        "assert same(1.5) == 1.5 and same(2**100) == 2**100 and same(True) is True",
        "assert same('\\ud800') == '\\ud800' and same(b'x') == b'x' and same(1j) == 1j",
        "assert same((1, {2: frozenset([3])}, {4}, None)) == (1, {2: frozenset([3])}, {4}, None)",
        "assert str(same(-0.0)) == '-0.0' and same(float('inf')) == float('inf') and same(1e300) == 1e300",
        entry_point="same",
    ),
    _function("length", "assert length(a) == 2 and a.v == 1", setup="a = Node(1)\na.next = Node(2)"),
    _function(
        "root",
        "assert root(4) == 2.0",
        "try:\n    root(-1)\n    raise AssertionError('no error')\n"
        "except ValueError as error:\n    assert 'negative' in str(error)",
    ),
    _function("apply", "assert apply(lambda x: x + 1, [1, 2]) == [2, 3]", "assert apply(len, ['ab', '']) == [2, 0]"),
    _function("adder", "assert adder(2)(3) == 5"),
    _function("pair", "assert pair() == (1.5, 0.5)"),
)
TASKS = {task.id.removeprefix("selftest/"): task for task in _ALL}
