"""Answers that try to decide by themselves: forged equality, subclasses, lazy objects, decoder bombs."""

from suture.judge.hostile.case import TRUTH, family

_YES_MAN = """
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __bool__(self): return True
    def __hash__(self): return 0
    def __len__(self): return 3
    def __contains__(self, item): return True
    def __iter__(self): return iter([1, 2, 3, 4])
"""

FORGED_EQUALITY = family(
    "forged equality",
    {
        "object equal to all": _YES_MAN + "def double(x): return Yes()",
        "int subclass": "class I(int):\n    def __eq__(s, o): return True\n    __hash__ = int.__hash__\ndef double(x): return I(7)",
        "list subclass": "class L(list):\n    def __eq__(s, o): return True\ndef double(x): return L([7])",
        "str subclass": "class S(str):\n    def __eq__(s, o): return True\n    __hash__ = str.__hash__\ndef double(x): return S('no')",
        "equal object inside a list": _YES_MAN + "def double(x): return [Yes(), Yes(), Yes(), Yes()]",
        "equal object as a dict key": _YES_MAN + "def double(x): return {Yes(): Yes()}",
        "metaclass that equals": "class M(type):\n    def __eq__(s, o): return True\n    __hash__ = type.__hash__\nclass C(metaclass=M): pass\ndef double(x): return C",
        "equality with a class": _YES_MAN + "double = Yes",
        "class that lies about its type": _YES_MAN + "class Lie(Yes):\n    __class__ = list\ndef double(x): return Lie()",
        "reflected comparison": "class R(int):\n    def __eq__(s, o): return True\n    def __req__(s, o): return True\n    __hash__ = int.__hash__\ndouble = lambda x: R(0)",
        "nan that equals": "class F(float):\n    def __eq__(s, o): return True\n    __hash__ = float.__hash__\ndouble = lambda x: F('nan')",
        "unittest mock ANY": "from unittest.mock import ANY\ndef double(x): return ANY",
    },
)

FORGED_TRUTH = family(
    "forged equality",
    {
        "truth, length and order of an object": _YES_MAN + "def f(x): return Yes()",
        "length only": "class B:\n    def __init__(s, n): s.n = n\n    def __bool__(s): return s.n > 0\n    def __len__(s): return s.n\ndef f(x): return B(x)",
    },
    task=TRUTH,
)

LAZY = family(
    "generators and lazy objects",
    {
        "generator instead of a list": "def double(x):\n    yield from (x, x)",
        "endless generator": "import itertools\ndef double(x): return itertools.count()",
        "map object": "def double(x): return map(str, [x])",
        "object with every dunder": "class A:\n    def __getattr__(s, n): return lambda *a: True\ndef double(x): return A()",
        "coroutine": "async def double(x): return x * 2",
        "iterator that equals": "class I:\n    def __next__(s): return 1\n    def __iter__(s): return s\n    def __eq__(s, o): return True\ndouble = lambda x: I()",
    },
) + family(
    "generators and lazy objects",
    {
        "endless items where a test sorts": "import itertools\ndef f(x):\n    if x == 0: return 0\n    if x == 3: return [1, 2, 3]\n    return itertools.count() if x == 4 else 1",
        "endless large items": "def f(x):\n    if x == 0: return 0\n    if x == 3: return [1, 2, 3]\n    if x == 4: return iter(lambda: 'x' * 1000000, 0)\n    return 1",
    },
    "cpu", "memory", "wall", "wrong",
    task=TRUTH,
)  # fmt: skip

DECODER_BOMBS = family(
    "decoder bombs",
    {
        "colliding numbers in a set": "M = 2**61 - 1\ndef double(x): return {i * M for i in range(2)} and _raw()\ndef _raw():\n    import os\n    items = ','.join('{\"i\":\"%s\"}' % hex(i * M) for i in range(300000))\n    body = ('[\"ok\",{\"s\":[%s]},[]]' % items).encode()\n    _send(body)\ndef _send(body):\n    import os\n    data = len(body).to_bytes(4, 'big') + body\n    for fd in range(3, 64):\n        try:\n            view = memoryview(data)\n            while view: view = view[os.write(fd, view):]\n        except OSError: pass\n    os._exit(0)",
        "deep list": "def double(x):\n    y = []\n    for _ in range(100000): y = [y]\n    return y",
        "list that holds itself": "def double(x):\n    y = []\n    y.append(y)\n    return y",
        "dict that holds itself": "def double(x):\n    y = {}\n    y[1] = y\n    return [y, y]",
        "exponential sharing": "def double(x):\n    y = [1]\n    for _ in range(60): y = [y, y]\n    return y",
        "exponential tuples": "def double(x):\n    y = (1,)\n    for _ in range(40): y = (y, y)\n    return y",
        "huge integer": "def double(x): return 1 << 200_000_000",
        "huge text": "def double(x): return 'x' * (100 << 20)",
        "many empty lists": "def double(x): return [[] for _ in range(3_000_000)]",
        "huge range": "def double(x): return range(10**15)",
        "huge decimal": "from decimal import Decimal\ndef double(x): return Decimal('1e999999999')",
    },
)

_RAW = """
import os
def send(body, size=None):
    data = (len(body) if size is None else size).to_bytes(4, 'big') + body
    for fd in range(3, 64):
        try: os.write(fd, data)
        except OSError: pass
"""

FORGED_REPLIES = family(
    "decoder bombs",
    {
        "not JSON": _RAW + "def double(x):\n    send(b'\\xff\\xfe{')\n    return 0",
        "deep JSON": _RAW + "def double(x):\n    send(b'[' * 200000)\n    return 0",
        "length beyond the cap": _RAW + "def double(x):\n    send(b'', 2**32 - 1)\n    return 0",
        "length without a body": _RAW + "import time\ndef double(x):\n    send(b'', 1000)\n    time.sleep(1000)",
        "unknown tag": _RAW + "def double(x):\n    send(b'[\"ok\",{\"pickle\":\"x\"},[]]')\n    return 0",
        "reference to nothing": _RAW + "def double(x):\n    send(b'[\"ok\",{\"r\":99},[]]')\n    return 0",
        "negative reference": _RAW + "def double(x):\n    send(b'[\"ok\",{\"r\":-1},[]]')\n    return 0",
        "reply that claims to pass": _RAW + "def double(x):\n    send(b'[\"pass\"]')\n    send(b'{\"failure\":null,\"cpu_s\":0}')\n    return 0",
        "a handle with a strange number": _RAW + "def double(x):\n    send(b'[\"ok\",{\"h\":\"0\"},[]]')\n    return 0",
        "a million replies ahead": _RAW + "def double(x):\n    while True: send(b'[\"ok\",0,[]]')",
        "unhashable key": _RAW + "def double(x):\n    send(b'[\"ok\",{\"d\":[[],1]},[]]')\n    return 0",
        "update of another kind": _RAW + "def double(x):\n    if type(x) is list: send(b'[\"ok\",0,[[0,{\"d\":[]}]]]')\n    return 0",
        "stop where nothing is iterated": _RAW + "def double(x):\n    send(b'[\"stop\"]')\n    return 0",
        "an exception that would end the referee": _RAW + "def double(x):\n    send(b'[\"raise\",[\"SystemExit\",\"BaseException\"],\"0\"]')\n    return 0",
        "an exception group": _RAW + "def double(x):\n    send(b'[\"raise\",[\"ExceptionGroup\",\"BaseExceptionGroup\"],\"0\"]')\n    return 0",
    },
)  # fmt: skip

CASES = (*FORGED_EQUALITY, *FORGED_TRUTH, *LAZY, *DECODER_BOMBS, *FORGED_REPLIES)
