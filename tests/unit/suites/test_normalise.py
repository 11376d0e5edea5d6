"""References lose their docstrings and comments, and keep what they do."""

import inspect

import pytest

from suture.suites.kinds.python.normalise import normalise


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('def f(x):\n    """Doc."""\n    return x  # same\n', "def f(x):\n    return x"),
        ('def f(x):\n    """Doc."""\n', "def f(x):\n    pass"),
        ('async def f():\n    "Doc."\n', "async def f():\n    pass"),
        ('class A:\n    """Doc."""\n', "class A:\n    pass"),
        (
            'class A:\n    """Doc."""\n    def f(self):\n        "Doc."\n        return 1\n',
            "class A:\n\n    def f(self):\n        return 1",
        ),
        ('"""Module."""\nx = 1\n', "x = 1"),
        ('"""Module."""\n', ""),
        (
            'def f():\n    def g():\n        "Doc."\n        return 1\n    return g()',
            "def f():\n\n    def g():\n        return 1\n    return g()",
        ),
        ('def f():\n    x = "kept"\n    return x', "def f():\n    x = 'kept'\n    return x"),
        ('def f():\n    return "kept"', "def f():\n    return 'kept'"),
        ("def f():\n    f'{1}'\n    return 1", "def f():\n    f'{1}'\n    return 1"),
        ("x = '\\d'", "x = '\\\\d'"),
    ],
)
def test_docstrings_go_and_nothing_else(before, after):
    assert normalise(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = list(map(lambda x: x + 1, b))", "a = [x + 1 for x in b]"),
        ("a = set(filter(lambda x: x > 1, b))", "a = {x for x in b if x > 1}"),
        ("a = list(map(lambda x, y: x * y, b, c))", "a = [x * y for x, y in zip(b, c)]"),
        ("a = map(lambda x: -x, b)", "a = (-x for x in b)"),
        ("a = list(filter(lambda x: x, map(lambda y: y, b)))", "a = [x for x in (y for y in b) if x]"),
        ("a = list(map(lambda x, k=1: x + k, b))",) * 2,
        ("a = list(map(lambda *x: x, b))",) * 2,
        ("a = list(map(lambda x, y: x, b))",) * 2,
        ("a = list(map(lambda x: x + 1, *b))",) * 2,
        ("a = list(map(lambda x, y: x + y, b, *c))",) * 2,
        ("a = list(filter(lambda x: x, *b))",) * 2,
        ("a = list(map(int, b))",) * 2,
        ("a = list(filter(None, b))",) * 2,
        ("a = sorted(b, key=lambda x: x)",) * 2,
    ],
)
def test_comprehensions_take_the_place_of_lambdas(before, after):
    assert normalise(before) == after


def loops(n):
    """Doc."""
    total = 0
    for i in range(n):
        if i % 2:
            continue
        total += i
    else:
        total -= 1
    return total  # comment


def closure(n):
    "Doc."

    def power(x, *, y=2):
        """Inner."""
        return x**y

    return [power(i) for i in range(n)]


def text(n):
    """Doc."""
    return "\t\"'é" * n + f"{n!r:>4}" + r"\d"


def classes(n):
    """Doc."""

    class Twice:
        """Doc."""

        def __init__(self):
            """Doc."""

        def __call__(self):
            return n * 2

    return Twice()()


def generators(n):
    """Doc."""

    def numbers():
        """Doc."""
        yield from range(n)

    return sum(numbers())


def precedence(n):
    """Doc."""
    return -(n**2) // 3 % 5 if not (n > 2 and n) or n == 4 else (n, *[n])


def lambdas(n):
    """Doc."""
    pairs = list(map(lambda a, b: (a, b), range(n), "abc"))
    return pairs, set(filter(lambda a: a % 2, range(n))), dict(filter(lambda a: a[0] != 3, pairs))


def exceptions(n):
    """Doc."""
    try:
        return 6 // n
    except ZeroDivisionError as error:
        return str(error)
    finally:
        n = 0


@pytest.mark.parametrize("function", [loops, closure, text, classes, generators, precedence, lambdas, exceptions])
def test_behaviour_is_kept(function):
    names = {}
    exec(normalise(inspect.getsource(function)), names)
    again = names[function.__name__]
    assert [again(n) for n in range(6)] == [function(n) for n in range(6)]
    assert function.__doc__
    assert again.__doc__ is None


def test_twice_is_once():
    once = normalise(inspect.getsource(classes))
    assert normalise(once) == once


def test_no_python_is_refused():
    with pytest.raises(SyntaxError):
        normalise("def f(:")
