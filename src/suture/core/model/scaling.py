"""How much of an adapter to use: scales over depth, and the choice among them. Pure."""

from collections.abc import Iterable

from pydantic import Field

from suture.core.frozen import Frozen

SCALES = (0.25, 0.5, 0.75, 1.0)


class ScaleSettings(Frozen):
    """Which parts of an adapter are tried."""

    scales: tuple[float, ...] = Field(default=SCALES, min_length=1)
    """Scales of the adapter as a whole."""
    first_layer: tuple[float, ...] = Field(default=(1.0,), min_length=1)
    """Parts of the scale that the first layer gets; the last layer gets all of it, and those between in even steps. 1
    is the same scale everywhere."""
    steps: bool = False
    """Also try the adapters that were kept along the way, of an adapter that Suture trained."""
    failures: int = Field(default=64, ge=0)
    """Most failures that are asked, chosen by a seeded hash."""


class ScaleTrial(Frozen):
    """What one way of using an adapter keeps and repairs, on the tasks that choices are made on.

    ``step``: None for the adapter as it was trained to the end. A task without a verdict is neither kept nor repaired.
    ``failures``: that were asked; 0 where another way loses fewer anchors, for then repairs change nothing.
    """

    step: int | None = None
    first_layer: float = 1.0
    scale: float
    anchors: int
    kept: int
    failures: int
    repaired: int

    @classmethod
    def untried(cls, scale: float) -> "ScaleTrial":
        """What a recipe says outright."""
        return cls(scale=scale, anchors=0, kept=0, failures=0, repaired=0)

    @property
    def lost(self) -> int:
        return self.anchors - self.kept

    def __str__(self) -> str:
        depth = f", first layer {self.first_layer:g}" if self.first_layer != 1 else ""
        return f"{self.scale:g}{depth}" + (f", step {self.step}" if self.step else "")


class ScaleChoice(Frozen):
    """``best`` of ``trials``: it loses the fewest anchors, of those it repairs the most, and of those it moves the
    model least. ``asked`` answers were needed, of ``full`` had every task been asked everywhere."""

    best: ScaleTrial
    trials: tuple[ScaleTrial, ...]
    asked: int = 0
    full: int = 0


def fewest_lost(trials: Iterable[ScaleTrial]) -> tuple[ScaleTrial, ...]:
    """Return the trials that may still be chosen when only the anchors have been asked, whatever the failures say."""
    listed = tuple(trials)
    fewest = min((trial.lost for trial in listed), default=0)
    return tuple(trial for trial in listed if trial.lost == fewest)


def choose(trials: Iterable[ScaleTrial], *, asked: int = 0, full: int = 0) -> ScaleChoice:
    listed = tuple(trials)
    best = min(listed, key=lambda t: (t.lost, -t.repaired, t.scale * (1 + t.first_layer), t.step or 0))
    return ScaleChoice(best=best, trials=listed, asked=asked, full=full)


def lines_schedule(alpha: float, beta: float, layers: int) -> tuple[float, ...]:
    """The scale of each layer: ``alpha + beta * l / (layers - 1)`` (LiNeS, Wang et al., 2024, arXiv 2410.17146).

    Shallow layers hold what all tasks share, so they are scaled down and deep ones are not.
    """
    return tuple(alpha + beta * layer / max(1, layers - 1) for layer in range(layers))
