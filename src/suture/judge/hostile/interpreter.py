"""Programs that turn on the interpreter: memory, output, recursion, crashes, patched builtins and modules."""

from suture.judge.hostile.case import ECHO, family

MEMORY = family(
    "memory",
    {
        "one large block": "def double(x): return len(bytearray(1 << 40))",
        "many small blocks": "def double(x):\n    hoard = []\n    while True: hoard.append(bytearray(1 << 16))",
        "swallows MemoryError": "def double(x):\n    hoard = []\n    while True:\n        try: hoard.append('x' * (1 << 20) + str(len(hoard)))\n        except MemoryError: hoard.append(None)",
        "large integer": "def double(x): return 2 ** (8 * 1024 ** 3)",
        "memory by mapping": "import mmap\ndef double(x):\n    hoard = []\n    while True: hoard.append(mmap.mmap(-1, 1 << 24))",
        "on import": "hoard = [0] * 10 ** 11\ndef double(x): return x",
        "pipes and sockets": "import os, socket\ndef double(x):\n    hoard = []\n    try:\n        while True:\n            hoard.append(os.pipe())\n            hoard.append(socket.socketpair())\n    except OSError: return None",
    },
)

FLOODS = family(
    "output floods",
    {
        "every descriptor": "import os\ndef double(x):\n    for fd in range(256):\n        try:\n            for _ in range(64): os.write(fd, b'x' * (1 << 20))\n        except OSError: pass",
        "endless standard output": "def double(x):\n    while True: print('x' * 10000)",
        "closes every descriptor": "import os\ndef double(x):\n    os.closerange(0, 256)\n    return None",
        "shuffles descriptors": "import os\ndef double(x):\n    for fd in range(3, 16):\n        try: os.dup2(1, fd)\n        except OSError: pass",
        "reads the referee's requests": "import os\ndef double(x):\n    for fd in range(3, 16):\n        try: os.set_blocking(fd, False); os.read(fd, 1 << 20)\n        except OSError: pass",
        "sends descriptors": "import array, socket\ndef double(x):\n    for fd in range(3, 16):\n        try:\n            s = socket.socket(fileno=fd)\n            s.sendmsg([b'xxxx'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 100))])\n        except OSError: pass",
    },
) + family(
    "output floods",
    {
        "script that floods": "while True: print('x' * 100000)",
        "script that floods both": "import sys\nwhile True:\n    print('x' * 1000)\n    print('x' * 1000, file=sys.stderr)",
        "script that closes its output and sleeps": "import os, time\nos.closerange(0, 64)\ntime.sleep(1000)",
        "script that waits for more input": "import sys\nwhile True: sys.stdin.readline()",
    },
    task=ECHO,
)  # fmt: skip

CRASHES = family(
    "recursion and C-level crashes",
    {
        "recursion": "def double(x): return double(x)",
        "recursion without a limit": "import sys\nsys.setrecursionlimit(10**9)\ndef double(x): return double(x)",
        "recursion through C": "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __repr__(self): return repr(self)\ndef double(x): return repr(A())",
        "null pointer": "import ctypes\ndef double(x): return ctypes.string_at(0)",
        "abort": "import os\ndef double(x): os.abort()",
        "fatal error": "import ctypes\ndef double(x): ctypes.pythonapi.Py_FatalError(b'x')",
        "broken code object": "def double(x):\n    code = (lambda: 0).__code__\n    exec(code.replace(co_code=b'\\xff' * 64, co_consts=()))",
        "refcount to zero": "import ctypes\ndef double(x):\n    for _ in range(100): ctypes.pythonapi.Py_DecRef(ctypes.py_object(None))\n    ctypes.c_long.from_address(id(None)).value = 0\n    return [None] * 10",
        "overwrites its memory": "import ctypes\ndef double(x): ctypes.memset(id(double), 255, 4096)",
        "quits the interpreter": "import ctypes\ndef double(x): ctypes.pythonapi.Py_Finalize()",
        "nested brackets": "def double(x): return " + "[" * 5000 + "]" * 5000,
        "null byte": "def double(x): return x * 2\n\0",
        "bad marshal": "import marshal\ndef double(x): return marshal.loads(b'\\xe3' + b'\\x00' * 100)",
    },
)

PATCHING = family(
    "patched builtins and sys.modules",
    {
        "builtins.all and isinstance": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.all = lambda *a: True\nbuiltins.len = lambda *a: 3\ndef double(x): return 0",
        "builtins.type": "import builtins\nreal = type\nbuiltins.type = lambda *a: int\ndef double(x): return 0",
        "builtins.AssertionError": "import builtins\nbuiltins.AssertionError = type('Never', (Exception,), {})\ndef double(x): return 0",
        "json encoder": "import json, json.encoder\njson.dumps = lambda *a, **k: 'true'\njson.JSONEncoder.encode = lambda *a: '[\"ok\",42,[]]'\ndef double(x): return 0",
        "the judge's own modules": "import sys\nfor name, module in list(sys.modules.items()):\n    for attribute in list(vars(module)) if 'confined' in name else ():\n        try: setattr(module, attribute, lambda *a, **k: True)\n        except Exception: pass\ndef double(x): return 0",
        "empties sys.modules": "import sys\nsys.modules.clear()\ndef double(x): return 0",
        "a module that lies": "import sys, types\nfake = types.ModuleType('math')\nfake.isclose = lambda *a: True\nsys.modules['math'] = sys.modules['operator'] = fake\ndef double(x): return 0",
        "os.write and os.read": "import os\nreal = os.write\nos.write = lambda fd, data: real(fd, data.replace(b'0', b'1'))\ndef double(x): return 0",
        "import hook": "import sys\nclass Hook:\n    def find_spec(self, *a): raise SystemExit(0)\nsys.meta_path.insert(0, Hook())\ndef double(x):\n    import decimal\n    return 0",
        "int's own equality by ctypes": "import ctypes, gc\ndef double(x):\n    d = gc.get_referents(int.__dict__)[0]\n    d['__eq__'] = lambda a, b: True\n    ctypes.pythonapi.PyType_Modified(ctypes.py_object(int))\n    return 7",
        "number one becomes two": "import ctypes\ndef double(x):\n    ctypes.memmove(id(1) + 24, id(2) + 24, 4)\n    return 1",
        "conftest and sitecustomize": "import os\ndef double(x):\n    for name in ('conftest.py', 'sitecustomize.py', 'usercustomize.py'):\n        for path in ('.', '/tmp', '/box'):\n            try: open(path + '/' + name, 'w').write('raise SystemExit(0)')\n            except OSError: pass\n    return 0",
        "hides the entry point": "double = None",
        "no entry point": "def other(x): return x * 2",
        "nothing at all": "",
        "test function of its own": "def check(candidate): pass\ndef double(x): return 0\nif True:\n    try: assert double(21) == 42\n    except AssertionError: pass",
    },
)  # fmt: skip

CASES = (*MEMORY, *FLOODS, *CRASHES, *PATCHING)
