"""Holds what the gate needs of one run over some tasks, measured by Suture or by another harness."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from suture.core.digest import digest_of
from suture.core.errors import StaleEvidence
from suture.core.measure.attempt import ENGINE_FACTS
from suture.core.measure.flips import Flips
from suture.core.measure.scoreboard import Result, Scoreboard
from suture.core.measure.splits import Split
from suture.core.measure.verdict import Verdict

PROMPT_LENGTHS = (128, 256, 512)
"""Tokens: where reports cut tasks by the length of their prompt."""


@dataclass(frozen=True)
class SheetEntry:
    """Attributes:
    digest: of what was asked.
    kind: of the task; empty where a file does not say.
    answer: what the model answered, for reports; may be empty.
    """

    task_id: str
    digest: str
    verdict: Verdict
    suite: str
    split: Split | None = None
    tags: tuple[str, ...] = ()
    kind: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Sheet:
    """Attributes:
    subject: what was measured: SHA-256 of a pack, or of another harness's file.
    digest: of the measurement.
    instrument: what must be equal for two sheets to be compared, by name.
    entries: by task id, in the order measured.
    flips: of this subject in other batches, where that was measured.
    temperature: of the answers; None where a file does not say.
    left_out: digests by id of held-out tasks that the model cannot read whole: never asked, and still held out.
    """

    subject: str
    digest: str
    instrument: Mapping[str, str]
    entries: Mapping[str, SheetEntry]
    flips: tuple[Flips, ...] = ()
    temperature: float | None = None
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def vacuous(self) -> frozenset[str]:
        """Ids that pass with an answer that says nothing."""
        return frozenset(task_id for task_id, entry in self.entries.items() if entry.verdict.vacuous)


def sheet_of(scoreboard: Scoreboard) -> Sheet:
    of_one_kind = {suite for suite, kinds in scoreboard.kinds.items() if len(kinds) == 1}
    return Sheet(
        subject=scoreboard.pack,
        digest=scoreboard.digest,
        instrument={
            "schema": str(scoreboard.schema_version),
            "suite": scoreboard.suite_digest,
            "sampling": scoreboard.sampling.digest,
            "token limit": str(scoreboard.max_tokens),
            **scoreboard.engine.facts,
            **({} if scoreboard.tools is None else {"tools": scoreboard.tools.value}),
            "judge": scoreboard.judge.digest,
        },
        entries={result.task_id: _entry(result, of_one_kind) for result in scoreboard.results},
        flips=scoreboard.flips,
        temperature=scoreboard.sampling.temperature,
        left_out={task.task_id: task.held_out for task in scoreboard.broken if task.held_out},
    )


_MENDS = {
    "suite": "measure both on the same tasks: equal --suite, equal files, and models that read as much",
    "sampling": "measure both greedily, or with one temperature, top_p and seed",
    "token limit": "measure both with the same --max-tokens",
    "engine": "measure both with one engine: equal --engine",
    "engine version": "measure both with one version of the engine",
    "threads": "measure both with the same --threads",
    "batch": "measure both with the same --batch",
    "device": "measure both on one machine",
    "processor": "results depend on the CPU: measure both packs on one machine",
    "tools": "compare packs whose chat templates both carry tools, or neither does; or measure both again",
    "judge": "measure both on one machine, with the same Python and sandbox",
}


def require_one_instrument(first: Sheet, *others: Sheet) -> None:
    """Raises StaleEvidence naming what differs between two of these sheets."""
    for other in others:
        for name in {**first.instrument, **other.instrument}:
            if name in NOTED_LATER and not (name in first.instrument and name in other.instrument):
                continue
            if first.instrument.get(name) != other.instrument.get(name):
                if name == "schema":
                    raise StaleEvidence(
                        "one scoreboard was written by an earlier Suture, whose tasks had no kinds: the two cannot be "
                        "compared, though each can still be read",
                        mend="measure both packs with this Suture: suture bench",
                    )
                raise _other_instrument(name, first.instrument, other.instrument)


NOTED_LATER = frozenset({"tools"})
"""What scoreboards of the same tasks do not say when they are older than the note: unknown, so no difference."""


CHOSEN = ("metric", "filter", "scorer")
"""Parts of another harness's instrument that options of the same name choose."""


PLAIN = ("token limit", "tools", *ENGINE_FACTS)
"""Parts of an instrument that are no digests: both are shown."""


def _other_instrument(name: str, first: Mapping[str, str], other: Mapping[str, str]) -> StaleEvidence:
    if "harness" not in {**first, **other}:
        shown = (instrument.get(name) or "not noted" for instrument in (first, other))
        which = f" ({' and '.join(shown)})" if name in PLAIN else ""
        return StaleEvidence(
            f"the two scoreboards differ in their {name}{which} and cannot be compared",
            mend=_MENDS.get(name, "measure both packs alike with `suture bench`"),
        )
    one, two = (instrument.get(name) or "none" for instrument in (first, other))
    return StaleEvidence(
        f"the two files differ in their {name} ({one} and {two}) and cannot be compared",
        mend=f"choose one that both have: --{name} NAME" if name in CHOSEN else "measure both with one harness, alike",
    )


def require_same_tasks(first: Sheet, second: Sheet) -> None:
    """Raises StaleEvidence naming a task that only one of these sheets has, or has in another form."""
    for one, other in ((first, second), (second, first)):
        for task_id, entry in one.entries.items():
            if task_id not in other.entries or other.entries[task_id].digest != entry.digest:
                missing = "is missing from" if task_id not in other.entries else "asks something else in"
                raise StaleEvidence(
                    f"the two scoreboards differ in their tasks and cannot be compared: {task_id} {missing} one",
                    mend="measure both on the same tasks",
                )


def held_out_digest(digests: Mapping[str, str]) -> str:
    """Names a set of held-out tasks, by what they ask, whatever their order."""
    return digest_of(sorted(digests.values()))


def held_out(sheet: Sheet) -> tuple[str, ...]:
    """Ids the held-out test is made on: split ``holdout``, or every task of a sheet that knows no splits."""
    if all(entry.split is None for entry in sheet.entries.values()):
        return tuple(sheet.entries)
    return tuple(task_id for task_id, entry in sheet.entries.items() if entry.split is Split.HOLDOUT)


def held_out_digests(sheet: Sheet) -> dict[str, str]:
    """Return the digests of what is held out, by id: those of ``held_out``, and those too long for the model."""
    return {**{task_id: sheet.entries[task_id].digest for task_id in held_out(sheet)}, **sheet.left_out}


def _entry(result: Result, of_one_kind: Collection[str]) -> SheetEntry:
    """Where a suite mixes kinds, a task is tagged with its own: reports have a row for each."""
    attempt = result.attempt
    by_kind = () if result.suite in of_one_kind else (f"kind {result.kind}",)
    return SheetEntry(
        task_id=result.task_id,
        digest=attempt.task_digest,
        verdict=result.verdict,
        suite=result.suite,
        split=result.split,
        tags=(
            *(tag for tag in result.tags if tag != result.suite),
            *by_kind,
            _length_tag(attempt.completion.prompt_tokens),
        ),
        kind=result.kind,
        answer=attempt.completion.text,
    )


def _length_tag(tokens: int) -> str:
    longest = next((length for length in PROMPT_LENGTHS if tokens <= length), None)
    return f"prompt over {PROMPT_LENGTHS[-1]} tokens" if longest is None else f"prompt up to {longest} tokens"
