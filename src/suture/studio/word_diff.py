"""What differs between two texts: by lines, and inside changed lines by words. The same in terminal, page and Markdown.

Standard library alone: difflib, with bounds on the work, since a model may answer anything.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_WORDS = 800
"""Words of one side of a changed passage that are compared word by word."""
MOST_LINES = 1_500
MOST_MEETINGS = 200_000
"""Pairs of equal lines, or of equal words, that are looked at: difflib's time grows with them."""

_WORD = re.compile(r"\w+|[^\S\n]+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    text: str
    changed: bool = False


@dataclass(frozen=True)
class Line:
    """One line without its end. ``changed``: it has no equal on the other side."""

    pieces: tuple[Piece, ...]
    changed: bool = False

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Diff:
    before: tuple[Line, ...]
    after: tuple[Line, ...]

    @property
    def same(self) -> bool:
        return not any(line.changed for line in (*self.before, *self.after))


def plain_lines(text: str) -> tuple[Line, ...]:
    """A text by itself, nothing of it changed."""
    return tuple(Line((Piece(line),)) for line in text.split("\n"))


def word_diff(before: str, after: str) -> Diff:
    """Compare two texts. What is called equal is equal; where there is too much to compare, less is called so."""
    old, new = before.split("\n"), after.split("\n")
    lines: tuple[list[Line], list[Line]] = ([], [])
    for equal, a, b in _matched(old, new, most=MOST_LINES):
        if equal:
            for side in lines:
                side.extend(Line((Piece(line),)) for line in old[a])
            continue
        for side, changed in zip(lines, _words(old[a], new[b]), strict=True):
            side.extend(changed)
    return Diff(tuple(lines[0]), tuple(lines[1]))


def _words(old: Sequence[str], new: Sequence[str]) -> tuple[list[Line], list[Line]]:
    """A changed passage; where one side has none of it, or it is too long, all of it is changed."""
    sides = [_WORD.findall("\n".join(side)) if side else [] for side in (old, new)]
    if not all(sides) or max(map(len, sides)) > MOST_WORDS:
        return [_whole(line) for line in old], [_whole(line) for line in new]
    pieces: tuple[list[Piece], list[Piece]] = ([], [])
    for equal, a, b in _matched(sides[0], sides[1], most=MOST_WORDS):
        for side, words in zip(pieces, (sides[0][a], sides[1][b]), strict=True):
            if words:
                side.append(Piece("".join(words), not equal))
    return _as_lines(pieces[0]) if old else [], _as_lines(pieces[1]) if new else []


def _whole(line: str) -> Line:
    return Line((Piece(line, changed=True),), changed=True)


def _as_lines(pieces: Sequence[Piece]) -> list[Line]:
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *others = piece.text.split("\n")
        lines[-1].append(Piece(first, piece.changed))
        lines.extend([Piece(part, piece.changed)] for part in others)
    return [Line(tuple(piece for piece in line if piece.text) or (Piece(""),), changed=True) for line in lines]


def _matched(old: Sequence[str], new: Sequence[str], *, most: int) -> list[tuple[bool, slice, slice]]:
    """Equal and unequal stretches in order. Equal beginnings and ends are taken off first, which costs next to
    nothing; the middle is searched only if that is cheap."""
    start, end = 0, 0
    shorter = min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    found = [(True, slice(0, start), slice(0, start))] if start else []
    if a or b:
        found.extend(
            (equal, slice(x.start + start, x.stop + start), slice(y.start + start, y.stop + start))
            for equal, x, y in _middle(a, b, most)
        )
    if end:
        found.append((True, slice(len(old) - end, len(old)), slice(len(new) - end, len(new))))
    return found


def _middle(a: Sequence[str], b: Sequence[str], most: int) -> list[tuple[bool, slice, slice]]:
    counts = Counter(b)
    meetings = sum(count * counts[text] for text, count in Counter(a).items())
    if not meetings or max(len(a), len(b)) > most or meetings > MOST_MEETINGS:
        return [(False, slice(0, len(a)), slice(0, len(b)))]
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return [(tag == "equal", slice(i, j), slice(k, m)) for tag, i, j, k, m in matcher.get_opcodes()]
