"""What one page is about: a measurement, a comparison, a gate's decision or a whole repair."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from suture.core.gate.gate_report import GateReport
from suture.core.measure.task import Task
from suture.core.measure.tools import Tool
from suture.studio.marks import CHANGED, COMPARED, SIGNS, Mark, Sign
from suture.studio.pairing import Pair


class About(StrEnum):
    BENCH = "bench"
    COMPARE = "compare"
    GATE = "gate"
    HEAL = "heal"


@dataclass(frozen=True)
class Question:
    """What a task asks, as people read it.

    Attributes:
        turns: role and text of each message.
        reference: the author's own answer; empty where there is none.
        passes_when: what decides.
        opening: what the answer was opened with.
    """

    turns: tuple[tuple[str, str], ...]
    reference: str = ""
    passes_when: str = ""
    opening: str = ""
    origin: str = ""
    licence: str = ""


def question_of(task: Task, passes_when: str) -> Question:
    """What a task asks, with the tools that it offers."""
    return Question(
        turns=(
            *((message.role, message.content) for message in task.messages),
            *(("tool offered", _as_text(tool)) for tool in task.tools),
        ),
        reference=task.reference or "",
        passes_when=passes_when,
        opening=task.form.opening,
        origin=task.origin,
        licence=task.licence,
    )


def _as_text(tool: Tool) -> str:
    told = {"name": tool.name, "description": tool.description, "parameters": json.loads(tool.parameters_text)}
    return json.dumps(told, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class Measured:
    """One side, for the head of a page.

    Attributes:
        name: what people call it.
        pack, digest: SHA-256 of what was measured, and digest of the measurement.
        facts: how it was measured, by name.
        file, sha256: the scoreboard's file, and the hash that the ledger has for it; empty where there is none.
        record: number of the ledger's record that vouches for the file.
    """

    name: str
    pack: str = ""
    digest: str = ""
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    file: str = ""
    sha256: str = ""
    record: int | None = None


@dataclass(frozen=True)
class Check:
    """One condition of a sound run, and what was found."""

    name: str
    holds: bool
    found: str


@dataclass(frozen=True)
class Shown:
    """Attributes:
    after: the lone measurement of a bench.
    gate: of a comparison the lists alone; its decision means nothing there.
    evidence: what the decision rests on, in sentences.
    questions: by task id, of the tasks that are at hand.
    why_no_questions: where they are not.
    draws: by task id, whether each draw of the baseline passed; None for a draw without a verdict.
    loglik: by task id, of the target under the base, in nats.
    columns: further measurements beside the two, by name: verdicts in a word by (id, digest).
    left_out: ids of held-out tasks that a comparison does not show.
    commands: how to make this page, and what to do next, with what each is for.
    notes: what else a reader must know, such as promotions against the gate.
    word, sentences: of a gate that was asked by a policy: its verdict, and that in plain words.
    steps: how its figures come about, to follow by hand.
    live: what is served now in place of what was refused, where that is known.
    required: what the gate's rules asked for besides, where they are known.
    """

    about: About
    name: str
    pairs: tuple[Pair, ...]
    after: Measured
    before: Measured | None = None
    gate: GateReport | None = None
    run: str = ""
    model: str = ""
    when: str = ""
    evidence: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict[str, Question])
    why_no_questions: str = ""
    draws: Mapping[str, Sequence[bool | None]] = field(default_factory=dict[str, Sequence[bool | None]])
    loglik: Mapping[str, float] = field(default_factory=dict[str, float])
    columns: Mapping[str, Mapping[tuple[str, str], str]] = field(
        default_factory=dict[str, Mapping[tuple[str, str], str]]
    )
    left_out: tuple[str, ...] = ()
    commands: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    live: str = ""
    required: tuple[str, ...] = ()
    word: str = ""
    sentences: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def paired(self) -> bool:
        return self.about is not About.BENCH

    @property
    def decides(self) -> bool:
        return self.about in (About.GATE, About.HEAL)

    @property
    def counts(self) -> Mapping[Mark, int]:
        """Tasks by what became of them."""
        return Counter(one.mark for one in self.pairs)

    def sign(self, mark: Mark) -> Sign:
        """A mark's sign, in the words of this page."""
        return SIGNS[mark] if self.decides or not self.paired else COMPARED[mark]

    @property
    def changes(self) -> tuple[tuple[Sign, tuple[Pair, ...]], ...]:
        """Tasks that are not as they were, by what became of them; nothing on a page about one measurement."""
        found: dict[Sign, tuple[Pair, ...]] = {}
        for mark in CHANGED if self.paired else ():
            if tasks := self.with_mark(mark):
                sign = self.sign(mark)
                found[sign] = (*found.get(sign, ()), *tasks)
        return tuple(found.items())

    def with_mark(self, *marks: Mark) -> tuple[Pair, ...]:
        return tuple(one for one in self.pairs if one.mark in marks)
