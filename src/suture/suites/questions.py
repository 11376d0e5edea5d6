"""Reads questions that the base is asked without being measured: prompts in a file, a suite, the functions of a code
base."""

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import model_validator

from suture.core.errors import UnknownName, UsageError
from suture.core.frozen import Frozen
from suture.core.measure.checks.python import Assertions, PythonCheck
from suture.core.measure.checks.text import TextCheck
from suture.core.measure.task import AnswerForm, Message, Task, fenced
from suture.core.measure.tools import Tool
from suture.core.strict_json import read_strictly
from suture.files.rows import located_rows, read_rows
from suture.files.text_files import read_text
from suture.suites.catalog import load_suite
from suture.suites.from_code.modules import code_base
from suture.suites.from_code.stubs import stubs
from suture.suites.humaneval import INSTRUCTION

FROM_CODE = "from-code:"
SERVED = "served"
"""Stands for the questions that were served; they lie in a file before anything is read here."""
UNDECIDED = TextCheck(exact="")
"""Of a question alone: nothing is ever decided by it."""
_OF_TASKS = frozenset({"check", "expected", "kind", "entry_point", "test_list", "question_content"})
"""Keys that only rows of tasks have."""


class QuestionRow(Frozen):
    """Attributes:
    prompt, messages: the question: one text, or a chat. Answers at the end of a chat are not read.
    """

    id: str | None = None
    prompt: str | None = None
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    form: AnswerForm = AnswerForm()
    origin: str = ""
    licence: str = ""

    @model_validator(mode="after")
    def _asks_once(self) -> "QuestionRow":
        if (self.prompt is None) == (not self.messages):
            raise ValueError("give the question once: as `prompt`, or as `messages`")
        if not self.chat or not self.chat[-1].content.strip():
            raise ValueError("its question is empty")
        return self

    @property
    def chat(self) -> tuple[Message, ...]:
        """Up to the last turn that is to be answered."""
        if self.prompt is not None:
            return (Message(role="user", content=self.prompt),)
        asked = [at for at, turn in enumerate(self.messages) if turn.role in ("user", "tool")]
        return self.messages[: asked[-1] + 1] if asked else ()


def load_questions(source: str, *, sources: Mapping[str, Path] | None = None) -> tuple[Task, ...]:
    """Read the questions of one source, in its own order; those of a suite are its tasks.

    Args:
        source: ``prompts.txt``, ``prompts.jsonl``, a selector of a suite, ``from-code:PACKAGE_OR_DIR``.
        sources: local files to read official suites from, by suite name.

    Raises:
        UsageError and its children: no such file, suite or package, a broken row, or nothing in it to ask.
    """
    if source.startswith(FROM_CODE):
        return _of_code(source.removeprefix(FROM_CODE))
    path = Path(source)
    if path.suffix == ".txt":
        lines = [line.strip() for line in read_text(path, what="prompts, one a line").split("\n")]
        found = tuple(
            question_of_row({"prompt": line}, path.name, number) for number, line in enumerate(lines, start=1) if line
        )
        if not found:
            raise UsageError(f"{path}: only blank lines", mend="write one question a line")
        return found
    if _holds_prompts(path):
        numbers = count(1)
        return tuple(read_rows(path, lambda row: question_of_row(row, path.name, next(numbers)), read=read_strictly))
    return load_suite(source, sources=sources)


def _of_code(target: str) -> tuple[Task, ...]:
    """Functions with examples in their docstrings, asked in HumanEval's words; nothing of them is run."""
    if not target.strip():
        raise UsageError(f"{FROM_CODE} names no package", mend=f"{FROM_CODE}networkx, or the path of a directory")
    base = code_base(target)
    found = [
        Task(
            id=stub.name,
            suite=base.name,
            messages=(Message(role="user", content=INSTRUCTION.format(prompt=stub.source)),),
            form=fenced("python"),
            check=PythonCheck(
                entry_point=stub.function, tests=Assertions(statements=(f"assert callable({stub.function})",))
            ),
            origin=base.origin or base.name,
            licence=base.licence,
        )
        for stub in stubs(base)
    ]
    if not found:
        raise UsageError(
            f"{FROM_CODE}{target}: no function there has examples that could ask", mend="name another package"
        )
    return tuple(found)


def _holds_prompts(path: Path) -> bool:
    """Whether a file's rows only ask."""
    if not path.is_file() or not {".jsonl", ".json", ".gz"}.intersection(path.suffixes):
        return False
    return not _OF_TASKS.intersection(next(located_rows(path)).row)


def question_of_row(row: dict[str, Any], origin: str, number: int) -> Task:
    """A question without a check.

    Args:
        origin: the file that the row is of, unless the row says something else.

    Raises:
        ValueError: an unknown field, no question, or two.
    """
    suite = origin.partition(".")[0]
    for name in row:
        if name not in QuestionRow.model_fields:
            raise ValueError(str(UnknownName("field of a question:", name, QuestionRow.model_fields)))
    fields = QuestionRow.model_validate(row)
    return Task(
        id=fields.id or f"{suite}/{number}",
        suite=suite,
        messages=fields.chat,
        tools=fields.tools,
        form=fields.form,
        check=UNDECIDED,
        origin=fields.origin or origin,
        licence=fields.licence,
    )
