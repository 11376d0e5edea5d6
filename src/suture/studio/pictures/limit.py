"""A bound as a limit line with the promise beside it, never as a symmetric error bar."""

from suture.studio.pictures.frame import Scale, Svg
from suture.studio.templating import rendered


def limit(*, seen: float, bound: float, promise: float) -> Svg:
    """Draw what was seen, up to where the truth may still be, and the promise. All are rates."""
    high = min(1.0, max(bound, promise) * 1.15)
    scale = Scale(0, high, 60, 560)
    holds = bound <= promise
    # Two labels on one line must not lie on each other.
    near = abs(scale.at(bound) - scale.at(promise)) < 110
    context = {
        "seen": scale.at(seen),
        "bound": scale.at(bound),
        "promise": scale.at(promise),
        "near": near,
        "holds": holds,
        "said": {"seen": seen, "bound": bound, "promise": promise},
    }
    return Svg(rendered("pictures/limit.svg.jinja", **context))
