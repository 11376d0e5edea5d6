"""A question in one spelling: case, white space and courtesies do not decide who answers it. Pure."""

import re
import unicodedata

MOST = 2048
"""Characters that are looked at: so many from the beginning, and so many from the end."""
_WORD = re.compile(r"\w+|[^\w\s]")
_COURTESIES = (
    r"(?:hi|hello|hey|good (?:morning|evening|day|afternoon))(?: there| everyone)?",
    r"(?:please|kindly)",
    r"(?:can|could|would|will) you(?: please| kindly)?(?: help me(?: to| with)?)?",
    r"i (?:would like|want|need) you to",
    r"i'?d like you to",
    r"help me(?: to| with)?",
    r"thank you(?: so much| very much)?(?: in advance)?",
    r"thanks(?: a lot| so much)?(?: in advance)?",
)
_BEFORE = re.compile(rf"(?:(?:{'|'.join(_COURTESIES)})[\s,.!:;?-]*(?=\S))+")
_BEHIND = re.compile(
    r"[\s,.!?;-]*(?:\b(?:please|thank you(?: so much| very much)?(?: in advance)?|thanks(?: a lot)?(?: in advance)?|"
    r"cheers)\b[\s,.!?]*)+$"
)
_TAIL = 200
"""Characters at the end in which courtesies are looked for: more would take long, and nobody is so polite."""


def plain(text: str) -> str:
    """Lower case, one blank between words, no courtesy before or behind. Long texts lose their middle."""
    text = unicodedata.normalize("NFKC", _ends(text)).casefold().replace("’", "'")
    text = " ".join(text.split())
    text = text[match.end() :] if (match := _BEFORE.match(text)) else text
    return (text[:-_TAIL] + _BEHIND.sub("", text[-_TAIL:])).strip()


def words_in(text: str) -> list[str]:
    """Words, and every mark between them by itself."""
    return _WORD.findall(text)


def apart(text: str) -> str:
    """With a blank between words and marks: a comma behind a word does not make it another one."""
    return " ".join(words_in(text))


def _ends(text: str) -> str:
    return text if len(text) <= 2 * MOST else f"{text[:MOST]} {text[-MOST:]}"
