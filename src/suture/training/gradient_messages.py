"""What the process that trains says to those that compute gradients: a ``Job``, a ``PlanOfPacks``, and then steps.
Passes come at any time between."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from suture.core.model.train_settings import TrainSettings
from suture.training.examples import Example
from suture.training.sharding import Meeting
from suture.training.step_gradients import Passes

READY = "ready"
"""Said before processes meet: who waits for one that never comes would wait for long."""


class Job(NamedTuple):
    """Attributes:
    base: the directory of the prepared base.
    device: type of the device that the other processes use: one that has none would hold all of them up.
    meeting: where the base is shared, the processes that share it.
    """

    base: Path
    settings: TrainSettings
    device: str
    meeting: Meeting | None = None


class Step(NamedTuple):
    """Attributes:
    examples: this process's part of the step.
    taught: tokens that the whole step teaches.
    at_least: the passes that it makes; see ``StepGradients.add``.
    """

    examples: Sequence[Example]
    taught: int
    at_least: Passes


class OnePass(NamedTuple):
    """Another process computes the model once, and needs the part of it that lies here."""
