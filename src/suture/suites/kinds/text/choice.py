"""Which of several options an answer chooses. Pure.

A choice is stated: by its label alone, by its label and its own text, by its text, or after words such as "the answer
is". A letter that merely occurs is none: *a dog* is not A, and an answer that talks about all of them chooses none.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from suture.suites.kinds.text.normal import has_words, normal

_CUE = re.compile(r"(?i)\b(?:answer|choice|option)\s*(?:(?:is|would be|should be)\s*:?|[:=])\s*")
MOST_SAID = 1000
"""Characters after a cue that are looked at, beside those of the options."""
_AROUND = " \t\r\n*_`\"'()[]{}<>$\\.,;:!"
_MARKUP = " \t\r\n*_`\"'"
_DASHES = "-\u2013\u2014"
_AFTER_A_LABEL = _MARKUP + ")].:,"
_SIGNED = re.compile(r"-(?=[$\u20ac\u00a3]?\.?\d)|\.(?=\d)")
"""What belongs to a number, and is no mark before it: ``-3``, ``-$3``, ``.5``."""
_MINUS = re.compile(r"[\u2212\u2013\u2014](?=[$\u20ac\u00a3]?\.?\d)|\u2212")
_SAME_NUMBER_GOES_ON = re.compile(r"%|[./:,^\u2013-]\d")
_LATEX = re.compile(r"\\(?:boxed|text|textbf|mathrm|mathbf|mathbb)\s*\{([^{}\n]{0,200})\}")
_NOTHING_MORE = re.compile(r"[^\w]*(?:\Z|[.,;:!)\]}*_`\"'\n]|\b(?:because|since|as|for|and|but|which)\b)")
_ANOTHER = re.compile(r"(?i)[^\w/,&]*(?:\b(?:or|and|nor)\b|[/,&])[^\w]*(?:(?:or|and|nor)\b\s*)?")


def chosen(text: str, options: Mapping[str, str]) -> str | None:
    """The label of the one option that ``text`` states, or None. Where a line ends, a statement does."""
    text = _LATEX.sub(r"\1", _LATEX.sub(r"\1", text))  # \boxed{\text{B}}
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
    if label is not None and (not _bare(rest) or label in (_named(said, options) for said in _after_label(rest))):
        return label
    return _named(text, options)


def _stated_after(text: str, options: Mapping[str, str]) -> set[str]:
    """Labels that the text states first; several where it hesitates or contradicts itself, none where there is none."""
    label, rest = _first_stated(text, options)
    if label is None:
        return set()
    own = _exact(options[label])
    begun = (_begun_with(said, options) for said in _after_label(rest.partition("\n")[0]))
    contradicted = {name for name, _ in next(filter(None, begun), ())} - {label}
    going_on = _ANOTHER.match(rest)
    second = _first_stated(rest[going_on.end() :], options)[0] if going_on is not None else None
    named_itself = second is not None and _exact(options[second]) == own
    return {label, *contradicted} | ({second} if second is not None and not named_itself else set())


def _first_stated(text: str, options: Mapping[str, str]) -> tuple[str | None, str]:
    """The option that the text begins with, by its text or its label, and what comes after it."""
    begun = _begun_with(text, options)
    if len(begun) == 1:
        return begun[0]
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
    bare = _unwrapped(re.sub(r"(?i)\A(?:option|choice)\s+", "", _unwrapped(text)))
    for label in sorted(options, key=len, reverse=True):
        if bare[: len(label)].casefold() == label.casefold() and not bare[len(label) : len(label) + 1].isalnum():
            return label, bare[len(label) :]
    return None, text


def _named(text: str, options: Mapping[str, str]) -> str | None:
    """The option whose text this is, to the letter; else but for marks around it, where one option alone fits."""
    for at, spelled in enumerate((_exact, _unmarked, _bare)):
        said = spelled(text)
        found = [name for name, option in options.items() if said and said == _spellings(option)[at]]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _begun_with(text: str, options: Mapping[str, str]) -> list[tuple[str, str]]:
    """The options whose text this begins with, and what comes after it: the longest, to the letter; else all that fit
    but for marks around them."""
    exact = _exact(text).lstrip(_MARKUP)
    for at, said in ((0, exact), (2, _unwrapped(exact))):
        spelled = [(name, _spellings(option)[at]) for name, option in options.items()]
        found = [(name, option) for name, option in spelled if _starts_with(said, option)]
        if found:
            longest = max(len(option) for _, option in found)
            return [(name, said[longest:]) for name, option in found if len(option) == longest]
    return []


@lru_cache(maxsize=4096)
def _spellings(option: str) -> tuple[str, str, str]:
    return _exact(option), _unmarked(option), _bare(option)


def _starts_with(text: str, option: str) -> bool:
    if not option or not text.startswith(option):
        return False
    if option[-1].isdigit() and _SAME_NUMBER_GOES_ON.match(text, len(option)):
        return False
    return has_words(text[: len(option) + 1], option)


def _after_label(rest: str) -> Iterator[str]:
    """What may be meant by the text after a label: a dash may part the two, or belong to what follows."""
    plain = _stripped(rest, _AFTER_A_LABEL)
    yield plain
    yield _stripped(plain, _AFTER_A_LABEL + _DASHES)
    if rest[:1] in tuple(_DASHES):
        yield rest[1:]


def _exact(text: str) -> str:
    return _MINUS.sub("-", normal(text, ("case",)))


def _unmarked(text: str) -> str:
    return _exact(text).strip(_MARKUP).rstrip(".,;:!").strip(_MARKUP)


def _bare(text: str) -> str:
    return _unwrapped(_exact(text)).rstrip(_AROUND + _DASHES)


def _unwrapped(text: str) -> str:
    return _stripped(text, _AROUND + _DASHES)


def _stripped(text: str, marks: str) -> str:
    """Without the marks that it begins with, but for those that belong to a value."""
    at = next((at for at in range(len(text)) if text[at] not in marks or _SIGNED.match(text, at)), len(text))
    return text[at:]
