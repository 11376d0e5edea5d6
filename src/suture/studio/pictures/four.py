"""The two-by-two of a comparison: the two unlike cells large."""

from suture.studio.marks import Mark
from suture.studio.pictures.frame import Svg
from suture.studio.shown import Shown
from suture.studio.templating import rendered


def four(page: Shown) -> Svg:
    """Draw kept, lost, repaired and still failing, as a file may need it; a page has a table of the same."""
    lost = len(page.with_mark(Mark.LOST, Mark.SLIPPED))
    counts = {
        "kept": page.counts.get(Mark.KEPT, 0),
        "lost": lost,
        "repaired": page.counts.get(Mark.REPAIRED, 0),
        "failing": page.counts.get(Mark.FAILING, 0),
    }
    gained = "repaired" if page.decides else "gained"
    return Svg(rendered("pictures/four.svg.jinja", counts=counts, gained=gained))
