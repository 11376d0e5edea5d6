"""From a recipe to a candidate: every stage up to the pack, and the pack measured."""

from dataclasses import dataclass

from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import Scoreboard
from suture.core.model.adapter_records import AdapterRecord
from suture.core.plan.stages import BENCH, GATE_BENCH
from suture.core.teach.dataset import DatasetManifest, TrainingRow
from suture.core.teach.findings import Findings
from suture.loop.base_pack import BasePack
from suture.loop.earlier_rows import refuse_held_out, rows_behind
from suture.loop.measuring.policy_files import Measured
from suture.loop.run import Run
from suture.loop.scale_choice import ChosenAdapter
from suture.loop.stages.base import base
from suture.loop.stages.bench import bench
from suture.loop.stages.check import check
from suture.loop.stages.draw import draws, lucky_in
from suture.loop.stages.engine import engine
from suture.loop.stages.harvest import dataset
from suture.loop.stages.pack import packed
from suture.loop.stages.policy import Proposal, incumbent, policy
from suture.loop.stages.questions import answered_questions
from suture.loop.stages.rehearse import rehearsal
from suture.loop.stages.sample import own_answers
from suture.loop.stages.scale import scaled
from suture.loop.stages.train import adapter
from suture.store.datasets import read_dataset
from suture.store.run_paths import RunPaths

EarlierRows = dict[str, tuple[TrainingRow, ...]]


@dataclass(frozen=True)
class Candidate:
    """A repaired model, and what it is compared with. ``engine`` measures both sides.

    Attributes:
        before: what is served until now: the base, or a policy that it is a part of.
        proposal: what would be served.
    """

    base: BasePack
    before: Measured
    engine: EngineChoice
    found: Findings
    draws: tuple[Scoreboard, ...]
    dataset: DatasetManifest
    adapter: AdapterRecord
    chosen: ChosenAdapter
    proposal: Proposal


@dataclass(frozen=True)
class MeasuredCandidate:
    """A candidate measured beside its base, and not yet gated."""

    run: str
    paths: RunPaths
    baseline: Scoreboard
    candidate: Scoreboard
    lucky: frozenset[str]
    adapter: AdapterRecord
    scale: str


def measured(run: Run) -> MeasuredCandidate:
    """The candidate measured, without asking the gate: nothing is promoted.

    Raises:
        UsageError: another process is at this run, or its inputs cannot be used.
        Fault: the engine or the machine failed; finished work stays.
    """
    with run.alone():
        check(run)
        made = make_candidate(run, earlier_rows(run))
        board = measure_candidate(run, made)
        return MeasuredCandidate(
            run=run.plan.run_id,
            paths=run.paths,
            baseline=made.found.scoreboard,
            candidate=board,
            lucky=made.found.lucky,
            adapter=made.adapter,
            scale=str(made.chosen),
        )


def earlier_rows(run: Run) -> EarlierRows:
    """What the recipe's earlier passes were trained on, by dataset.

    Raises:
        UsageError: a held-out task was trained on, in one of them or in a repair behind the base. Nothing has begun.
    """
    earlier = {name: read_dataset(place).rows for name, place in run.resolved.earlier.items()}
    behind = rows_behind(run.workshop, run.plan.base_sha256)
    refuse_held_out(run.resolved.tasks, run.resolved.splits, {**earlier, **behind})
    return earlier


def make_candidate(run: Run, earlier: EarlierRows) -> Candidate:
    """Every stage from the base to the pack. Stage ``check`` comes before."""
    based = base(run)
    choice = engine(run, based)
    before = incumbent(run, based)
    baseline = bench(run, BENCH, before, choice, run.paths.baseline)
    drawn = draws(run, based, choice, baseline)
    found = Findings(
        baseline,
        run.tasks,
        run.resolved.splits,
        run.recipe.harvest,
        lucky=lucky_in(baseline, drawn),
        replayed=frozenset(run.recipe.replayed_suites),
    )
    own = own_answers(run, based, choice, found)
    rehearsed = rehearsal(run, based, choice, found)
    asked = answered_questions(run, based, choice)
    rows = dataset(run, based, found, own, rehearsed, questions=asked, earlier=earlier)
    trained = adapter(run, based, rows)
    chosen = scaled(run, based, choice, found, trained)
    proposal = policy(run, before, based, chosen, packed(run, based, chosen))
    return Candidate(based, before, choice, found, drawn, rows, trained, chosen, proposal)


def measure_candidate(run: Run, made: Candidate) -> Scoreboard:
    return bench(run, GATE_BENCH, made.proposal.measured, made.engine, run.paths.candidate)
