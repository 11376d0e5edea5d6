"""Honest programs with odd habits. Each solves its task, or fails it without any malice, and is judged so."""

from suture.core.task import Assertions, StdinCase, StdinCases, Task
from suture.judge.hostile.case import DOUBLING, ECHO, LIMITS, Case


def _task(entry_point: str, *statements: str, setup: str = "") -> Task:
    return Task(
        id=f"odd/{entry_point}",
        suite="odd",
        messages=(),
        entry_point=entry_point,
        tests=Assertions(setup=setup, statements=statements),
        limits=LIMITS.model_copy(update={"cpu_s": 4.0, "wall_s": 6.0}),
    )


def _odd(name: str, program: str, task: Task = DOUBLING, key: str = "pass") -> Case:
    return Case("honest oddities", name, program, task, frozenset({key}))


_SCRIPT = Task(
    id="odd/sum",
    suite="odd",
    messages=(),
    entry_point="main",
    tests=StdinCases(cases=(StdinCase(stdin="2\n1 2\n", stdout="3\n"), StdinCase(stdin="1\n5", stdout="5"))),
    limits=LIMITS,
)

CASES = (
    _odd("prints 50 MB", "def double(x):\n    for _ in range(50): print('x' * (1 << 20))\n    return x * 2"),
    _odd("prints to both streams", "import sys\ndef double(x):\n    print(x, file=sys.stderr)\n    sys.stdout.flush()\n    return x * 2"),
    _odd("leaves a thread", "import threading, time\ndef double(x):\n    threading.Thread(target=time.sleep, args=(100,)).start()\n    return x * 2"),
    _odd("returns a list subclass", "class L(list): pass\ndef double(x): return L(x * 2) if isinstance(x, list) else x * 2"),
    _odd("returns an int subclass", "import enum\nclass N(enum.IntEnum):\n    A = 42\ndef double(x): return N(x * 2) if x == 21 else x * 2"),
    _odd("numpy-like array is not a list", "class Array:\n    def __init__(s, v): s.v = v\n    def __eq__(s, o): return [a == b for a, b in zip(s.v, o)]\ndef double(x): return Array(x * 2)", key="fail:wrong"),
    _odd("object of its own is not a number", "class Box:\n    def __init__(s, v): s.v = v\ndef double(x): return Box(x * 2)", key="fail:wrong"),
    _odd("recursion within limits", "def down(n): return 0 if n == 0 else 1 + down(n - 1)\ndef double(x):\n    assert down(900) == 900\n    return x * 2"),
    _odd("deep recursion it asked for", "import sys\nsys.setrecursionlimit(20000)\ndef down(n): return 0 if n == 0 else 1 + down(n - 1)\ndef double(x):\n    assert down(15000) == 15000\n    return x * 2"),
    _odd("lru_cache recursion", "import sys, functools\nsys.setrecursionlimit(20000)\n@functools.lru_cache(None)\ndef down(n): return 0 if n == 0 else 1 + down(n - 1)\ndef double(x):\n    assert down(5000) == 5000\n    return x * 2"),
    _odd("asyncio", "import asyncio\nasync def work(x):\n    await asyncio.sleep(0)\n    return x * 2\ndef double(x): return asyncio.run(work(x))"),
    _odd("thread pool", "from concurrent.futures import ThreadPoolExecutor\ndef double(x):\n    with ThreadPoolExecutor(4) as pool: return list(pool.map(lambda y: y * 2, [x]))[0]"),
    _odd("dataclass", "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    v: int\ndef double(x): return P(x).v * 2"),
    _odd("main guard", "def double(x): return x * 2\nif __name__ == '__main__':\n    raise SystemExit(1)"),
    _odd("redirects its output", "import contextlib, io\ndef double(x):\n    with contextlib.redirect_stdout(io.StringIO()): print(x)\n    return x * 2"),
    _odd("closes its output", "import sys\nsys.stdout.close()\ndef double(x): return x * 2"),
    _odd("shadows builtins", "def len(x): return 0\nlist = str = None\ndef double(x): return x * 2"),
    _odd("uses much memory and gives it back", "def double(x):\n    big = bytearray(80 << 20)\n    del big\n    return x * 2"),
    _odd("mutates its argument", "def put(a): a.append(9)\n", _task("put", "a = [1]\nput(a)\nassert a == [1, 9]", "b = {'k': [1]}\nput(b['k'])\nassert b == {'k': [1, 9]}")),
    _odd("returns its argument", "def same(a):\n    a.sort()\n    return a", _task("same", "a = [3, 1]\nassert same(a) is a and a == [1, 3]")),
    _odd("shares rows", "def put(g):\n    g[0][0] = 1\n    return g", _task("put", "r = [0]\nassert put([r, r]) == [[1], [1]]")),
    _odd("generator where a list is made", "def items(n):\n    yield from range(n)", _task("items", "assert list(items(4)) == [0, 1, 2, 3]", "assert sum(items(1000)) == 499500")),
    _odd("dict views and ranges", "def keys(d): return d.keys()", _task("keys", "assert keys({1: 2, 3: 4}) == {1, 3}", "assert sorted(keys({2: 0, 1: 0})) == [1, 2]")),
    _odd("exact values", "def same(x): return x", _task("same", "assert same(1.5) == 1.5 and same(2**100) == 2**100 and same(True) is True", "assert same('\\ud800') == '\\ud800' and same(b'x') == b'x' and same(1j) == 1j", "assert same((1, {2: frozenset([3])}, {4}, None)) == (1, {2: frozenset([3])}, {4}, None)", "assert str(same(-0.0)) == '-0.0' and same(float('inf')) == float('inf') and same(1e300) == 1e300")),
    _odd("its own class in the tests", "class Node:\n    def __init__(s, v): s.v, s.next = v, None\ndef length(n): return 0 if n is None else 1 + length(n.next)", _task("length", "assert length(a) == 2 and a.v == 1", setup="a = Node(1)\na.next = Node(2)")),
    _odd("raises what the test expects", "def root(x):\n    if x < 0: raise ValueError('negative')\n    return x ** 0.5", _task("root", "assert root(4) == 2.0", "try:\n    root(-1)\n    raise AssertionError('no error')\nexcept ValueError as error:\n    assert 'negative' in str(error)")),
    _odd("takes a function", "def apply(f, xs): return [f(x) for x in xs]", _task("apply", "assert apply(lambda x: x + 1, [1, 2]) == [2, 3]")),
    _odd("returns a function", "def adder(n): return lambda x: x + n", _task("adder", "assert adder(2)(3) == 5")),
    _odd("decimal and fraction", "from decimal import Decimal\nfrom fractions import Fraction\ndef pair(): return Decimal('1.5'), Fraction(1, 2)", _task("pair", "assert pair() == (1.5, 0.5)")),
    _odd("wrong by one", "def double(x): return x * 2 + 1 if isinstance(x, int) else x * 2", key="fail:wrong"),
    _odd("raises", "def double(x): return 1 / 0", key="fail:exception"),
    _odd("does not compile", "def double(x) return x", key="fail:syntax"),
    _odd("defines something else", "def triple(x): return x * 3", key="fail:no-answer"),
    _odd("script", "n = int(input())\nprint(sum(map(int, input().split())))", _SCRIPT),
    _odd("script that reads everything", "import sys\ndata = sys.stdin.read().split()\nsys.stdout.write(str(sum(map(int, data[1:]))))", _SCRIPT),
    _odd("script that opens descriptor 0", "import os\ndata = open(0).read().split()\nos.write(1, str(sum(map(int, data[1:]))).encode())", _SCRIPT),
    _odd("script with a main guard and exit", "import sys\nif __name__ == '__main__':\n    print(int(input()) ** 2)\n    sys.exit(0)", ECHO),
    _odd("script whose thread finishes later", "import threading, time\ndef work(n):\n    time.sleep(0.05)\n    print(n ** 2)\nthreading.Thread(target=work, args=(int(input()),)).start()", ECHO),
)  # fmt: skip
