"""Brings runs of another store home: their records are appended to this chain, and their files copied by their hashes.

Nothing comes that is not whole: the other chain is checked first, a run must have its result, every file must hold the
bytes that its ledger vouches for, and all records of a run are one transaction.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from suture.core.errors import BadFile, UsageError
from suture.core.gate.looks import HeldOutShowing, already_recorded
from suture.core.plan.stages import ENDS
from suture.files.small_files import copy_verified
from suture.store.brought_answers import BroughtAnswers, append_answers, join_answers
from suture.store.chain import append
from suture.store.chain_check import Told
from suture.store.connection import connect_reading
from suture.store.ledger import Ledger
from suture.store.store import Store, lock_of_run
from suture.store.verification import verify_store

_RUN_ID = re.compile("[0-9a-f]{12}")


@dataclass
class BroughtHome(BroughtAnswers):
    """Attributes:
    runs: ids of those that came; of one that was begun here and has no result the other's is taken.
    here: ids of those that were here already, with the same result.
    unfinished: ids of those that have no result yet; they stay where they are.
    differing: ids of those that are here with another result; they stay where they are.
    under_way: ids of those that a process here is at; they stay where they are.
    """

    runs: list[str] = field(default_factory=list[str])
    here: list[str] = field(default_factory=list[str])
    unfinished: list[str] = field(default_factory=list[str])
    differing: list[str] = field(default_factory=list[str])
    under_way: list[str] = field(default_factory=list[str])


def import_runs(
    home: Store,
    other: Store,
    names: Sequence[str] = (),
    *,
    as_segment: bool = False,
    told: Told = lambda done: None,
) -> BroughtHome:
    """Bring every run of ``other`` that has its result, or those with these names or ids.

    Args:
        as_segment: copy the other ledger as it is and join it by one record, in place of appending all of its answers.
        told: called with how many records were checked since it was last called.

    Raises:
        UsageError: a run that is not there, or has no result yet; or the same store twice.
        BadFile: the other store does not hold: its chain or a file was changed, or it speaks of files outside itself.
    """
    if home.home.root.resolve() == other.home.root.resolve():
        raise UsageError(f"{other.home.root} is this very store", mend="name the store of another machine")
    checked = verify_store(other, told=told)
    if not checked.holds:
        first = checked.damage[0]
        raise BadFile(
            f"{other.home.root} does not hold: {first.where}: {first.found}",
            mend=f"suture verify --home {other.home.root}",
        )
    done = BroughtHome()
    wanted = _wanted(other.ledger, names, done)
    files, trials = _files_of_runs(other), defaultdict[str, list[HeldOutShowing]](list)
    for trial in other.ledger.trials():
        trials[trial.evidence].append(trial)
    for entry in wanted:
        run = entry["id"]
        with home.locks.hold(lock_of_run(run), wait=False) as held:
            ours = _ends(home.ledger, run)
            if not ours and not held:
                done.under_way.append(run)
            elif not ours:
                _bring(home, other, entry, files.get(_folder(other, entry), {}), trials[run])
                done.runs.append(run)
            elif ours != _ends(other.ledger, run):
                done.differing.append(run)
            else:
                for trial in trials[run]:  # it spends its part of alpha wherever it was taken
                    home.ledger.add_trial(trial)
                done.here.append(run)
    if wanted and as_segment:
        join_answers(home, other, done, told=told)
    elif wanted:
        append_answers(home.ledger, other, done)
    return done


def _wanted(ledger: Ledger, names: Sequence[str], done: BroughtHome) -> list[dict[str, Any]]:
    runs = ledger.runs()
    known = {entry[key] for entry in runs for key in ("id", "name")}
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"no run {unknown[0]!r} in {ledger.path}", mend="suture report --list --home STORE")
    chosen = [entry for entry in runs if not names or entry["id"] in names or entry["name"] in names]
    ended = [entry for entry in chosen if any(ledger.finished(entry["id"], stage) for stage in ENDS)]
    done.unfinished = [entry["id"] for entry in chosen if entry not in ended]
    if names and done.unfinished:
        raise UsageError(
            f"run {done.unfinished[0]} has no result yet", mend="run it to its end where it is, and import it then"
        )
    return ended


def _files_of_runs(other: Store) -> dict[str, dict[str, str]]:
    """The hashes of files by their paths, of each run's directory. Raises BadFile: a path leads out of the store."""
    found = defaultdict[str, dict[str, str]](dict)
    for path, sha256 in other.ledger.files().items():
        parts = PurePosixPath(path).parts
        if ".." in parts:
            raise BadFile(f"{other.ledger.path}: it vouches for a file outside its store: {path}")
        found["/".join(parts[:2])][path] = sha256
    return found


def _folder(other: Store, entry: dict[str, Any]) -> str:
    """Raises BadFile: the run lies elsewhere than runs do, or its entry is not that of its plan."""
    folder, plan = entry["directory"], other.ledger.plan(entry["id"])
    if not _RUN_ID.fullmatch(entry["id"]):
        raise BadFile(f"{other.ledger.path}: {entry['id']!r} is no id of a run")
    if entry["name"] != plan.recipe.name:
        said = f"run {entry['id']} is entered as {entry['name']!r}, its plan says otherwise"
        raise BadFile(f"{other.ledger.path}: {said}")
    if folder != other.home.relative(other.home.run(entry["name"], entry["id"])):
        raise BadFile(f"{other.ledger.path}: run {entry['id']} lies where no run of a store does: {folder}")
    return folder


def _bring(
    home: Store,
    other: Store,
    entry: dict[str, Any],
    files: Mapping[str, str],
    trials: Sequence[HeldOutShowing],
) -> None:
    """``files``: the hashes of the run's, by their paths."""
    run, folder = entry["id"], entry["directory"]
    for path, sha256 in files.items():
        target = home.home.absolute(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_verified(other.home.absolute(path), target, sha256)
    plan = other.ledger.plan(run)
    stages = _stages(other.ledger, run)
    spans = _rows(other.ledger, "SELECT run, stage, kind, seconds FROM spans WHERE run = ? ORDER BY seq", run)
    with home.ledger.appending() as db:
        row = (run, plan.recipe.name, plan.recipe.model, plan.to_json_text(), folder, entry["created_at"])
        append(db, "runs", [] if any(one["id"] == run for one in home.ledger.runs()) else [row])
        append(db, "stages", stages)
        append(db, "spans", spans)
        append(db, "files", files.items())
        shown = list(home.ledger.trials()) if trials else []
        for trial in trials:  # it spends its part of alpha wherever it was taken
            if not already_recorded(shown, trial):
                append(db, "trials", [(trial.to_json_text(),)])
                shown.append(trial)


def _stages(ledger: Ledger, run: str) -> list[tuple[Any, ...]]:
    return _rows(ledger, "SELECT run, stage, output, finished_at FROM stages WHERE run = ? ORDER BY seq", run)


def _ends(ledger: Ledger, run: str) -> dict[str, dict[str, Any]]:
    """What was recorded as the run's result, whenever it was and however long it took."""
    found = ((stage.name, ledger.result(run, stage)) for stage in ENDS)
    return {name: result.model_dump(mode="json", exclude={"seconds"}) for name, result in found if result is not None}


def _rows(ledger: Ledger, query: str, run: str) -> list[tuple[Any, ...]]:
    with closing(connect_reading(ledger.path)) as db:
        return db.execute(query, (run,)).fetchall()
