"""Rows of a step that begin alike, with the same tools or the same long instruction: what they share is computed once.

A pack then holds the common beginning, and after it the rest of each row, which sees the beginning and itself: as
servers share beginnings in their caches (SGLang; Zheng et al., 2023, arXiv 2312.07104), for training. The gradients are
those of the rows computed apart, but for rounding.
"""

from collections.abc import Callable, Sequence

from suture.core.frozen import Frozen
from suture.training.examples import Example

MOST_ROWS = 4
"""Of a pack: a step of eight rows keeps two processors busy, and attention is written out over all of a pack."""
LEAST_ROWS = 3
"""Of two rows the beginning would have to be all, for half to be saved."""
WORTH = 0.5
"""Of the tokens of its rows: a pack that shares computes no more. So a beginning is at least twice as long as what
follows it, and four processors take no longer than for rows apart; more save time of theirs, and may take longer."""


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

    In the order of their tokens, rows that begin alike are neighbours; of all ways to part that order into packs, the
    one that saves the most tokens. Pure, and the same every time.

    Args:
        alike: the rows of one pack say the same.
        most: tokens that a pack of several rows may compute.
    """
    found: list[Sharing] = []
    for wanted in (True, False):
        rows = [row for row, example in enumerate(examples) if alike(example) is wanted]
        found += _best(examples, sorted(rows, key=lambda row: examples[row].ids), most)
    return sorted(found, key=lambda pack: pack.rows)


def begin_alike(examples: Sequence[Example], alike: Callable[[Example], bool], most: int) -> bool:
    """Tell whether any rows of an epoch may come to share, in whatever step they meet."""
    for wanted in (True, False):
        rows = sorted((one for one in examples if alike(one) is wanted), key=lambda one: one.ids)
        for number in range(LEAST_ROWS, MOST_ROWS + 1):
            if any(_sharing(rows, range(at, at + number), most) for at in range(len(rows) - number + 1)):
                return True
    return False


def _best(examples: Sequence[Example], rows: Sequence[int], most: int) -> Sequence[Sharing]:
    """The best way to part the first so many rows, for each number of them (Bellman, 1957)."""
    ways: list[tuple[int, tuple[Sharing, ...]]] = [(0, ())]
    for end in range(1, len(rows) + 1):
        tried: list[tuple[int, tuple[Sharing, ...]]] = []
        for start in range(max(0, end - MOST_ROWS), end):
            pack = _sharing(examples, rows[start:end], most)
            if pack is not None:
                tried.append((ways[start][0] + pack.saved, (*ways[start][1], pack)))
        ways.append(max(tried, key=lambda way: way[0]))
    return ways[-1][1]


def _sharing(examples: Sequence[Example], rows: Sequence[int], most: int) -> Sharing | None:
    """These neighbours in one pack; None where that is too large, or not worth it."""
    if len(rows) == 1:
        return Sharing(rows=tuple(rows))
    pack = Sharing(rows=tuple(sorted(rows)), prefix=_common([examples[row] for row in rows]))
    tokens = sum(len(examples[row].ids) for row in rows)
    return pack if tokens - pack.saved <= min(most, WORTH * tokens) else None


def _common(examples: Sequence[Example]) -> int:
    """How many tokens all of them begin with. The token after which an answer begins is each row's own."""
    most = min(len(example.ids) - example.answer - 1 for example in examples)
    first, last = min(example.ids for example in examples), max(example.ids for example in examples)
    return next((at for at in range(most) if first[at] != last[at]), most)
