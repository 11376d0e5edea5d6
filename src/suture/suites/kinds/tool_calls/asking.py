"""Three ways to ask for several calls in the words of a question for one: in lists, going on, and again in full.

Each is taken only where a reader would understand it: a list beside another list, or "do the same with 8" where 8 may
stand for two things, would teach a guess.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from suture.suites.kinds.tool_calls.copied import in_place
from suture.suites.kinds.tool_calls.wanted import Value
from suture.suites.kinds.tool_calls.words import word, written

Values = Mapping[Value, Value]
"""What stands in the place of each value of the question, in one call."""

_QUOTES = ("'", '"', "`")
_NAMED = 0.5
"""How often values are named ("with city Oslo") where they need not be."""
_THEN = ("then", "and then", "after that", "and also", "next")
_LAST = ("and finally", "then", "and last")
_AGAIN = ("do the same with", "repeat it with", "do it again for", "the same for", "once more with")
_SENTENCES = ("Also, ", "Then, ", "After that, ", "Next, ", "And ")
_OPENER = re.compile(
    r"(?:what|which|who|whose|when|where|how|why|is|are|was|were|do|does|did|can|could|will|would|should|may|find|get"
    r"|give|show|tell|calculate|compute|determine|estimate|evaluate|convert|search|look|check|compare|list|retrieve"
    r"|fetch|book|order|play|create|generate|make|predict|identify|analyze|obtain|provide|set|solve|send|the|a|an"
    r"|please|if|in|on|at|for|from|of)(?:'s)? ",
    re.IGNORECASE,
)
"""A word that a sentence may begin with, and that is written small where it goes on."""
_BESIDE_BEFORE = re.compile(r"""(?:,|\b(?:and|or|to|between|from|by)|[-/:=^*+“‘«(])\s*$""", re.IGNORECASE)
_BESIDE_AFTER = re.compile(r"""\s*(?:,|(?:and|or|to|by)\b|[-/:=^*+”’»)])""", re.IGNORECASE)
"""What says that a value is part of something already: a list, a span, a clock's time, a pair of quotes."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Question:
    """Attributes:
    text: one message.
    copied: all values that its call copies from it.
    names: of each value that stands in one place of the text and in one of the call, the parameter; in the order of
        the text.
    alone: those that are all that their parameter gets.
    """

    text: str
    copied: Sequence[Value]
    names: Mapping[Value, str]
    alone: Sequence[Value]


Way = Callable[[Question, Sequence[Values], random.Random], str | None]
"""The question asked with the values of each call, the first ones its own; None where that would be understood in two
ways."""


def in_lists(question: Question, asked: Sequence[Values], lots: random.Random) -> str | None:
    """ "Weather in Bern and Oslo for 3 and 5 days, respectively." """
    del lots
    values = list(asked[0])
    texts = {value: [written(each[value]) for each in asked] for value in values}
    if any(map(_is_list, (text for each in texts.values() for text in each))):
        return None
    if any(_beside_another(value, question.text) for value in values):
        return None
    lists = {value: _listed(texts[value], _quote_around(value, question.text)) for value in values}
    said = in_place(lists, question.text)
    return said if len(values) == 1 else _continued(said, ", respectively")


def going_on(question: Question, asked: Sequence[Values], lots: random.Random) -> str | None:
    """ "Weather in Bern for 3 days, then do the same with city Oslo and days 5." """
    named = not _clear_without_names(question, asked[0]) or lots.random() < _NAMED
    again = lots.choice(_AGAIN)
    tail = ""
    for number, values in enumerate(asked[1:], 2):
        joint = lots.choice(_LAST if number == len(asked) > 2 else _THEN)
        said = [_said(old, new, question, named=named) for old, new in values.items()]
        tail += f", {joint} {again} {_listed(said, '')}"
    return _continued(question.text, tail)


def in_full(question: Question, asked: Sequence[Values], lots: random.Random) -> str | None:
    """ "What is the weather in Bern? Also, what is the weather in Oslo?" """
    whole = question.text.strip()
    whole += "" if re.search(r"""[.?!]["'”’)]*$""", whole) else "."
    others = [in_place({old: written(new) for old, new in values.items()}, whole) for values in asked[1:]]
    return " ".join([whole, *(lots.choice(_SENTENCES) + _within(other) for other in others)])


WAYS: tuple[Way, ...] = (in_lists, going_on, in_full)


def _continued(text: str, tail: str) -> str | None:
    """A tail before the mark that a question ends with; None where it is not one plain sentence."""
    plain = re.fullmatch(r"([^.?!\n]|[.](?=\w))*[\w%°$€)]([.?!]?)", text.strip())
    return f"{text.strip().removesuffix(plain[2])}{tail}{plain[2]}" if plain else None


def _clear_without_names(question: Question, varied: Values) -> bool:
    """Whether it is clear what new values stand for: all numbers of the question vary, or all texts, in its order."""
    numbers = [value for value in varied if not isinstance(value, str)]
    texts = [value for value in varied if isinstance(value, str)]
    all_texts = [value for value in question.copied if isinstance(value, str)]
    return len(numbers) in (0, len(_NUMBER.findall(question.text))) and len(texts) in (0, len(all_texts))


def _said(old: Value, new: Value, question: Question, *, named: bool) -> str:
    quote = _quote_around(old, question.text)
    text = f"{quote}{written(new)}{quote}"
    return f"{_in_words(question.names[old])} {text}" if named else text


def _in_words(parameter: str) -> str:
    """``numDays`` and ``num_days`` are "num days"."""
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", parameter)).strip().lower()


def _is_list(text: str) -> bool:
    return "," in text or " and " in text


def _beside_another(value: Value, text: str) -> bool:
    found = word(value).search(text)
    if found is None:
        return True
    quote = len(_quote_around(value, text))
    before, after = text[: found.start() - quote], text[found.end() + quote :]
    return bool(_BESIDE_BEFORE.search(before) or _BESIDE_AFTER.match(after))


def _within(sentence: str) -> str:
    """A sentence after a few words. Only what surely is no name is written small."""
    return sentence[:1].lower() + sentence[1:] if _OPENER.match(sentence) else sentence


def _quote_around(value: Value, text: str) -> str:
    found = word(value).search(text)
    before, after = (text[max(found.start() - 1, 0) : found.start()], text[found.end() :][:1]) if found else ("", "")
    return before if before == after and before in _QUOTES else ""


def _listed(texts: Sequence[str], quote: str) -> str:
    if len(texts) == 1:
        return texts[0]
    between = f"{quote}, {quote}"
    return f"{between.join(texts[:-1])}{quote} and {quote}{texts[-1]}"
