"""Text checks that say nothing about an answer: nothing passes them, or the empty answer does. Pure."""

import re
import unicodedata

from suture.core.measure.checks.text import TextCheck
from suture.suites.kinds.text.normal import has_words, normal
from suture.suites.kinds.text.pattern import matcher


def complaint_of(check: TextCheck) -> str | None:
    """One line, or None for a check that can be used."""
    if check.regex is not None:
        return _of_pattern(check, check.regex)
    if check.choice is not None:
        return _of_options(check, check.choice)
    if check.marker is not None and not normal(check.marker):
        return "its marker is empty"
    wanted = [
        text for text in (check.exact, check.target, *(check.one_of or ()), *(check.contains or ())) if text is not None
    ]
    if check.number is None and (not wanted or not all(_can_be_seen(normal(text, check.ignore)) for text in wanted)):
        return "it wants an empty answer"
    if any(not normal(text, check.ignore) for text in check.not_contains):
        return "`not_contains` has an empty text"
    return _of_labels(check) or _of_words(check)


def _can_be_seen(text: str) -> bool:
    """Whether there is more than characters without a form of their own, such as U+200B or U+202E."""
    return any(unicodedata.category(letter) not in ("Cf", "Cc") for letter in text)


def _of_pattern(check: TextCheck, pattern: str) -> str | None:
    try:
        fits = matcher(pattern, search=check.search, ignore_case="case" in check.ignore)
    except ValueError as error:
        return f"its pattern cannot be used: {error}"
    if fits(""):
        return "its pattern fits the empty answer"
    if check.strip and _wants_more_than_blanks(pattern):
        return 'its pattern wants a line break, a tab or several blanks, and these become one blank: add "strip": false'
    return None


def _wants_more_than_blanks(pattern: str) -> bool:
    """Whether white space that no normal answer has stands in a pattern where nothing lets it be left out, as far as
    its text shows without a parser."""
    if "|" in pattern or re.search(r"\)(?:[?*]|\{0?,)", pattern):
        return False
    plain = re.sub(r"\\\\", "x", pattern)
    plain = re.sub(r"(?<!\\)\[\^?\]?(?:\\.|[^\]\\])*\]", "x", plain)
    return re.search(r"(?:\\[nrtfv]|[\n\r\t]|(?:\\? ){2})(?![?*{])", plain) is not None


def _of_options(check: TextCheck, choice: str) -> str | None:
    labels = [normal(label, ("case",)) for label in check.options]
    texts = [normal(text, ("case",)) for text in check.options.values()]
    if choice not in check.options:
        return f"its choice {choice!r} is none of its options ({', '.join(check.options) or 'it has none'})"
    if len(texts) < 2:
        return "it has one option alone"
    if len(set(labels)) != len(labels) or not all(labels):
        return "two of its options have one label, or an empty one"
    if len(set(texts)) != len(texts) or not all(texts):
        return "two of its options have one text, or an empty one"
    if mixed := next((text for at, text in enumerate(texts) if text in labels and labels[at] != text), None):
        return f"the text of one option is the label of another: {mixed!r}"
    return None


def _of_labels(check: TextCheck) -> str | None:
    if check.target is None or check.one_of is None:
        return None
    labels = [normal(text, check.ignore) for text in check.one_of]
    if normal(check.target, check.ignore) not in labels:
        return f"its target {check.target!r} is none of its labels"
    return "two of its labels are the same" if len(set(labels)) != len(labels) else None


def _of_words(check: TextCheck) -> str | None:
    for wanted, refused in ((a, b) for a in check.contains or () for b in check.not_contains):
        if has_words(normal(wanted, check.ignore), normal(refused, check.ignore)):
            return f"it wants {wanted!r} and refuses {refused!r}"
    return None
