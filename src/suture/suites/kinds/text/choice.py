"""Which of several options an answer chooses. Pure.

A choice is stated: by its label alone, by its label and its own text, by its text, or after words such as "the answer
is". A letter that merely occurs is none: *a dog* is not A, and an answer that talks about all of them chooses none.
"""

import re
from collections.abc import Mapping

from suture.suites.kinds.text.normal import has_words, normal

_CUE = re.compile(r"(?i)\b(?:answer|choice|option)\s*(?:(?:is|would be|should be)\s*:?|[:=])\s*")
MOST_SAID = 1000
"""Characters after a cue that are looked at, beside those of the options."""
_AROUND = " \t\r\n*_`\"'()[]{}<>$\\.,;:!"
_NOTHING_MORE = re.compile(r"[^\w]*(?:\Z|[.,;:!)\]}*_`\"'\n]|\b(?:because|since|as|for|and|but|which)\b)")
_ANOTHER = re.compile(r"(?i)[^\w/,&]*(?:\b(?:or|and|nor)\b|[/,&])[^\w]*(?:(?:or|and|nor)\b\s*)?")


def chosen(text: str, options: Mapping[str, str]) -> str | None:
    """The label of the one option that ``text`` states, or None. Where a line ends, a statement does."""
    whole = _stated_by_the_whole(text, options)
    if whole is not None:
        return whole
    reach = MOST_SAID + 4 * max(map(len, options.values()))
    stated: set[str] = set()
    for cue in _CUE.finditer(text):
        stated |= _stated_after(text[cue.end() : cue.end() + reach], options)
        if len(stated) > 1:
            return None
    return next(iter(stated)) if len(stated) == 1 else None


def _stated_by_the_whole(text: str, options: Mapping[str, str]) -> str | None:
    label, rest = _leading_label(text, options)
    if label is not None and _bare(rest) in ("", _bare(options[label])):
        return label
    said = _bare(text)
    return next((name for name, option in options.items() if said and said == _bare(option)), None)


def _stated_after(text: str, options: Mapping[str, str]) -> set[str]:
    """Labels that the text states first; several where it hesitates or contradicts itself, none where there is none."""
    label, rest = _first_stated(text, options)
    if label is None:
        return set()
    own = _bare(options[label])
    line = _bare(rest.partition("\n")[0])
    contradicted = {name for name, option in options.items() if _starts_with(line, _bare(option))} - {label}
    going_on = _ANOTHER.match(rest)
    second = _first_stated(rest[going_on.end() :], options)[0] if going_on is not None else None
    named_itself = second is not None and _bare(options[second]) == own
    return {label, *contradicted} | ({second} if second is not None and not named_itself else set())


def _first_stated(text: str, options: Mapping[str, str]) -> tuple[str | None, str]:
    """The option that the text begins with, by its text or its label, and what comes after it."""
    said = normal(text, ("case",)).lstrip(_AROUND)
    named = [name for name, option in options.items() if _starts_with(said, _bare(option))]
    if named:
        label = max(named, key=lambda name: len(options[name]))
        return label, said[len(_bare(options[label])) :]
    label, rest = _leading_label(text, options)
    return (label, rest) if label is not None and _is_a_label(text, label, rest) else (None, text)


def _is_a_label(text: str, label: str, rest: str) -> bool:
    """``A`` and ``I`` are words too: labels only where the sentence does not go on. So with every small letter."""
    at = text.lstrip(_AROUND)
    exact = at.startswith(label)
    if len(label) > 1 or not label.isalpha() or (exact and label not in "AI"):
        return True
    enclosed = text.lstrip()[:1] in ("(", "[", "*", "`", '"', "'")
    return enclosed or _NOTHING_MORE.match(rest) is not None


def _leading_label(text: str, options: Mapping[str, str]) -> tuple[str | None, str]:
    """The label at the beginning, brackets and bold left out, and what comes after it."""
    bare = re.sub(r"(?i)\A(?:option|choice)\s+", "", text.lstrip(_AROUND)).lstrip(_AROUND)
    for label in sorted(options, key=len, reverse=True):
        if bare[: len(label)].casefold() == label.casefold() and not bare[len(label) : len(label) + 1].isalnum():
            return label, bare[len(label) :]
    return None, text


def _starts_with(text: str, option: str) -> bool:
    return bool(option) and text.startswith(option) and has_words(text[: len(option) + 1], option)


def _bare(text: str) -> str:
    return normal(text, ("case",)).strip(_AROUND + "-\u2013\u2014")
