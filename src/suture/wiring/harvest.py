"""Turns a scoreboard into rows, asking the model again where the settings say so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from suture.core.errors import UsageError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_choice import EngineChoice, Numbers
from suture.core.measure.scoreboard import Scoreboard
from suture.core.measure.task import Task
from suture.core.model.pack_manifest import Quantisation
from suture.core.plan.ports import Foundry, Progress
from suture.core.teach.dataset import DatasetManifest, TrainingRow
from suture.core.teach.findings import Findings
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.served_claims import LeftOut, ServedSettings
from suture.loop.base_pack import BasePack
from suture.loop.elsewhere import from_elsewhere
from suture.loop.measuring.lessons import sound_lessons
from suture.loop.measuring.scoreboard_tasks import splits_of, tasks_of
from suture.loop.stages.harvest import harvest as harvest_rows
from suture.loop.stages.questions import ask_questions
from suture.loop.stages.rehearse import rehearse
from suture.loop.stages.sample import collect_own_answers
from suture.loop.workshop import Workshop
from suture.store.datasets import read_dataset
from suture.store.store import open_store
from suture.suites.questions import SERVED
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import base_of, pack_file
from suture.wiring.open_workshop import open_workshop
from suture.wiring.served_questions import with_served_questions
from suture.wiring.served_tasks import ServedTasks, scoreboard_of, served_tasks

Harvested = tuple[tuple[TrainingRow, ...], DatasetManifest]


def harvest(
    board: Scoreboard,
    settings: HarvestSettings,
    *,
    base: str | None = None,
    sources: Mapping[str, Path] | None = None,
    earlier: Sequence[Path] = (),
    rehearsed: Sequence[TrainingRow] = (),
    needs_anchors: bool = True,
    home: Path | None = None,
    unsafe_local: bool = False,
    progress: Progress | None = None,
) -> Harvested:
    """Make failures with what they are taught, and anchors with the model's own answers, of a measured model.

    Args:
        base: the model that was measured, as it was named then; needed where the settings ask it again.
        earlier: datasets of earlier passes, for overlap counts.
        rehearsed: rows to rehearse beside the anchors, besides those that the settings ask for.
        needs_anchors: refuse where nothing passed.

    Raises:
        UsageError: nothing failed or nothing passed, tasks differ from those measured, or no base where one is needed.
        Fault: the engine or the judge failed. Finished batches stay in the store.
    """
    if SERVED in settings.rehearse_from:
        with open_store(home) as store:
            settings = with_served_questions(store, settings)
    found = Findings(board, tasks_of(board, sources=sources), splits_of(board), settings)
    before = {str(path): read_dataset(path).rows for path in earlier}
    elsewhere = from_elsewhere(settings, found.tasks, found.splits, sources or {})
    asked = [name for name, wanted in _asks(settings).items() if wanted]
    if asked and base is None:
        raise UsageError(f"{', '.join(asked)}: this asks the model that was measured", mend="name it: --base MODEL")
    make = partial(harvest_rows, found, earlier=before, needs_anchors=needs_anchors)
    if not asked and not elsewhere.lessons:
        return make(rehearsed=rehearsed)
    with open_workshop(home, unsafe_local=unsafe_local, progress=progress) as workshop:
        make = partial(make, lessons=sound_lessons(workshop, elsewhere.lessons))
        if not asked or base is None:
            return make(rehearsed=rehearsed)
        foundry = TorchFoundry(workshop.progress)
        measured = _measured(workshop, foundry, base, board)
        return _asking(workshop, foundry, measured, found, make, questions=elsewhere.questions, rehearsed=rehearsed)


@dataclass(frozen=True)
class FromServed:
    """Rows of what was served, and what was left out of them."""

    rows: tuple[TrainingRow, ...]
    manifest: DatasetManifest
    left_out: tuple[LeftOut, ...]
    served: ServedTasks


def harvest_served(
    claims: ServedSettings,
    settings: HarvestSettings,
    *,
    rehearse: int = 0,
    base: str | None = None,
    earlier: Sequence[Path] = (),
    home: Path | None = None,
    unsafe_local: bool = False,
    progress: Progress | None = None,
) -> FromServed:
    """Make rows of what people said of served answers, as far as it holds: see ``served_tasks``.

    Args:
        rehearse: how many answers that nobody complained of are rehearsed, with the model's own words.

    Raises:
        UsageError: no claim held, or none of a wrong answer.
        Fault: the engine or the judge failed.
    """
    with open_workshop(home, unsafe_local=unsafe_local, progress=progress) as workshop:
        served = served_tasks(workshop, claims, rehearse=rehearse)
        board, others = scoreboard_of(workshop, served)
    rows, manifest = harvest(
        board,
        settings,
        base=base,
        earlier=earlier,
        rehearsed=served.rehearsed,
        needs_anchors=False,
        home=home,
        unsafe_local=unsafe_local,
        progress=progress,
    )
    return FromServed(rows, manifest, (*served.left_out, *others), served)


def _asks(settings: HarvestSettings) -> dict[str, bool]:
    return {
        "samples": settings.samples > 0,
        "rewrites": settings.rewrites > 0,
        "rehearse": settings.rehearse > 0,
        "rehearse_from": bool(settings.rehearse_from),
        "likeliest": settings.likeliest < 1,
    }


def _asking(
    workshop: Workshop,
    foundry: Foundry,
    base: BasePack,
    found: Findings,
    make: Callable[..., Harvested],
    *,
    questions: Sequence[Task],
    rehearsed: Sequence[TrainingRow],
) -> Harvested:
    """``make``: makes the rows, from what the model said."""
    settings, engine = found.settings, _engine_of(workshop, found.scoreboard)
    own = collect_own_answers(workshop, foundry, base, found, engine=engine) if settings.asks_the_model else None
    rehearsal = rehearse(workshop, base, found, engine=engine) if settings.rehearse else None
    if faults := sum(asked.faults for asked in (own, rehearsal) if asked):
        workshop.progress.note(f"{faults} answers have no verdict and are left out; asked again they may have one")
    asked_too = ask_questions(workshop, base.file, questions, engine=engine) if questions else None
    rows, manifest = make(
        own=own.answers if own else (),
        rehearsed=(*rehearsed, *(rehearsal.rows if rehearsal else ()), *(asked_too.rows if asked_too else ())),
        loglikelihoods=partial(foundry.loglikelihoods, base.directory),
    )
    asked = {"own_answers": own.digest if own else None, "rehearsal": rehearsal.digest if rehearsal else None}
    return rows, manifest.model_copy(update=asked | ({"asked": asked_too.digest} if asked_too else {}))


def _measured(workshop: Workshop, foundry: Foundry, name: str, board: Scoreboard) -> BasePack:
    """The base prepared for training, with the very file that was measured."""
    packed = not workshop.engines.reads_directories(_engine_of(workshop, board))
    pack = pack_file(workshop.store, foundry, workshop.packs, name, packed=packed)
    if pack.sha256 != board.pack:
        raise UsageError(
            f"{name} is not the model that was measured ({board.pack[:12]}, this is {pack.sha256[:12]})",
            mend="name the MODEL that `suture bench` was given, or measure this one",
        )
    prepared = base_of(workshop.store, foundry, workshop.packs, name, Quantisation.Q8_0)
    return BasePack(prepared.directory, prepared.record, pack)


def _engine_of(workshop: Workshop, board: Scoreboard) -> EngineChoice:
    """The instrument of a scoreboard, to ask with once more; the nearest where this machine has it no more, which is
    said."""
    engine = board.engine
    choice = EngineChoice(
        name=engine.name,
        threads=engine.threads,
        batch=engine.batch,
        max_tokens=board.max_tokens or board.sampling.max_tokens or EngineChoice().max_tokens,
        model=engine.model,
    )
    alike = [
        choice.model_copy(update={"numbers": numbers, "dtype": dtype})
        for dtype in (None, "float32", "bfloat16")
        for numbers in Numbers
    ]
    same = next((one for one in alike if _identity(workshop, one) == engine), None)
    if same is None:
        workshop.progress.note(f"{engine.name} is not here as it was measured with; what is here is asked")
    return same or choice


def _identity(workshop: Workshop, choice: EngineChoice) -> EngineIdentity | None:
    """None where the engine is not asked so."""
    try:
        return workshop.engines.identify(choice)
    except UsageError:
        return None
