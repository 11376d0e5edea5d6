"""What every picture needs: a scale, round ticks, and its SVG alone as a file with its colours in it."""

from dataclasses import dataclass
from importlib.resources import files
from math import ceil, floor, log10

from markupsafe import Markup


@dataclass(frozen=True)
class Scale:
    """From values to pixels, straight."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        span = (self.high - self.low) or 1.0
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1)


def ticks(high: float, most: int = 6) -> list[float]:
    """Round values from 0 to ``high`` or a little more; whole ones where ``high`` is more than 1."""
    if high <= 0:
        return [0.0, 1.0]
    least = high / most
    power = 10.0 ** floor(log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999)
    if high > 1:
        step = max(1.0, step)
    return [round(step * n, 9) for n in range(ceil(high / step - 1e-9) + 1)]


def as_file(svg: str) -> str:
    """The picture as a file of its own, light or dark as the reader's machine is."""
    colours = (files("suture.studio") / "assets" / "picture.css").read_text("utf-8")
    plain = str(svg)  # of `Svg`, replacing would escape
    return plain.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        "</title>", f"</title><style>{colours}</style>", 1
    )


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


Svg = Markup
"""A picture: SVG that may stand in a page."""
