"""How the worker is started at each isolation level. Pure: builds command lines, starts nothing."""

import json
from dataclasses import asdict, dataclass
from typing import Any

_BOX = "/box"
_START = "import sys,json;sys.path.insert(0,{path!r});from confined.worker import main;main(json.loads({config!r}))"
THREADS_AND_PROCESSES = 64
_DEVICES = ("/dev/urandom", "/dev/random", "/dev/zero")
_FACTS = ("/proc/cpuinfo", "/proc/meminfo")
_STREAMS = {
    "/dev/fd": "/proc/self/fd",
    **{f"/dev/{name}": f"/proc/self/fd/{n}" for n, name in enumerate(("stdin", "stdout", "stderr"))},
}
"""A program's own descriptors by their paths: opening one asks the file behind it, and no other."""


@dataclass(frozen=True)
class Runtime:
    """The bare Python a sandbox sees.

    Attributes:
        executable: the interpreter.
        mounts: files and directories it needs, as few as there can be.
        readable: the same without ``hidden``, so one by one: what Landlock lets programs read where nothing
            else covers ``hidden`` (each rule costs every program a little).
        hidden: directories below ``mounts`` that must not be seen (installed packages: some hold
            the very tests).
        library_path: where its shared library is, or empty.
        confined: the directory that holds the package ``confined``.
        zones: where time zones are, when not where Python looks by itself.
    """

    executable: str
    mounts: tuple[str, ...]
    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    library_path: str
    confined: str
    zones: str = ""


@dataclass(frozen=True)
class Sandbox:
    """Everything the referee needs to start a worker.

    Attributes:
        level: ``L3`` to ``L0``.
        bwrap: path of bubblewrap; only used at L3.
        uid: unprivileged user to become first, or None when there is no right to.
    """

    level: str
    runtime: Runtime
    bwrap: str = "bwrap"
    uid: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Sandbox":
        runtime = value["runtime"]
        return cls(
            level=value["level"],
            bwrap=value["bwrap"],
            uid=value["uid"],
            runtime=Runtime(
                executable=runtime["executable"],
                mounts=tuple(runtime["mounts"]),
                readable=tuple(runtime["readable"]),
                hidden=tuple(runtime["hidden"]),
                library_path=runtime["library_path"],
                confined=runtime["confined"],
                zones=runtime["zones"],
            ),
        )


def command(sandbox: Sandbox) -> list[str]:
    """The worker's command line. Its standard input is the control socket."""
    python = _python(sandbox)
    return [*_bubblewrap(sandbox), *python] if sandbox.level == "L3" else python


def environment(sandbox: Sandbox) -> dict[str, str]:
    """All there is: a fixed hash seed and time zone (one verdict on every run), UTF-8, few malloc arenas."""
    fixed = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if sandbox.runtime.library_path:
        fixed["LD_LIBRARY_PATH"] = sandbox.runtime.library_path
    return fixed


def worker_config(sandbox: Sandbox) -> dict[str, Any]:
    level, runtime = sandbox.level, sandbox.runtime
    own_user = level == "L3" or sandbox.uid is not None
    files = runtime.mounts if level == "L3" or not runtime.hidden else runtime.readable
    return {
        "landlock": level in ("L3", "L2"),
        "seccomp": level in ("L3", "L2", "L1"),
        "readable": [*files, *_DEVICES, *_FACTS],
        "zones": runtime.zones,
        "processes": THREADS_AND_PROCESSES if own_user else None,
    }


def _python(sandbox: Sandbox) -> list[str]:
    path = _BOX if sandbox.level == "L3" else sandbox.runtime.confined
    start = _START.format(path=path, config=json.dumps(worker_config(sandbox)))
    return [sandbox.runtime.executable, "-s", "-S", "-P", "-B", "-X", "frozen_modules=on", "-c", start]


def _bubblewrap(sandbox: Sandbox) -> list[str]:
    runtime = sandbox.runtime
    names = ["user", "ipc", "pid", "net", "uts"]
    line = [sandbox.bwrap, *(f"--unshare-{name}" for name in names), "--unshare-cgroup-try"]
    line += ["--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL", "--hostname", "box"]
    for path in runtime.mounts:
        line += ["--ro-bind-try", path, path]
    for path in runtime.hidden:
        line += ["--tmpfs", path, "--remount-ro", path]
    line += ["--ro-bind", f"{runtime.confined}/confined", f"{_BOX}/confined"]
    line += ["--proc", "/proc", "--dir", "/dev"]
    for path in ("/dev/null", *_DEVICES):
        line += ["--dev-bind", path, path]
    for path, target in _STREAMS.items():
        line += ["--symlink", target, path]
    return [*line, "--remount-ro", "/", "--chdir", "/", "--"]
