"""One page in one file that needs nothing else: it opens offline, and runs one script, whose hash it names."""

import base64
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from suture import __version__
from suture.core.surrogates import encoded
from suture.studio.marks import CHANGED
from suture.studio.pages.cuts import CUTS, Cut, Room
from suture.studio.pages.markdown import as_markdown
from suture.studio.pages.matrix import GROUP, matrix_fragment
from suture.studio.pages.plain_file import inlined
from suture.studio.pages.task import task_fragment
from suture.studio.pages.verdict import verdict_fragment
from suture.studio.shown import Shown
from suture.studio.templating import rendered

MAX_SIZE = 3_000_000
"""Bytes that a file has by default, at the most."""
_WRITTEN_OUT = 5
"""The part of the room, one in so many, that changed tasks may take to be readable without the script."""


@dataclass(frozen=True)
class Shortened:
    """Tasks of one outcome of which something is left out, and what."""

    tasks: int
    whose: str
    says: str


@dataclass(frozen=True)
class OneFile:
    """Attributes:
    html: the whole file.
    cut: what was left out to keep it within its size.
    size: bytes.
    fits: whether it is within its size; where it is not, even the last cut was not enough.
    """

    html: bytes
    cut: Cut
    fits: bool

    @property
    def size(self) -> int:
        return len(self.html)


def one_file(page: Shown, *, max_size: int | None = MAX_SIZE) -> OneFile:
    """The whole page. It is tried with everything in it, then with less, in the order of ``CUTS``.

    Args:
        max_size: bytes; None for everything, however large.
    """
    kept: dict[tuple[int, Room], str] = {}
    made = _made(page, CUTS[0], max_size, kept)
    for cut in CUTS[1:]:
        if made.fits:
            break
        made = _made(page, cut, max_size, kept)
    return made


def _fragments(page: Shown, cut: Cut, kept: dict[tuple[int, Room], str]) -> list[str]:
    """What a file packs: one task each, in the order of the table. ``kept``: those that another cut made alike."""
    for at, one in enumerate(page.pairs):
        if (at, cut.room(one.mark)) not in kept:
            kept[at, cut.room(one.mark)] = task_fragment(page, one, cut.room(one.mark))
    return [kept[at, cut.room(one.mark)] for at, one in enumerate(page.pairs)]


def packed(group: Sequence[str]) -> str:
    """Deflated and in base64, in which no tag can occur."""
    return base64.b64encode(gzip.compress(encoded(json.dumps(list(group))), 9, mtime=0)).decode()


def _made(page: Shown, cut: Cut, max_size: int | None, kept: dict[tuple[int, Room], str]) -> OneFile:
    found = _fragments(page, cut, kept)
    packs = [packed(found[at : at + GROUP]) for at in range(0, len(found), GROUP)]
    changed = [Markup(found[at]) for at, one in enumerate(page.pairs) if one.mark in CHANGED]  # noqa: S704 - escaped
    written, room = 0, None if max_size is None else max_size // _WRITTEN_OUT
    taken: list[Markup] = []
    for text in changed:
        written += len(text.encode("utf-8", "replace"))
        if room is not None and written > room:
            break
        taken.append(text)
    html = encoded(
        rendered(
            "file.html.jinja",
            page=page,
            verdict=Markup(verdict_fragment(page)),  # noqa: S704 - autoescaped
            matrix=Markup(matrix_fragment(page)),  # noqa: S704 - autoescaped
            written=taken,
            changed=len(changed),
            packs=packs,
            cut=cut,
            shortened=_shortened(page, cut, kept),
            once=sum(one.same_answer for one in page.pairs),
            markdown=as_markdown(page),
            version=__version__,
            **inlined(),
        )
    )
    return OneFile(html, cut, max_size is None or len(html) <= max_size)


def _shortened(page: Shown, cut: Cut, kept: dict[tuple[int, Room], str]) -> list[Shortened]:
    """In the order in which things are left out; a task that loses nothing by it is not counted."""
    whole = CUTS[0]
    cut_here: Counter[Room] = Counter(
        cut.room(one.mark)
        for at, one in enumerate(page.pairs)
        if kept[at, cut.room(one.mark)] != kept[at, whole.room(one.mark)]
    )
    kept_ones = "kept" if page.paired else "passing"
    groups = ((cut.kept, kept_ones), (cut.failing, "failing"), (cut.changed, "changed"))
    if cut.kept == cut.failing:
        groups = ((cut.kept, f"{kept_ones} and failing"), (cut.changed, "changed"))
    return [Shortened(cut_here[room], whose, room.says) for room, whose in groups if cut_here[room]]
