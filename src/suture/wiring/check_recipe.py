"""Says before any work what a recipe needs, what is missing, what it can prove, and about what it costs."""

from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from suture.core.measure.engine_probe import AUTO
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.model.pack_manifest import Quantisation
from suture.core.plan.recipe import Recipe
from suture.files.gguf_header import read_header
from suture.files.recipe_file import read_recipe
from suture.loop.elsewhere import FromElsewhere
from suture.loop.plan import base_name, require_base, require_known_suites, selectors_of, split_tasks
from suture.loop.possible_policy import require_policy
from suture.loop.recipe_paths import placed, placed_sources
from suture.machine.installing import install_extra
from suture.packs.hugging_face.source_weights import weight_files
from suture.store.find_model import FoundModel, find_model
from suture.store.home import Home
from suture.store.kept_policies import KeptPolicy
from suture.store.store import open_store_to_read
from suture.suites.catalog import load_suites
from suture.training.extra import require_train_extra
from suture.wiring.check_cost import add_cost
from suture.wiring.check_elsewhere import ELSEWHERE, look_elsewhere, said_of_elsewhere
from suture.wiring.check_findings import Finding, RecipeCheck, tried
from suture.wiring.check_hub import look_at_hub
from suture.wiring.check_length import look_at_length
from suture.wiring.check_provable import provable
from suture.wiring.check_references import look_at_references
from suture.wiring.check_served import require_repairable_champion, served_at_hand
from suture.wiring.engine_table import engine_table, row_of
from suture.wiring.engines import TableEngines
from suture.wiring.model_size import size_of
from suture.wiring.proof import require_tools


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
    tasks, all_read = _tasks(recipe, place, add)
    elsewhere = FromElsewhere()
    if recipe.harvest.rehearse_from or recipe.harvest.lessons:
        read = tried(ELSEWHERE, add, lambda: look_elsewhere(recipe, tasks, place, home), said_of_elsewhere)
        elsewhere = read or elsewhere
    if recipe.served is not None:
        settings = recipe.served
        tried("served answers", add, lambda: served_at_hand(home, settings), str)
    named = tried("base", add, lambda: _base(recipe, place, home), lambda found: _of_base(found[0]))
    base, incumbent = named or (None, None)
    tried("engine", add, lambda: _engine(recipe), str)
    tried("training", add, require_train_extra, lambda _: "torch, transformers, peft, accelerate")
    tried("proof of packs", add, require_tools, lambda _: "transformers and llama.cpp")
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
        add(look_at_hub(base.source))
    must_teach = all_read and not recipe.harvest.asks_the_model
    if (length := look_at_length(recipe, tasks)) is not None:
        add(length)
    tried_on = (*tasks, *elsewhere.lessons) if try_references else ()
    look_at_references(tried_on, add, must_teach=must_teach, unsafe_local=unsafe_local)
    if tasks:
        _split(recipe, tasks, place, done, all_read=all_read)
    if all_read and done.splits and base is not None and not recipe.policy.is_single:
        tried("policy", add, lambda: _policy(recipe, tasks, incumbent, home), str)
    add_cost(recipe, tasks, base, Home(home), done, elsewhere=elsewhere)
    return done


def _tasks(recipe: Recipe, place: Path, add: Callable[[Finding], None]) -> tuple[tuple[Task, ...], bool]:
    """The tasks of every selector that can be read, and whether all can; each that cannot is a finding of its own."""
    sources = placed_sources(recipe.sources, place)
    found, all_read = list[Task](), True
    for selector in selectors_of(recipe):
        tasks = tried(
            f"tasks {selector}", add, lambda s=selector: load_suites(placed([s], place), sources=sources), _of_tasks
        )
        found.extend(tasks or ())
        all_read = all_read and tasks is not None
    return tuple(found), all_read


def _of_tasks(tasks: tuple[Task, ...]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(task.check.kind for task in tasks).items())


def _base(recipe: Recipe, place: Path, home: Path | str | None) -> tuple[FoundModel, KeptPolicy | None]:
    """The base, and the policy that it is, if it is one."""
    with open_store_to_read(home) as store:
        found = require_base(recipe, find_model(store, base_name(recipe), relative_to=place))
        incumbent = require_repairable_champion(store, recipe, found)
        _require_a_model(found)
        return found, incumbent


def _policy(recipe: Recipe, tasks: tuple[Task, ...], incumbent: KeptPolicy | None, home: Path | str | None) -> str:
    """Raises UsageError: what is to be served cannot be put together."""
    require_policy(TableEngines(Home(home)), recipe, incumbent, tasks)
    return f"form {recipe.policy.form.value}"


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


def _split(recipe: Recipe, tasks: tuple[Task, ...], place: Path, done: RecipeCheck, *, all_read: bool) -> None:
    sources = placed_sources(recipe.sources, place)

    def look() -> dict[str, Split]:
        if all_read:
            require_known_suites(recipe, tasks)
        return split_tasks(recipe, tasks, sources, place)

    splits = tried("splits", done.findings.append, look, _of_splits)
    if splits is None:
        return
    for task in tasks:
        done.tasks.setdefault(splits[task.id].value, []).append(task.id)
    done.splits = {split: len(ids) for split, ids in done.tasks.items()}
    done.proves = list(provable(recipe.gate, len(tasks), done.splits.get(Split.HOLDOUT.value, 0)))


def _of_splits(splits: dict[str, Split]) -> str:
    return ", ".join(f"{count} {split.value}" for split, count in Counter(splits.values()).items())
