"""Programs that attack processes: exits, signals, forks, threads, time."""

from suture.judge.hostile.case import ECHO, family

EXITS = family(
    "exits",
    {
        "os._exit(0) on import": "import os\nos._exit(0)",
        "os._exit(0) when called": "import os\ndef double(x): os._exit(0)",
        "sys.exit(0) on import": "import sys\nsys.exit(0)",
        "sys.exit(0) when called": "import sys\ndef double(x): sys.exit(0)",
        "SystemExit": "def double(x): raise SystemExit",
        "KeyboardInterrupt": "def double(x): raise KeyboardInterrupt",
        "exit from a thread": "import os, threading\nthreading.Timer(0.01, os._exit, (0,)).start()\nimport time\ndef double(x): time.sleep(5)",
        "exit at exit": "import atexit, os\natexit.register(os._exit, 0)\nraise SystemExit(0)",
        "exit in a destructor": "import os\nclass D:\n    def __del__(self): os._exit(0)\ndef double(x):\n    D()\n    return 0",
        "BaseException of its own": "class B(BaseException): pass\ndef double(x): raise B",
        "replaces itself": "import os\ndef double(x):\n    try: os.execv('/bin/true', ['true'])\n    except OSError: return None",
    },
) + family(
    "exits",
    {
        "script that exits with 0": "import os\nos._exit(0)",
        "script that kills itself after output": "import os\nprint(int(input()) ** 2, flush=True)\nos.kill(os.getpid(), 9)",
        "script that prints wrong": "print(9)",
        "script that fails after output": "print(int(input()) ** 2, flush=True)\nraise SystemExit(3)",
        "script that raises after output": "print(int(input()) ** 2, flush=True)\nraise ValueError",
    },
    task=ECHO,
)

SIGNALS = family(
    "signals",
    {
        name: f"import os, signal\ndef double(x):\n    try: os.{call}\n    except OSError: pass\n    return None"
        for name, call in {
            "kills its parent": "kill(os.getppid(), signal.SIGKILL)",
            "stops its parent": "kill(os.getppid(), signal.SIGSTOP)",
            "kills its group": "killpg(0, signal.SIGKILL)",
            "kills everything": "kill(-1, signal.SIGKILL)",
            "stops everything": "kill(-1, signal.SIGSTOP)",
            "stops itself": "kill(os.getpid(), signal.SIGSTOP)",
            "kills itself": "kill(os.getpid(), signal.SIGKILL)",
        }.items()
    }
    | {
        "guesses process ids": "import os\ndef double(x):\n    for pid in range(1, 40000):\n        if pid != os.getpid():\n            try: os.kill(pid, 9)\n            except OSError: pass",
        "ignores every signal": "import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\ndef double(x):\n    while True: pass",
        "through a process descriptor": "import os, signal\ndef double(x):\n    try: signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 9)\n    except OSError: pass",
        "traces its parent": "import ctypes, os\ndef double(x):\n    libc = ctypes.CDLL(None)\n    libc.ptrace(16, os.getppid(), 0, 0)\n    libc.ptrace(0, 0, 0, 0)",
        "limits of its parent": "import resource, os\ndef double(x):\n    try: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))\n    except OSError: pass",
    },
)  # fmt: skip

BOMBS = family(
    "fork and thread bombs, daemons",
    {
        "fork bomb": "import os\ndef double(x):\n    while True:\n        try: os.fork()\n        except OSError: return None",
        "fork bomb on import": "import os\nwhile True:\n    try: os.fork()\n    except OSError: break",
        "fork that answers for it": "import os\ndef double(x):\n    try: pid = os.fork()\n    except OSError: return None\n    if pid: os._exit(0)\n    os.setsid()\n    return x",
        "daemon": "import os, time\ndef double(x):\n    try:\n        if os.fork() == 0:\n            os.setsid()\n            if os.fork() == 0: time.sleep(1000)\n            os._exit(0)\n    except OSError: pass",
        "subprocess": "import subprocess\ndef double(x):\n    try: subprocess.Popen(['sleep', '1000'])\n    except OSError: return None\n    return x * 2",
        "shell": "import os\ndef double(x): return x * 2 if os.system('true') == 0 else None",
        "multiprocessing": "import multiprocessing\ndef double(x):\n    try: return multiprocessing.Pool(4).map(str, [x])\n    except (OSError, ImportError): return None",
        "clone by hand": "import ctypes\ndef double(x):\n    libc = ctypes.CDLL(None)\n    for number in (56, 57, 58, 435, 220):\n        libc.syscall(number, 17, 0, 0, 0, 0)",
        "new namespaces": "import ctypes\ndef double(x): return x * 2 if ctypes.CDLL(None).unshare(0x10000000) == 0 else None",
        "thread bomb": "import threading, time\ndef double(x):\n    while True:\n        try: threading.Thread(target=time.sleep, args=(1000,)).start()\n        except (RuntimeError, MemoryError): return None",
        "small-stack thread bomb": "import threading, time\nthreading.stack_size(32768)\ndef double(x):\n    while True:\n        try: threading.Thread(target=time.sleep, args=(1000,)).start()\n        except (RuntimeError, MemoryError): return None",
        "busy threads": "import threading, zlib\ndef work():\n    while True: zlib.crc32(b'x' * 1000000)\nfor _ in range(8): threading.Thread(target=work, daemon=True).start()\nimport time\ndef double(x): time.sleep(1000)",
    },
)  # fmt: skip

TIME = family(
    "time bombs",
    {
        "loops for ever": "def double(x):\n    while True: pass",
        "loops on import": "while True: pass",
        "sleeps for ever": "import time\ndef double(x): time.sleep(10**6)",
        "sleeps on import": "import time\ntime.sleep(10**6)",
        "waits for input": "def double(x): return input()",
        "locks itself": "import threading\ndef double(x):\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()",
        "catastrophic regular expression": "import re\ndef double(x): return re.match('(a+)+$', 'a' * 40 + 'b')",
        "a power too far": "def double(x): return 10 ** 10 ** 9 % 7",
        "compile-time work": "def double(x): return " + "(" * 80 + "1" + ")" * 80 + "\ny = " + "+".join(["1"] * 20000),
        "swallows its timeout": "import signal\nsignal.signal(signal.SIGXCPU, lambda *a: None)\ndef double(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "slow drip": "import time\ndef double(x):\n    while True: time.sleep(0.001)",
        "bomb on the second call": "n = 0\ndef double(x):\n    global n\n    n += 1\n    while n > 1: pass\n    return x * 2",
        "work after the answer": "import threading\ndef spin():\n    while True: pass\ndef double(x):\n    threading.Thread(target=spin).start()\n    return x",
    },
)  # fmt: skip

CASES = (*EXITS, *SIGNALS, *BOMBS, *TIME)
