"""Where a run is logged, as it is written: ``mlflow:URI`` or ``trackio:PROJECT``."""

from importlib.util import find_spec
from typing import NamedTuple

from suture.core.errors import MissingTool, UnknownName, UsageError
from suture.machine.installing import install_extra

TRACKERS = {"mlflow": "a tracking server, such as mlflow:http://127.0.0.1:5000", "trackio": "a project"}


class Target(NamedTuple):
    """Attributes:
    tracker: one of ``TRACKERS``, which is also the package's name and the extra's.
    place: what that tracker writes to.
    """

    tracker: str
    place: str

    def __str__(self) -> str:
        return f"{self.tracker}:{self.place}"


def read_target(written: str) -> Target:
    """Read ``TRACKER:PLACE``.

    Raises:
        UnknownName: there is no such tracker.
        UsageError: it says nothing of the place.
        MissingTool: the tracker's package is not installed.
    """
    tracker, _, place = written.partition(":")
    if tracker not in TRACKERS:
        raise UnknownName("tracker", tracker, TRACKERS, mend="--log mlflow:http://127.0.0.1:5000 or trackio:PROJECT")
    if not place:
        raise UsageError(f"--log {written} does not say where to", mend=f"--log {tracker}:PLACE: {TRACKERS[tracker]}")
    if find_spec(tracker) is None:
        raise MissingTool(f"--log {written} needs the package {tracker}", mend=install_extra(tracker))
    return Target(tracker, place)
