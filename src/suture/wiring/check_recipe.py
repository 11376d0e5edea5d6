"""Says before any work what a recipe needs, what is missing, what it can prove, and about what it costs."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from suture.core.errors import SutureError
from suture.core.measure.engine_probe import AUTO
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.model.pack_manifest import Quantisation
from suture.core.plan.recipe import Recipe
from suture.files.gguf_header import read_header
from suture.files.recipe_file import read_recipe
from suture.judge import open_judge
from suture.loop.elsewhere import FromElsewhere
from suture.loop.measuring.soundness import BrokenTask, broken_tasks
from suture.loop.plan import base_name, require_base, selectors_of, split_tasks
from suture.loop.recipe_paths import placed, placed_sources
from suture.machine.installing import install_extra
from suture.packs.hugging_face.source_weights import weight_files
from suture.store.connection import READ_ONLY
from suture.store.find_model import FoundModel, find_model
from suture.store.home import MORE_ROOM, Home
from suture.store.store import open_store_to_read
from suture.suites.catalog import load_suites
from suture.suites.kinds import is_taught
from suture.training.extra import require_train_extra
from suture.wiring.check_elsewhere import ELSEWHERE, look_elsewhere, said_of_elsewhere
from suture.wiring.check_provable import provable
from suture.wiring.check_served import require_repairable_champion, served_at_hand
from suture.wiring.engine_table import engine_table, row_of
from suture.wiring.model_size import minutes, parameters_of, size_of
from suture.wiring.proof import require_tools
from suture.wiring.time_left import AROUND, expected_seconds

MEASURED_PARAMETERS = 134.5e6
BYTES_A_PARAMETER = 8.0
"""Of a prepared base in BF16, its pack, the merge, and the new pack, while all four are there."""

T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """One thing that the recipe needs. ``mend``: the command or change that gets it, where it is not ``ok``."""

    name: str
    ok: bool
    found: str
    mend: str = ""


@dataclass
class RecipeCheck:
    """Attributes:
    splits: how many tasks are in each split.
    proves: what so few or so many tasks can show, in sentences.
    costs: time and disk to expect, in sentences.
    """

    findings: list[Finding] = field(default_factory=list[Finding])
    splits: dict[str, int] = field(default_factory=dict[str, int])
    proves: list[str] = field(default_factory=list[str])
    costs: list[str] = field(default_factory=list[str])

    @property
    def ready(self) -> bool:
        return all(finding.ok for finding in self.findings)


def check_recipe(
    path: Path | str, *, home: Path | str | None = None, unsafe_local: bool = False, try_references: bool = True
) -> RecipeCheck:
    """Look at everything a repair by this recipe needs. Nothing is made, loaded, asked or stored.

    Raises:
        BadRecipe: the file is no recipe; names every mistake with its line.
    """
    path = Path(path)
    return check_read(
        read_recipe(path), path.parent, home=home, unsafe_local=unsafe_local, try_references=try_references
    )


def check_read(
    recipe: Recipe,
    place: Path,
    *,
    home: Path | str | None = None,
    unsafe_local: bool = False,
    try_references: bool = True,
) -> RecipeCheck:
    """As ``check_recipe``, of a recipe whose paths are relative to ``place``."""
    done = RecipeCheck()
    add = done.findings.append
    tasks = _tasks(recipe, place, add)
    elsewhere = FromElsewhere()
    if recipe.harvest.rehearse_from or recipe.harvest.lessons:
        read = _tried(ELSEWHERE, add, lambda: look_elsewhere(recipe, tasks, place, home), said_of_elsewhere)
        elsewhere = read or elsewhere
    if recipe.served is not None:
        settings = recipe.served
        _tried("served answers", add, lambda: served_at_hand(home, settings), str)
    base = _tried("base", add, lambda: _base(recipe, place, home), _of_base)
    _tried("engine", add, lambda: _engine(recipe), str)
    _tried("training", add, require_train_extra, lambda _: "torch, transformers, peft, accelerate")
    _tried("proof of packs", add, require_tools, lambda _: "transformers and llama.cpp")
    if recipe.quantisation is Quantisation.Q4_K_M:
        there = find_spec("xllamacpp") is not None
        add(
            Finding(
                "quantiser",
                there,
                "llama.cpp" if there else "q4_k_m is rounded by llama.cpp",
                "" if there else install_extra("llamacpp"),
            )
        )
    if base is not None and isinstance(base.source, str):
        there = find_spec("huggingface_hub") is not None
        add(
            Finding(
                "hub",
                there,
                f"{base.source} is downloaded when it is first used",
                "" if there else install_extra("hub"),
            )
        )
    teaches_itself = recipe.harvest.asks_the_model
    _sandbox(tasks if try_references else (), add, teaches_itself=teaches_itself, unsafe_local=unsafe_local)
    if tasks:
        _split(recipe, tasks, place, done)
    _cost(recipe, tasks, base, Home(Path(home) if home else None), done, elsewhere=elsewhere)
    return done


def _tried(name: str, add: Callable[[Finding], None], look: Callable[[], T], says: Callable[[T], str]) -> T | None:
    try:
        found = look()
    except SutureError as error:
        add(Finding(name, False, str(error), error.mend or ""))
        return None
    add(Finding(name, True, says(found)))
    return found


def _tasks(recipe: Recipe, place: Path, add: Callable[[Finding], None]) -> tuple[Task, ...]:
    """The tasks of every selector that can be read; each that cannot is a finding of its own."""
    sources = placed_sources(recipe.sources, place)
    found: list[Task] = []
    for selector in selectors_of(recipe):
        tasks = _tried(
            f"tasks {selector}", add, lambda s=selector: load_suites(placed([s], place), sources=sources), _of_tasks
        )
        found.extend(tasks or ())
    return tuple(found)


def _of_tasks(tasks: tuple[Task, ...]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(task.check.kind for task in tasks).items())


def _base(recipe: Recipe, place: Path, home: Path | str | None) -> FoundModel:
    with open_store_to_read(home) as store:
        found = require_base(recipe, find_model(store, base_name(recipe), relative_to=place))
        require_repairable_champion(store, recipe, found)
        _require_a_model(found)
        return found


def _require_a_model(found: FoundModel) -> None:
    """Raises BadFile, UsageError: a file that is no GGUF file, or a directory of an adapter or without weights."""
    if isinstance(found.source, Path):
        if found.source.is_dir():
            weight_files(found.source)
        else:
            read_header(found.source)


def _of_base(found: FoundModel) -> str:
    if isinstance(found.source, str):
        return f"{found.source}, on the hub"
    return f"{found.source.name}, {size_of(found.source) / 1e6:.0f} MB"


def _engine(recipe: Recipe) -> str:
    table = engine_table()
    if recipe.engine.name == AUTO:
        return f"the fastest of {', '.join(spec.name for spec in table.values() if spec.here(spec))}"
    return f"{recipe.engine.name} {row_of(table, recipe.engine.name).version()}"


def _sandbox(
    tasks: tuple[Task, ...], add: Callable[[Finding], None], *, teaches_itself: bool, unsafe_local: bool
) -> None:
    """The sandbox, and whether every task's check can be passed by its reference."""
    try:
        judge = open_judge(unsafe_local=unsafe_local)
    except SutureError as error:
        add(Finding("sandbox", False, str(error), error.mend or ""))
        return
    with closing(judge):
        add(Finding("sandbox", True, f"isolation {judge.identity.level.value}"))
        if not tasks:
            return
        broken = broken_tasks(judge, tasks)
    add(_of_references(tasks, broken, teaches_itself=teaches_itself))


def _of_references(tasks: Sequence[Task], broken: Sequence[BrokenTask], *, teaches_itself: bool) -> Finding:
    """``teaches_itself``: failures are taught by the model's own answers that pass, so references are not needed."""
    without = sum(not is_taught(task) for task in tasks)
    said = f"{len(tasks) - len(broken)} of {len(tasks)} tasks are sound"
    if without and not teaches_itself:
        said += f"; {without} have no reference, so their failures are not taught"
    if broken:
        mend = "correct those rows, or leave them out: suture suite check TASKS names them all"
        return Finding("references", False, f"{said}; {broken[0].task_id}: {broken[0].why}", mend)
    if without == len(tasks) and not teaches_itself:
        return Finding("references", False, said, 'give the rows a right answer to teach, as "reference"')
    return Finding("references", True, said)


def _split(recipe: Recipe, tasks: tuple[Task, ...], place: Path, done: RecipeCheck) -> None:
    sources = placed_sources(recipe.sources, place)
    splits = _tried("splits", done.findings.append, lambda: split_tasks(recipe, tasks, sources, place), _of_splits)
    if splits is None:
        return
    done.splits = dict(Counter(split.value for split in splits.values()))
    done.proves = list(provable(recipe.gate, len(tasks), done.splits.get(Split.HOLDOUT.value, 0)))


def _of_splits(splits: dict[str, Split]) -> str:
    return ", ".join(f"{count} {split.value}" for split, count in Counter(splits.values()).items())


def _cost(
    recipe: Recipe,
    tasks: tuple[Task, ...],
    base: FoundModel | None,
    home: Home,
    done: RecipeCheck,
    *,
    elsewhere: FromElsewhere,
) -> None:
    parameters = None if base is None else parameters_of(base)
    if parameters is None or base is None:
        done.costs.append("time and disk: not known before the base is there")
        return
    times = parameters / MEASURED_PARAMETERS
    questions, lessons = len(elsewhere.questions), len(elsewhere.lessons)
    splits = done.splits or {Split.REPAIR.value: len(tasks)}
    expected = expected_seconds(recipe, splits, questions=questions, lessons=lessons)
    seconds = times * sum(expected.values()) + AROUND
    done.costs.append(
        f"time: about {minutes(seconds / 2)} to {minutes(seconds * 2)} on two cores, from a measured run of a "
        "model of 135 million parameters"
    )
    wanted = parameters * BYTES_A_PARAMETER
    there, free = home.room()
    done.costs.append(f"disk: up to {wanted / 1e9:.1f} GB in {home.root}")
    if not os.access(there, os.W_OK):
        done.findings.append(Finding("store", False, f"cannot write to {there}", READ_ONLY))
    enough = free > wanted
    done.findings.append(Finding("disk", enough, f"{free / 1e9:.1f} GB free at {there}", "" if enough else MORE_ROOM))
