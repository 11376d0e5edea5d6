"""Rows of a step that begin alike, with the same tools or the same long instruction: what they share is computed once.

A pack then holds the common beginning, and after it the rest of each row, which sees the beginning and itself: as
servers share beginnings in their caches (SGLang; Zheng et al., 2023, arXiv 2312.07104), for training. The gradients are
those of the rows computed apart, but for rounding.
"""

from collections.abc import Callable, Sequence

from suture.core.frozen import Frozen
from suture.training.examples import Example

MOST_ROWS = 4
"""Of a pack: each processor takes one, and attention is written out over all of it."""
WORTH = 0.75
"""Of the tokens of its rows: a pack that shares computes no more."""


class Sharing(Frozen):
    """Rows of a step, by number, that are computed in one pack, and the number of tokens that all of them begin with;
    0 where nothing is shared."""

    rows: tuple[int, ...]
    prefix: int = 0

    @property
    def saved(self) -> int:
        """Tokens."""
        return self.prefix * (len(self.rows) - 1)


def shared_out(examples: Sequence[Example], alike: Callable[[Example], bool], most: int) -> list[Sharing]:
    """The packs of a step: rows that begin alike together where that is worth it, every other row apart.

    In the order of their tokens, rows that begin alike are neighbours; each joins the pack before it while that saves
    more. Pure, and the same every time.

    Args:
        alike: the rows of one pack say the same.
        most: tokens that a pack of several rows may compute.
    """
    found: list[Sharing] = []
    for wanted in (True, False):
        packs: list[Sharing] = []
        rows = [row for row, example in enumerate(examples) if alike(example) is wanted]
        for row in sorted(rows, key=lambda row: examples[row].ids):
            joined = _joined(examples, packs[-1], row, most) if packs else None
            packs[-1:] = [joined] if joined else [*packs[-1:], Sharing(rows=(row,))]
        for pack in packs:
            found += [pack] if _is_worth_it(examples, pack) else [Sharing(rows=(row,)) for row in pack.rows]
    return sorted(found, key=lambda pack: pack.rows)


def _joined(examples: Sequence[Example], pack: Sharing, row: int, most: int) -> Sharing | None:
    rows = tuple(sorted((*pack.rows, row)))
    joined = Sharing(rows=rows, prefix=_common([examples[one] for one in rows]))
    fits = len(rows) <= MOST_ROWS and _tokens(examples, rows) - joined.saved <= most
    return joined if fits and joined.saved > pack.saved else None


def _is_worth_it(examples: Sequence[Example], pack: Sharing) -> bool:
    tokens = _tokens(examples, pack.rows)
    return len(pack.rows) == 1 or tokens - pack.saved <= WORTH * tokens


def _tokens(examples: Sequence[Example], rows: Sequence[int]) -> int:
    return sum(len(examples[row].ids) for row in rows)


def _common(examples: Sequence[Example]) -> int:
    """How many tokens all of them begin with. The token after which an answer begins is each row's own."""
    most = min(len(example.ids) - example.answer - 1 for example in examples)
    first, last = min(example.ids for example in examples), max(example.ids for example in examples)
    return next((at for at in range(most) if first[at] != last[at]), most)
