"""``python -m suture.tracking TARGET``: takes JSON lines on stdin, and tells a tracker.

What goes wrong ends it, with the reason as the last line on stderr; whoever started it reads that line.
"""

import json
import signal
import sys
from typing import Any, Protocol

from suture.tracking.target import Target, read_target


class Tracker(Protocol):
    """A run as one tracker keeps it."""

    def begin(self, name: str, run: str, params: dict[str, str]) -> None: ...

    def metrics(self, values: dict[str, float], step: int | None) -> None: ...

    def tags(self, values: dict[str, str]) -> None: ...

    def end(self, status: str) -> None: ...


def open_tracker(target: Target) -> Tracker:
    if target.tracker == "mlflow":
        from suture.tracking.to_mlflow import MlflowTracker

        return MlflowTracker(target.place)
    from suture.tracking.to_trackio import TrackioTracker

    return TrackioTracker(target.place)


def tell(tracker: Tracker, message: dict[str, Any]) -> None:
    if "begin" in message:
        tracker.begin(**message["begin"])
    elif "metrics" in message:
        tracker.metrics(message["metrics"], message["step"])
    elif "tags" in message:
        tracker.tags(message["tags"])
    else:
        tracker.end(message["end"])


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tracker = open_tracker(read_target(sys.argv[1]))
    for line in sys.stdin:
        tell(tracker, json.loads(line))


if __name__ == "__main__":
    main()
