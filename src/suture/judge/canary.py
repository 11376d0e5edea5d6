"""Finding the isolation level by trying it: a program that attempts to leave, and must not get anywhere."""

from suture.core.measure.checks.python import Assertions, PythonCheck
from suture.core.measure.task import Task
from suture.core.measure.verdict import IsolationLevel

PROGRAM = '''
import os, socket

def attempts(paths):
    """What the sandbox let through."""
    through = []

    def attempt(name, action):
        try:
            action()
        except OSError:
            return
        through.append(name)

    for path in paths:
        attempt("read " + path, lambda: os.close(os.open(path, os.O_RDONLY)))
    for path in ("/tmp/suture-canary", "/var/tmp/suture-canary", "/dev/shm/suture-canary", "suture-canary"):
        attempt("write " + path, lambda: os.close(os.open(path, os.O_WRONLY | os.O_CREAT)))
    attempt("network", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close())
    attempt("signal its parent", lambda: os.kill(os.getppid(), 0))
    attempt("signal its group", lambda: os.kill(0, 0))
    attempt("fork", _fork)
    attempt("execute", lambda: os.execv("/bin/true", ["true"]))
    return through

def _fork():
    if os.fork() == 0:
        os._exit(0)
'''

_FORBIDDEN = ("/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/1/cmdline", "/root", "/home", "/sys", "/")

_FILES_READABLE = frozenset({IsolationLevel.L1, IsolationLevel.L0})


def task_for(level: IsolationLevel) -> Task:
    """The canary as a task like any other: it passes when nothing was let through."""
    paths = () if level in _FILES_READABLE else _FORBIDDEN
    return Task(
        id=f"canary/{level}",
        suite="canary",
        messages=(),
        check=PythonCheck(entry_point="attempts", tests=Assertions(statements=(f"assert attempts({paths!r}) == []",))),
    )


NOTHING_TASK = Task(
    id="canary/L0",
    suite="canary",
    messages=(),
    check=PythonCheck(entry_point="f", tests=Assertions(statements=("assert f() == 1",))),
)
NOTHING_PROGRAM = "def f(): return 1"
