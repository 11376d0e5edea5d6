"""Which Python the sandbox gets: the one that runs Suture, without its packages.

An unprivileged user may be unable to read it (root's own pyenv): then the standard library is
copied once to a place that everyone can read and only root can write.
"""

import compileall
import hashlib
import importlib.util
import mimetypes
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

from suture.judge.sandbox import Runtime

_HERE = Path(__file__).resolve().parent
_LEFT_OUT = (
    "site-packages", "dist-packages", "test", "tests", "idlelib", "turtledemo", "ensurepip", "config-*",
    "*.opt-1.pyc", "*.opt-2.pyc",
)  # fmt: skip
_PACKAGES = ("site-packages", "dist-packages")
_CACHE = Path("/var/cache/suture")
_ZONES = "/usr/share/zoneinfo"
_DATA = (_ZONES, "/usr/lib/locale", *map(str, mimetypes.knownfiles))
"""What modules of the standard library read outside it. Nothing else of the machine, and nothing that differs by user:
time is UTC for every program."""


def find_runtime(*, for_uid: int | None) -> Runtime:
    """The bare Python for programs; ``for_uid`` is the user they will run as (None: this one)."""
    executable = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    library = Path(sysconfig.get_path("stdlib", vars={"base": sys.base_prefix})).resolve()
    shared = _shared_library()
    confined = _HERE
    if for_uid is not None and not all(_everyone_may_read(path) for path in (executable, library)):
        executable, library, shared = _staged_python(executable, library, shared)
    if for_uid is not None and not _everyone_may_read(_HERE):
        confined = _staged_confined()
    libraries = _shared_libraries(executable, library, shared)
    zones = "" if Path(_ZONES).is_dir() else _zones_of_package(staged=for_uid is not None)
    data = [path for path in (*_DATA, zones) if path and Path(path).exists()]
    return Runtime(
        executable=str(executable),
        mounts=(str(library), str(executable), *libraries, *data),
        readable=(*_entries(library), str(executable), *libraries, *data),
        hidden=tuple(str(library / name) for name in _PACKAGES if (library / name).is_dir()),
        library_path=str(shared.parent) if shared else "",
        confined=str(confined),
        zones=zones,
    )


def _zones_of_package(*, staged: bool) -> str:
    """The time zones of the package ``tzdata``, for a machine without its own; empty where neither is there."""
    found = importlib.util.find_spec("tzdata")
    if found is None or found.origin is None:
        return ""
    zones = Path(found.origin).parent / "zoneinfo"
    if not staged:
        return str(zones)
    return str(_staged("zones", [zones / "tzdata.zi"], lambda home: shutil.copytree(zones, home, dirs_exist_ok=True)))


def _entries(library: Path) -> list[str]:
    """What is directly in the standard library, packages that were installed into it left out."""
    return sorted(str(entry) for entry in library.iterdir() if entry.name not in _PACKAGES)


def _shared_libraries(executable: Path, library: Path, shared: Path | None) -> list[str]:
    """Every shared library that the interpreter or a module of the standard library loads."""
    modules = [str(path) for path in sorted((library / "lib-dynload").glob("*.so"))]
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    if shared is not None:
        environment["LD_LIBRARY_PATH"] = str(shared.parent)
    try:
        found = _traced(executable, modules, environment) or _by_ldd(executable, modules, environment)
    except OSError:
        return [str(shared)] if shared else []
    for path in tuple(found):
        unwinder = Path(path).parent / "libgcc_s.so.1"  # loaded by glibc when a thread ends
        if "/libc.so" in path and unwinder.exists():
            found.add(str(unwinder))
    if shared is not None:
        found.add(str(shared))
    return sorted(found)


def _traced(executable: Path, modules: list[str], environment: dict[str, str]) -> set[str]:
    """What glibc's loader lists of them all in one process (ld.so(8), ``LD_TRACE_LOADED_OBJECTS``), a hundred times as
    fast as ``ldd``, which starts one for each; empty with another loader."""
    if any(mark in module for module in modules for mark in " :"):  # what separates the names in LD_PRELOAD
        return set()
    traced = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_PRELOAD": ":".join(modules)}
    return _paths([str(executable), "-c", ""], environment | traced) - set(modules)


def _by_ldd(executable: Path, modules: list[str], environment: dict[str, str]) -> set[str]:
    return _paths(["ldd", str(executable), *modules], environment)


def _paths(command: list[str], environment: dict[str, str]) -> set[str]:
    listing = subprocess.run(  # fixed arguments
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    ).stdout
    return set(re.findall(r"(?:=>\s+)?(/\S+)\s+\(0x", listing))


def _shared_library() -> Path | None:
    name = sysconfig.get_config_var("INSTSONAME") or ""
    directory = sysconfig.get_config_var("LIBDIR") or ""
    path = Path(str(directory), str(name))
    return path.resolve() if ".so" in str(name) and path.is_file() else None


def _everyone_may_read(path: Path) -> bool:
    wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
    if path.stat().st_mode & wanted != wanted:
        return False
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)


def _staged_python(executable: Path, library: Path, shared: Path | None) -> tuple[Path, Path, Path | None]:
    """The copy's executable, standard library and shared library."""

    def copy(home: Path) -> None:
        (home / "bin").mkdir()
        shutil.copy2(executable, home / "bin")
        shutil.copytree(library, home / "lib" / library.name, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        if shared is not None:
            shutil.copy2(shared, home / "lib")

    sources = [executable, library / "os.py", *([shared] if shared else [])]
    home = _staged("python", sources, copy, without=" ".join(_LEFT_OUT))
    moved = home / "lib" / shared.name if shared else None
    return home / "bin" / executable.name, home / "lib" / library.name, moved


def _staged_confined() -> Path:
    """A directory that holds a compiled copy of the package ``confined``."""

    def copy(home: Path) -> None:
        shutil.copytree(_HERE / "confined", home / "confined", ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(home / "confined", quiet=1)

    return _staged("confined", sorted((_HERE / "confined").glob("*.py")), copy)


def _staged(name: str, sources: list[Path], copy: Callable[[Path], object], *, without: str = "") -> Path:
    """The directory that ``copy`` filled once for these very sources; it appears whole or not at all."""
    marks = "\n".join([without, *(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in sources)])
    home = _CACHE / f"{name}-{hashlib.sha256(marks.encode()).hexdigest()[:16]}"
    if home.is_dir():
        return home
    _CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE, prefix=".staging-") as draft:
        ready = Path(draft) / name
        ready.mkdir()
        copy(ready)
        for path in (ready, *ready.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        try:
            ready.rename(home)
        except OSError:
            if not home.is_dir():  # otherwise another process was first
                raise
    return home
