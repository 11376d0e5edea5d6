"""How texts are brought to one spelling before they are compared. Pure."""

import unicodedata
from collections.abc import Collection


def normal(text: str, ignore: Collection[str] = ()) -> str:
    """NFC, every run of white space one blank, none at the ends.

    Args:
        ignore: ``case``: by case folding, so that ``ß`` is ``ss``. ``punctuation``: marks are dropped, but not one
            between digits or one that belongs to a number (``10.5``, ``-3``, ``.5``).
    """
    plain = text if text.isascii() else unicodedata.normalize("NFC", text)
    if "punctuation" in ignore:
        plain = _without_marks(plain)
    if "case" in ignore:
        plain = plain.casefold()
        plain = plain if plain.isascii() else unicodedata.normalize("NFC", plain)
    return " ".join(plain.split())


def has_words(text: str, words: str) -> bool:
    """Tell whether ``words`` stand in ``text`` and no letter or digit goes on at either end; both spelled alike."""
    at = text.find(words)
    while at >= 0:
        if _ends_here(text, at, at - 1, -1) and _ends_here(text, at + len(words) - 1, at + len(words), 1):
            return True
        at = text.find(words, at + 1)
    return False


def _ends_here(text: str, edge: int, beyond: int, step: int) -> bool:
    """Whether a word's edge is one: ``5`` does not end before ``.5``."""
    if not 0 <= beyond < len(text) or not _in_word(text[edge]):
        return True
    if _in_word(text[beyond]):
        return False
    further = beyond + step
    inside_number = text[beyond] in ".," and text[edge].isdigit()
    return not (inside_number and 0 <= further < len(text) and text[further].isdigit())


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_" or unicodedata.combining(letter) != 0


def _without_marks(text: str) -> str:
    return "".join(letter for at, letter in enumerate(text) if not _is_mark(letter) or _of_a_number(text, at))


def _is_mark(letter: str) -> bool:
    return letter == "`" or unicodedata.category(letter).startswith("P")


def _of_a_number(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if not after.isdigit():
        return text[at] in "-.\u2212" and bool(after) and after in ".$" and text[at + 2 : at + 3].isdigit()
    if before.isdigit():
        return True
    return text[at] in "-." and not before.isalnum()
