"""Stage ``questions``: the base is asked real questions that nobody measures, each once, and held to what it says.

What keeps passes that no anchor shows is what the model says to many different questions; no right answer is needed.
"""

from collections.abc import Sequence

from suture.core.digest import digest_of_text
from suture.core.measure.attempt import Attempt, FinishReason
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.groups import question_key
from suture.core.measure.scoreboard import suite_digest
from suture.core.measure.task import Task
from suture.core.plan.stages import QUESTIONS
from suture.core.teach.dataset import RowKind, TrainingRow
from suture.core.teach.rehearsal import Questions, QuestionsSummary
from suture.files.small_files import read_model, write_json
from suture.loop.base_pack import BasePack
from suture.loop.measuring.asking import ask
from suture.loop.measuring.fitting import fitting
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import batches_of, questions_of
from suture.loop.run import Run
from suture.loop.runner import Stage
from suture.loop.training_rows import anchor_row
from suture.loop.workshop import Workshop


def answered_questions(run: Run, base: BasePack, engine: EngineChoice) -> Questions | None:
    """The base's own answers to the recipe's questions; None where it names none."""
    tasks = run.resolved.elsewhere.questions
    if not tasks:
        return None

    def work() -> QuestionsSummary:
        found = ask_questions(run.workshop, base.file, tasks, engine=engine)
        write_json(run.paths.questions, found.to_json())
        return found.summary

    run.stages.once(
        Stage(
            QUESTIONS,
            {"questions": run.plan.questions_digest, "pack": base.file.sha256, "engine": engine.digest},
            work,
            files=lambda _: {"questions": run.paths.questions},
        )
    )
    return read_model(run.paths.questions, Questions, what="answered questions")


def ask_questions(workshop: Workshop, pack: PackFile, tasks: Sequence[Task], *, engine: EngineChoice) -> Questions:
    """Ask greedily, each once; what the ledger holds is not asked again. An answer that ran out of tokens teaches not
    to end, and is left out; so is a question that the model cannot read.

    Raises:
        Fault: the engine failed. Finished batches stay recorded.
    """
    asked, _ = fitting(workshop, pack, tuple(tasks), engine)
    rows: list[TrainingRow] = []
    workshop.progress.start("questions", len(asked))
    with LazyEngine(workshop, engine, pack) as asker:
        batches = list(batches_of(asked, asker.identity.batch))
        answered = ask(workshop, asker, (questions_of(batch, pack.template, engine) for batch in batches))
        for batch, attempts in zip(batches, answered, strict=True):
            rows += [
                _row(task, attempt, pack) for task, attempt in zip(batch, attempts, strict=True) if _whole(attempt)
            ]
    workshop.progress.finish()
    digest = suite_digest(task.digest for task in tasks)
    return Questions(questions=digest, asked=len(asked), whole=len(rows), rows=tuple(rows))


def _whole(attempt: Attempt) -> bool:
    said = attempt.completion
    return said.finish is FinishReason.STOP and bool(said.text.strip())


def _row(task: Task, attempt: Attempt, pack: PackFile) -> TrainingRow:
    asked = {"kind": RowKind.QUESTION, "question": digest_of_text(question_key(task))}
    return anchor_row(task, attempt, pack.template).model_copy(update=asked)
