"""Harvests what was served: verified claims become tasks in a file of the store, and from there rows, or a recipe."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suture.core.digest import digest_of_text
from suture.core.errors import BadFile, UsageError
from suture.core.measure.attempt import Sampling
from suture.core.measure.scoreboard import Result, Scoreboard, suite_digest
from suture.core.measure.splits import Split
from suture.core.measure.task import Task
from suture.core.measure.tools_by import tools_by
from suture.core.plan.recipe import DeclaredSplits, Recipe
from suture.core.teach.dataset import TrainingRow
from suture.core.teach.served_claims import LeftOut, ServedSettings
from suture.files.small_files import write_text
from suture.loop.measuring.served_tasks import SUITE
from suture.loop.workshop import Workshop
from suture.packs.bases.pack_template import template_of
from suture.store.served_file import ServedFile
from suture.suites.catalog import load_suite
from suture.suites.own_rows import as_lines
from suture.wiring.held_out_elsewhere import untouchable_tasks
from suture.wiring.replay import PacksAgain
from suture.wiring.served_claims import Held, verify_claims
from suture.wiring.served_rehearsal import rehearsals


@dataclass(frozen=True)
class ServedTasks:
    """What came of the claims on served answers.

    Attributes:
        path: own rows of suite `served`, one a claim that held.
        tasks: as they are read from there.
        held: as many, in the same order.
        left_out: claims of which nothing was made.
        compared: what the questions were compared with; ``missing``: what they could not be compared with.
    """

    path: Path
    tasks: tuple[Task, ...]
    held: tuple[Held, ...]
    left_out: tuple[LeftOut, ...]
    rehearsed: tuple[TrainingRow, ...]
    compared: tuple[str, ...]
    missing: tuple[str, ...]


def served_tasks(
    workshop: Workshop,
    settings: ServedSettings,
    *,
    rehearse: int = 0,
    recipe: Recipe | None = None,
    relative_to: Path | None = None,
) -> ServedTasks:
    """Verify what people said of served answers, and write the tasks that come of it into the store.

    Args:
        rehearse: how many answers that nobody complained of are to be rehearsed.
        recipe: whose suites the questions must not be like; its paths are ``relative_to`` a directory.

    Raises:
        BadFile: nothing was ever served here.
        UsageError: no claim held.
    """
    store = workshop.store
    if not store.home.served.exists():
        raise BadFile(f"no records here ({store.home.served})", mend="suture serve MODEL")
    known = untouchable_tasks(store, workshop.progress, recipe=recipe, relative_to=relative_to)
    if known.missing:
        workshop.progress.note(f"not compared with {', '.join(known.missing)}: not here")
    with closing(ServedFile(store.home.served)) as file:
        verified = verify_claims(workshop, file, settings, known.tasks)
        for one in verified.left_out:
            workshop.progress.note(one.says)
        if not verified.held:
            raise UsageError(
                f"no claim on a served answer held ({len(verified.left_out)} were left out)",
                mend="suture records list --marked",
            )
        pack = verified.held[-1].attempt.pack
        rehearsed = rehearsals(PacksAgain(store, file), file, settings, known.tasks, pack=pack, most=rehearse)
    path = _written(workshop, verified.held)
    tasks = load_suite(str(path))
    compared, missing = tuple(known.compared), tuple(known.missing)
    return ServedTasks(path, tasks, verified.held, verified.left_out, rehearsed, compared, missing)


def scoreboard_of(workshop: Workshop, served: ServedTasks) -> tuple[Scoreboard, tuple[LeftOut, ...]]:
    """The served answers as a measurement of the pack that gave the last of them; the others are left out."""
    pack = served.held[-1].attempt.pack
    with closing(ServedFile(workshop.store.home.served)) as file:
        template = template_of(PacksAgain(workshop.store, file).path(pack))
    results: list[Result] = []
    others: list[LeftOut] = []
    for task, held in zip(served.tasks, served.held, strict=True):
        if held.attempt.pack != pack:
            why = f"another pack answered ({held.attempt.pack[:12]})"
            others.append(LeftOut(record=held.word.record, choice=held.word.choice, said="held", why=why))
            continue
        attempt = held.attempt.model_copy(update={"task_digest": task.digest})
        results.append(
            Result(
                attempt=attempt,
                verdict=held.verdict,
                suite=SUITE,
                split=Split.REPAIR,
                tags=task.tags,
                kind=task.check.kind,
            )
        )
    last = served.held[-1].attempt
    board = Scoreboard(
        pack=pack,
        template=template,
        selectors=(str(served.path),),
        suite_digest=suite_digest(task.digest for task in served.tasks),
        engine=last.engine,
        sampling=Sampling(),
        judge=workshop.judge.identity,
        tools=tools_by(template) if any(task.tools for task in served.tasks) else None,
        results=tuple(results),
    )
    return board, tuple(others)


def with_served(recipe: Recipe, path: Path) -> Recipe:
    """The recipe with the suite of served answers, all of it in split repair."""
    splits = recipe.splits
    harvest = recipe.harvest
    if harvest.suites and SUITE not in harvest.suites:
        harvest = harvest.model_copy(update={"suites": (*harvest.suites, SUITE)})
    if isinstance(splits, DeclaredSplits):
        declared = splits.model_copy(update={"repair": (*splits.repair, str(path))})
        return recipe.model_copy(update={"splits": declared, "harvest": harvest})
    shared = splits.model_copy(update={"replayed": (*splits.replayed, SUITE)})
    more = {"suites": (*recipe.suites, str(path)), "splits": shared, "harvest": harvest}
    return recipe.model_copy(update=more)


def _written(workshop: Workshop, held: Sequence[Held]) -> Path:
    text = as_lines(own_row(one.task) for one in held)
    path = workshop.store.home.served_tasks(digest_of_text(text))
    path.parent.mkdir(parents=True, exist_ok=True)
    sha256 = write_text(path, text)
    workshop.store.ledger.keep_files({workshop.store.home.relative(path): sha256})
    return path


def own_row(task: Task) -> dict[str, Any]:
    """A task in the form of own rows."""
    told = task.to_json()
    kind = told["check"].pop("kind")
    row = {"id": task.id, "kind": kind, "messages": told["messages"], "check": told["check"], "form": told["form"]}
    if task.tools:
        row["tools"] = told["tools"]
    if task.reference is not None:
        row["reference"] = task.reference
    return row
