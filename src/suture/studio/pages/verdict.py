"""The fragment of a verdict, in five layers: decision, plain sentence, counts, figures, by hand."""

from collections.abc import Iterator

from suture.studio.marks import Mark
from suture.studio.pages.matrix import FAILS_NOW
from suture.studio.pictures.before_after import by_job, squares
from suture.studio.pictures.four import four
from suture.studio.pictures.frame import Svg
from suture.studio.pictures.limit import limit
from suture.studio.said import fails_now, headline, jobs, promises, reasons
from suture.studio.shown import Shown
from suture.studio.templating import rendered

MOST_NAMED = 60
"""Ids that a list of the page names."""


def verdict_fragment(page: Shown, *, tasks_at: str = "#matrix") -> str:
    """HTML of the verdict.

    Args:
        tasks_at: address of the table of tasks.
    """
    return rendered(
        "parts/verdict.html.jinja",
        page=page,
        head=headline(page),
        promises=promises(page),
        reasons=reasons(page),
        fails_now=fails_now(page),
        reason_filter=f"m={FAILS_NOW}&" if page.paired else "",
        jobs=jobs(page),
        lists=page.changes,
        gained="repaired" if page.decides else "gained",
        counts={mark.name: page.counts.get(mark, 0) for mark in Mark},
        pictures=dict(pictures(page)),
        most=MOST_NAMED,
        tasks_at=tasks_at,
    )


def pictures(page: Shown) -> Iterator[tuple[str, Svg]]:
    """The pictures of one page, by the name of their file."""
    if page.paired and page.pairs:
        yield "before-after", squares(page.pairs, gained="repaired" if page.decides else "gained")
        yield "four", four(page)
    if page.pairs:
        yield "by-job", by_job(jobs(page))
    bound = page.gate.anchors if page.gate is not None and page.decides else None
    if bound is not None and bound.anchors:
        yield "limit", limit(seen=bound.lost / bound.anchors, bound=bound.bound, promise=bound.margin)
