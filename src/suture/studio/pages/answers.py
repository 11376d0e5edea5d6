"""Answers as HTML: every character of a model is text, and what differs is marked."""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from suture.studio.plain_text import shown, visible
from suture.studio.word_diff import Line, plain_lines, word_diff


def both(before: str, after: str, *, most: int, diff: bool) -> tuple[Markup, Markup]:
    """Two texts side by side, each cut to ``most`` characters, with what differs marked."""
    old, new = shown(before, most), shown(after, most)
    if not diff:
        return _html(plain_lines(old), "del"), _html(plain_lines(new), "ins")
    found = word_diff(old, new)
    return _html(found.before, "del"), _html(found.after, "ins")


def alone(text: str, *, most: int) -> Markup:
    """One text by itself."""
    return visible(shown(text, most))


def _html(lines: Sequence[Line], tag: str) -> Markup:
    stretches = (
        visible("\n".join(line.text for line in stretch))
        if not changed
        else Markup("\n").join(_line(line, tag) for line in stretch)
        for changed, stretch in groupby(lines, key=lambda line: line.changed)
    )
    return Markup("\n").join(stretches)


def _line(line: Line, tag: str) -> Markup:
    inner = Markup("").join(
        Markup(f"<{tag}>{{}}</{tag}>").format(visible(piece.text)) if piece.changed else visible(piece.text)  # noqa: S704
        for piece in line.pieces
    )
    return Markup('<span class="ln">{}</span>').format(inner)
