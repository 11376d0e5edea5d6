"""Shows how far a stage is: a bar on a terminal, a line every few seconds elsewhere."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from suture.core.plan.ports import Progress as ProgressPort

SECONDS_BETWEEN_LINES = 10.0
SECONDS_TO_THE_FIRST = 2.0
FIRST = 16
"""Of a stage that many, or one in ten, are not enough to say how long it takes: a batch's first answer comes late."""


Whole = Callable[[float], float | None]
"""Given the share of a stage that is done: the seconds that everything still takes, where that is known."""


def open_progress(whole: Whole | None = None) -> ProgressPort:
    """Show progress on stderr. ``whole``: of a run with several stages, how long all of it still takes."""
    return _Bar(whole) if sys.stderr.isatty() else _Lines(whole)


def about(seconds: float) -> str:
    """Write a time that is only estimated: in seconds, minutes or hours, and no more exactly than it is known."""
    if seconds < 90:
        return f"{max(10, round(seconds, -1)):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def shown_progress() -> Generator[ProgressPort]:
    """Ends the display whatever happens, so that a terminal gets its cursor back."""
    progress = open_progress()
    try:
        yield progress
    finally:
        progress.finish()


class _TokenRate(ProgressColumn):
    def render(self, task: Task) -> Text:
        tokens, elapsed = task.fields["tokens"], task.elapsed or 0.0
        return Text(f"{tokens / elapsed:.0f} tok/s" if tokens and elapsed else "")


class _WholeRun(ProgressColumn):
    def __init__(self, whole: Whole) -> None:
        super().__init__()
        self._whole = whole

    def render(self, task: Task) -> Text:
        left = self._whole(task.completed / task.total if task.total else 0.0)
        return Text("" if left is None else f"whole run about {about(left)}")


class _Bar:
    def __init__(self, whole: Whole | None = None) -> None:
        self._progress: Progress | None = None
        self._whole = whole

    def start(self, stage: str, total: int) -> None:
        self.finish()
        self._progress = Progress(
            TextColumn("{task.description:<11}"),
            BarColumn(),
            MofNCompleteColumn(),
            _TokenRate(),
            TextColumn("left"),
            TimeRemainingColumn(),
            *([_WholeRun(self._whole)] if self._whole else []),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task(stage, total=total, tokens=0)
        self._progress.start()

    def advance(self, done: int = 1, *, tokens: int = 0) -> None:
        if self._progress is not None:
            before = self._progress.tasks[0].fields["tokens"]
            self._progress.update(self._task, advance=done, tokens=before + tokens)

    def note(self, line: str) -> None:
        console = self._progress.console if self._progress else Console(stderr=True)
        console.print(line, markup=False, highlight=False)

    def finish(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


class _Lines:
    def __init__(self, whole: Whole | None = None) -> None:
        self._stage = ""
        self._whole = whole

    def start(self, stage: str, total: int) -> None:
        self._stage, self._total, self._done, self._tokens = stage, total, 0, 0
        self._started = time.monotonic()
        self._said = self._started - SECONDS_BETWEEN_LINES + SECONDS_TO_THE_FIRST

    def advance(self, done: int = 1, *, tokens: int = 0) -> None:
        self._done += done
        self._tokens += tokens
        if time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._say()

    def _say(self) -> None:
        self._said = time.monotonic()
        elapsed = self._said - self._started
        known = self._done >= min(FIRST, self._total / 10)
        left = f" · {elapsed / self._done * (self._total - self._done):.0f} s left" if known and self._done else ""
        rate = f" · {self._tokens / elapsed:.0f} tok/s" if self._tokens and elapsed else ""
        whole = self._whole(self._done / self._total) if self._whole and self._total else None
        rest = "" if whole is None else f" · whole run: about {about(whole)} left"
        self.note(f"{self._stage} {self._done}/{self._total}{rate}{left}{rest}")

    def note(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def finish(self) -> None:
        if not self._stage:
            return
        elapsed, said = time.monotonic() - self._started, self._said > self._started
        if said or elapsed >= SECONDS_TO_THE_FIRST:
            rate = f" · {self._tokens / elapsed:.0f} tok/s" if self._tokens and elapsed else ""
            self.note(f"{self._stage} {self._done}/{self._total}{rate} · {elapsed:.0f} s")
        self._stage = ""
