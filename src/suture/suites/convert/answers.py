"""Free texts as checks: how an answer is compared with the wanted text, where the file leaves that open."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

from suture.core.strict_json import read_strictly
from suture.suites.convert.converter import NotConverted
from suture.suites.kinds.fences import as_answered
from suture.suites.kinds.text.number import only_number

LABEL = "label"
AS = ("exact", "loose", "starts", "includes", "number", "choice", "regex", "json", LABEL)
"""What ``--as`` takes: the whole text; the same without case and punctuation; what the answer begins with; a part of
the answer; the last number in it; the letter of a choice; a pattern; a JSON value; one of the values of a table's
column."""
_MOST_IN_ANY_ORDER = 4


def text_check(wanted: str | Sequence[str], as_kind: str) -> dict[str, Any]:
    """``kind`` and ``check`` of a row.

    Raises:
        ValueError: several wanted texts where one is needed, or a text that is no such value.
    """
    several = [wanted] if isinstance(wanted, str) else list(wanted)
    if as_kind in ("exact", "loose"):
        ignore = {"ignore": ["case", "punctuation"]} if as_kind == "loose" else {}
        said = {"exact": several[0]} if len(several) == 1 else {"one_of": several}
        return {"kind": "text", "check": {**said, **ignore}, "reference": several[0]}
    if as_kind == "starts":
        begins = "|".join(map(literal, several))
        return {"kind": "text", "check": {"regex": f"(?s)(?:{begins}).*"}, "reference": several[0]}
    if as_kind == "includes":
        return {"kind": "text", "check": part_of_answer(several, ignore_case=True), "reference": several[0]}
    if len(several) != 1:
        raise ValueError(f"{len(several)} wanted texts, and {as_kind} takes one")
    text = several[0].strip()
    match as_kind:
        case "number":
            number = only_number(text, percent=False)
            if number is None:  # `1,5` and `1.234,5` are numbers to some, and others to others
                raise ValueError(f"{text[:40]!r} is no number as an answer has to write it")
            return {"kind": "text", "check": {"number": str(number), "where": "last"}, "reference": text}
        case "regex":
            return {"kind": "text", "check": {"regex": text, "search": True}}
        case "json":
            value = as_answered(text)
            return {"kind": "json", "check": {"equals": read_strictly(value)}, "reference": value}
        case "choice":
            raise ValueError("a choice needs its options")
        case "label":
            raise ValueError("labels are the values of a table's column")
        case _:
            raise ValueError(f"unknown: {as_kind}")


def choice_check(options: Sequence[str] | Mapping[str, str], label: str) -> dict[str, Any]:
    """``kind``, ``check`` and ``reference`` of a row."""
    return {"kind": "text", "check": {"choice": label, "options": options}, "reference": label}


def label_check(labels: Sequence[str], label: str) -> dict[str, Any]:
    """``kind``, ``check`` and ``reference`` of a row whose answer is one of some labels. Capitals and marks do not
    count, unless labels differ in nothing else."""
    check: dict[str, Any] = {"one_of": list(labels), "target": label}
    if len({re.sub(r"[^\w]", "", each.casefold()) for each in labels}) == len(labels):
        check["ignore"] = ["case", "punctuation"]
    return {"kind": "text", "check": check, "reference": label}


def literal(text: str) -> str:
    """A pattern of this text in an answer as it is compared: composed, and its white space made single blanks."""
    return re.escape(re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).strip("\r\n")))


def part_of_answer(parts: Sequence[str], *, ignore_case: bool = False) -> dict[str, Any]:
    """A pattern that is met by an answer with one of the texts in it."""
    return parts_of_answer([(parts, ignore_case)])


def parts_of_answer(needed: Sequence[tuple[Sequence[str], bool]]) -> dict[str, Any]:
    """A pattern that is met by an answer with a text of each group in it; a group says whether case counts not.

    Raises:
        NotConverted: too many that must all be there.
    """
    groups = [_group(texts, ignore_case=ignore_case) for texts, ignore_case in _without_contained(needed)]
    if len(groups) > _MOST_IN_ANY_ORDER:
        raise NotConverted(f"more than {_MOST_IN_ANY_ORDER} texts that must all be in the answer")
    if len(groups) == 1:
        return {"regex": f"(?s){groups[0]}", "search": True}
    return {"regex": f"(?s){'|'.join('.*'.join(order) for order in permutations(groups))}", "search": True}


def _group(texts: Sequence[str], *, ignore_case: bool) -> str:
    return f"(?{'i' if ignore_case else ''}:{'|'.join(map(literal, texts))})"


def _without_contained(needed: Sequence[tuple[Sequence[str], bool]]) -> list[tuple[Sequence[str], bool]]:
    """Without what another needed text contains: ``ab`` is in every answer with ``abc``."""
    kept: list[tuple[Sequence[str], bool]] = []
    for at, (texts, ignore_case) in enumerate(needed):
        others = [(other, also) for there, (other, also) in enumerate(needed) if there != at and len(other) == 1]
        if len(texts) == 1 and any(
            _contains(other[0], texts[0], ignore_case=ignore_case)
            and (ignore_case or not also)
            and (other[0], also) != (texts[0], ignore_case)
            for other, also in others
        ):
            continue
        if (texts, ignore_case) not in kept:
            kept.append((texts, ignore_case))
    return kept


def _contains(whole: str, part: str, *, ignore_case: bool) -> bool:
    return part.casefold() in whole.casefold() if ignore_case else part in whole
