"""The modules of a package or directory, found and parsed without importing any of them."""

import ast
import importlib.machinery
import importlib.metadata
import platform
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.nearest import nearest
from suture.machine.installing import pip_install
from suture.suites.parse import parse

_LEFT_OUT = {"tests", "test", "testing", "site-packages", "dist-packages", "__pycache__", "node_modules", "idlelib"}
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OSError)


@dataclass(frozen=True)
class Module:
    """Attributes:
    name: dotted; of a package's ``__init__.py`` the package's.
    package: the package that relative imports count from.
    """

    name: str
    package: str
    source: str
    tree: ast.Module


@dataclass(frozen=True)
class CodeBase:
    """Attributes:
    name: what people call it.
    modules: by dotted name.
    unreadable: files that are no Python of this version.
    origin, licence: for the tasks made from it; empty where nothing says.
    """

    name: str
    modules: dict[str, Module]
    unreadable: tuple[str, ...] = ()
    origin: str = ""
    licence: str = ""


def code_base(target: str) -> CodeBase:
    """Read a package or module by its name, or a directory or file by its path.

    Raises:
        UsageError: neither is there, or it holds no Python source.
    """
    path = Path(target)
    if not path.exists():
        path = path_of_package(target)
    name = path.name.removesuffix(".py")
    modules: dict[str, Module] = {}
    unreadable: list[str] = []
    for file in _files(path):
        dotted = _dotted(path, file)
        try:
            with tokenize.open(file) as opened:  # in the encoding that it names
                source = opened.read()
            tree = parse(source)
        except _UNREADABLE:
            unreadable.append(str(file))
            continue
        package = dotted if file.name == "__init__.py" else dotted.rpartition(".")[0]
        modules[dotted] = Module(dotted, package, source, tree)
    if not modules:
        raise UsageError(f"{target}: no Python source is there", mend="name a package, a module or a directory of them")
    return CodeBase(name, modules, tuple(unreadable), *_published(name, path))


def path_of_package(name: str) -> Path:
    """Where a package or module that is installed lies.

    Only the path finder is asked: ``importlib.util.find_spec`` would import the packages around it.

    Raises:
        UsageError: there is none, or it has no source.
    """
    first, *rest = name.split(".")
    spec = importlib.machinery.PathFinder.find_spec(first)
    places = list(spec.submodule_search_locations or ()) if spec else []
    path = Path(places[0]) if places else Path(spec.origin) if spec and spec.origin else None
    for part in rest:
        path = path and next((p for p in (path / part, path / f"{part}.py") if p.exists()), None)
    if path is None or not path.exists() or (path.is_file() and path.suffix != ".py"):
        raise UsageError(
            f"{name}: no such package, module or directory (or it has no Python source)",
            mend=_near_path(name) or f"{pip_install(first)}, or give the path of a directory",
        )
    return path


def _near_path(name: str) -> str | None:
    """The directory or module beside the path that ``name`` is, or looks like; None where a package may be meant."""
    path = Path(name)
    beside = [str(entry) for entry in path.parent.glob("*") if entry.is_dir() or entry.suffix == ".py"]
    if (near := nearest(str(path), beside, cutoff=0.8)) is not None:
        return near
    return "the path of a directory or module that is there" if "/" in name else None


def _files(path: Path, seen: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """``seen``: the directories above it. A link to one of them, or to what lies above all, leads round in a circle."""
    if path.is_file():
        yield path
        return
    seen |= {path.resolve()}
    for entry in sorted(path.iterdir()):
        if entry.is_dir() and entry.name not in _LEFT_OUT and not entry.name.startswith("."):
            real = entry.resolve()
            if not any(real == above or real in above.parents for above in seen):
                yield from _files(entry, seen)
        elif entry.suffix == ".py":
            yield entry


def _dotted(root: Path, file: Path) -> str:
    if root.is_file():
        return root.stem
    inside = file.relative_to(root).with_suffix("").parts
    parts = (root.resolve().name, *inside) if (root / "__init__.py").exists() else inside
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _published(name: str, path: Path) -> tuple[str, str]:
    """A package's name with its version, and its licence, as its installed metadata say."""
    first = name.split(".", maxsplit=1)[0]
    if first in sys.stdlib_module_names and not path.is_relative_to(Path.cwd()):
        return f"Python {platform.python_version()}", "PSF-2.0"
    try:
        found = importlib.metadata.metadata(first)
    except importlib.metadata.PackageNotFoundError:
        return "", ""
    licence = next((found[key] for key in ("License-Expression", "License") if key in found), "")
    return f"{found['Name']} {found['Version']}", licence.strip().split("\n")[0][:60]
