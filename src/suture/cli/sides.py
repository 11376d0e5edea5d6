"""The two sides that `gate` and `compare` take: files of measurements, whoever wrote them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.core.errors import UsageError
from suture.core.measure.sheet import Sheet
from suture.harnesses.opened import Choices, ResultsReading
from suture.harnesses.read import read_sides
from suture.harnesses.table import CAN_BE_READ

FILE_HELP = f"results ({CAN_BE_READ})"


@Parameter(name="*")
@dataclass(frozen=True)
class Sides:
    baseline: Annotated[list[Path] | None, Parameter(negative="", help=f"Before: {FILE_HELP}.")] = None
    """More than one are repeated measurements."""
    candidate: Annotated[list[Path] | None, Parameter(negative="", help="After, measured the same way.")] = None
    metric: str | None = None
    """Of lm-eval's metrics, or of the values of an inspect_ai scorer, the one that says whether an answer is right."""
    filter: str | None = None
    """Of lm-eval's filters the one to take."""
    scorer: str | None = None
    """Of inspect_ai's scorers the one to take."""
    provider: Annotated[list[str] | None, Parameter(negative="")] = None
    """Of promptfoo's providers the one to take; given twice, that of the baseline and that of the candidate."""
    prompt: Annotated[list[str] | None, Parameter(negative="")] = None
    """Of promptfoo's prompts the one to take, by its label; given twice, as with --provider."""

    id: str | None = None
    """Of rows of any tool the field that names the task, where it is not called `id`."""
    passed: Annotated[str | None, Parameter(name="--pass")] = None
    """Of rows of any tool the field that says whether it passed, where it is not called `passed` or `score`."""
    suite: str | None = None
    """Of rows of any tool the field that names the suite, where it is not called `suite`."""
    threshold: float | None = None
    """A score from this on is a pass."""

    def read(self, files: Sequence[Path], *, verb: str) -> "ReadSides":
        """``files``: the two given without an option, if any. Raises UsageError when a side is missing."""
        if len(files) not in (0, 2) or (files and (self.baseline or self.candidate)):
            raise UsageError("two files, or --baseline and --candidate", mend=f"suture {verb} before.json after.json")
        before, after = ([files[0]], [files[1]]) if files else (self.baseline, self.candidate)
        if not before or not after:
            raise UsageError("nothing to compare", mend=f"suture {verb} before.json after.json")
        return ReadSides(*read_sides(before, after, self.choices(0), self.choices(-1)))

    def choices(self, side: int) -> Choices:
        """Of the baseline (0) or of the candidate (-1)."""
        two = {"provider": self.provider, "prompt": self.prompt}
        for option, names in two.items():
            if names and len(names) > 2:
                said = f"--{option} is given {len(names)} times: once for both sides, or once for each"
                raise UsageError(said, mend=f"suture compare FILE FILE --{option} ONE --{option} OTHER")
        fields = {"id": self.id, "passed": self.passed, "suite": self.suite}
        chosen = {option: names[side] if names else None for option, names in two.items()}
        return Choices(
            metric=self.metric, filter=self.filter, scorer=self.scorer, threshold=self.threshold, **fields, **chosen
        )


@dataclass(frozen=True)
class ReadSides:
    before: list[ResultsReading]
    after: list[ResultsReading]

    @property
    def sheets(self) -> tuple[list[Sheet], list[Sheet]]:
        """Read the sheets of the baseline and of the candidate."""
        before, after = ([sheet for reading in side for sheet in reading.sheets] for side in (self.before, self.after))
        return before, after

    @property
    def foreign(self) -> list[ResultsReading]:
        """Files of other harnesses: how they were read has to be told."""
        return [reading for reading in (*self.before, *self.after) if reading.taken or reading.notes]

    @property
    def lines(self) -> list[str]:
        return [f"file     {says}" for says in dict.fromkeys(reading.says for reading in self.foreign)]
