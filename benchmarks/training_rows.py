"""HumanEval's references as rows to train on, for measurements of training."""

from pathlib import Path

from suture.core.measure.task import Message
from suture.core.teach.dataset import RowKind, TrainingRow
from suture.suites.catalog import load_suites
from suture.wiring.gguf_packs import GgufPacks


def humaneval_rows(base: Path, count: int, instruction: str = "") -> list[TrainingRow]:
    """The first ``count`` tasks, each taught its reference, as the prepared ``base`` is asked them, after a system
    message."""
    template = GgufPacks().template(base / "base.gguf")
    system = [Message(role="system", content=instruction)] if instruction else []
    return [
        TrainingRow(
            kind=RowKind.FAILURE,
            task_id=task.id,
            task_digest=task.content_digest,
            suite=task.suite,
            prompt=template.render([*system, *task.messages], task.form.opening),
            target=(task.reference or "").strip("\n") + "\n```",
            answer="",
            pack="",
            attempt="",
        )
        for task in load_suites([f"humaneval:0-{count - 1}"])
    ]
