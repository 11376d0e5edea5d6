"""Finds tasks whose prompt and answer are more tokens than a model reads, before anything is asked."""

from collections.abc import Sequence

from suture.core.measure.chat import ChatTemplate
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.scoreboard import BrokenTask
from suture.core.measure.task import Task
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import questions_of
from suture.loop.workshop import Workshop

_AROUND = 1000
"""Bytes that stand around a message or a tool, such as a system message that a template or Suture brings."""


def fitting(
    workshop: Workshop, pack: PackFile, tasks: Sequence[Task], engine: EngineChoice
) -> tuple[tuple[Task, ...], tuple[BrokenTask, ...]]:
    """Part tasks into those that fit the model's context with their longest answer, and those that do not.

    Prompts are rendered, and their tokens counted, only where they may be too many: a token is a byte or more. Where
    the pack does not say what it reads, or nothing here can count its tokens, every task fits.
    """
    if workshop.engines.takes_messages(engine):
        return tuple(tasks), ()
    most = workshop.packs.context(pack.path)
    if most is None:
        return tuple(tasks), ()
    long = [task for task in tasks if _at_most(task, pack.template, engine) > most]
    doubtful = [
        (task, request)
        for task, request in questions_of(long, pack.template, engine)
        if _most_tokens(request.prompt) + request.max_tokens > most
    ]
    prompts = [request.prompt for _, request in doubtful]
    counted = workshop.packs.count_tokens(pack.path, prompts) if prompts else None
    why = {
        task.id: f"its prompt has {tokens:,} tokens and its answer up to {asked.max_tokens:,}; the model reads {most:,}"
        for (task, asked), tokens in zip(doubtful, counted or (), strict=False)
        if tokens + asked.max_tokens > most
    }
    too_long = [BrokenTask(task_id=task.id, suite=task.suite, why=why[task.id]) for task in tasks if task.id in why]
    return tuple(task for task in tasks if task.id not in why), tuple(too_long)


def _at_most(task: Task, template: ChatTemplate, engine: EngineChoice) -> int:
    """More tokens than the task can take, without rendering it: rendering a thousand tasks takes seconds. A template
    writes each part at most twice as long as its JSON, with its own words around it."""
    parts = [part.to_json_text() for part in (*task.messages, *task.tools)]
    size = len(template.source) + sum(2 * len(part.encode("utf-8", "replace")) + _AROUND for part in parts)
    return size + (task.form.max_tokens or engine.max_tokens)


def _most_tokens(prompt: str) -> int:
    """One more than its bytes: a token may begin it."""
    return len(prompt.encode("utf-8", "replace")) + 1
