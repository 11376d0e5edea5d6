"""Commands that install packages into the environment that Suture runs in, however it and Suture were set up."""

import re
import shlex
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from pathlib import Path

OF_EXTRA = re.compile(r"^([^;]+);.*\bextra == ['\"]([a-z0-9-]+)['\"]")


def pip_install(*arguments: str) -> str:
    """Write the command that installs ``arguments`` into this environment, whatever the caller's shell calls pip."""
    return " ".join([_installer(), *map(shlex.quote, arguments)])


def install_extra(*extras: str) -> str:
    """Write the command that installs what these extras of Suture need, by the names of the packages.

    Suture may have come from a checkout, a file or an index, and its own name may be somebody else's on an index.
    """
    wanted = [package for extra in extras for package in packages_of(extra)]
    if not wanted:
        return f"install Suture again, as it was installed, with its extra {' and '.join(extras)}"
    return pip_install(*dict.fromkeys(wanted))


def together(mends: Iterable[str]) -> str:
    """One line that does what several install commands do; empty where fewer than two of ``mends`` are such."""
    start, several = f"{_installer()} ", defaultdict[bool, dict[str, None]](dict)
    commands = dict.fromkeys(mend for mend in mends if mend.startswith(start))
    for command in commands:
        words = shlex.split(command.removeprefix(start))
        several["--no-deps" in words] |= dict.fromkeys(word for word in words if word != "--no-deps")
    lines = [pip_install(*(["--no-deps"] if bare else []), *words) for bare, words in sorted(several.items())]
    return " && ".join(lines) if len(commands) > 1 else ""


def packages_of(extra: str) -> list[str]:
    """The requirements of an extra, as the installed Suture states them; none where it states no such extra."""
    try:
        stated = requires("suture") or []
    except PackageNotFoundError:
        return []
    found = [match for match in map(OF_EXTRA.match, stated) if match and match[2] == extra]
    return [match[1].strip() for match in found]


def _installer() -> str:
    here, python = Path(sys.executable).parent, shlex.quote(sys.executable)
    on_path = shutil.which("pip")
    if on_path and Path(on_path).parent == here:
        return "pip install"
    return f"{python} -m pip install" if find_spec("pip") else f"uv pip install --python {python}"
