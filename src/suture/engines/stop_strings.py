"""Ends an engine's text before the first stop string."""

from collections.abc import Sequence


def cut_at_stop(text: str, stop: Sequence[str]) -> tuple[str, bool]:
    """(text before the first stop string, whether one was met)."""
    ends = [at for mark in stop if (at := text.find(mark)) >= 0]
    return (text[: min(ends)], True) if ends else (text, False)


class StopWatch:
    """Gives an answer out as it comes, and nothing that may turn out to begin a stop string.

    Attributes:
        met: one was met; whatever comes then is dropped.
    """

    def __init__(self, stop: Sequence[str]) -> None:
        self._stop, self._kept = tuple(stop), ""
        self._most = max((len(mark) for mark in stop), default=1) - 1
        self.met = False

    def feed(self, text: str) -> str:
        """What can be given out by now."""
        if self.met:
            return ""
        said, self.met = cut_at_stop(self._kept + text, self._stop)
        at = len(said) if self.met else max(len(said) - self._most, 0)
        self._kept = said[at:]
        return said[:at]

    def rest(self) -> str:
        """What was kept back, once nothing more comes."""
        said, self._kept = self._kept, ""
        return said
