"""Free texts as checks: how an answer is compared with the wanted text, where the file leaves that open."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

LABEL = "label"
AS = ("exact", "loose", "includes", "number", "choice", "regex", "json", LABEL)
"""What ``--as`` takes: the whole text; the same without case and punctuation; a part of the answer; the last number in
the answer; the letter of a choice; a pattern; a JSON value; one of the values of a
table's column."""
_MOST_IN_ANY_ORDER = 3


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
    if as_kind == "includes":
        return {"kind": "text", "check": part_of_answer(several, ignore_case=True), "reference": several[0]}
    if len(several) != 1:
        raise ValueError(f"{len(several)} wanted texts, and {as_kind} takes one")
    text = several[0].strip()
    match as_kind:
        case "number":
            return {"kind": "text", "check": {"number": text.replace(",", ""), "where": "last"}, "reference": text}
        case "regex":
            return {"kind": "text", "check": {"regex": text, "search": True}}
        case "json":
            return {"kind": "json", "check": {"equals": json.loads(text)}, "reference": text}
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


def part_of_answer(parts: Sequence[str], *, ignore_case: bool = False, every: bool = False) -> dict[str, Any]:
    """A pattern that is met by an answer with one of the texts in it, or every one.

    Raises:
        ValueError: too many that must all be there.
    """
    quoted = [re.escape(part) for part in parts]
    if every and len(quoted) > _MOST_IN_ANY_ORDER:
        raise ValueError(f"more than {_MOST_IN_ANY_ORDER} texts that must all be in the answer")
    orders = permutations(quoted) if every else [(part,) for part in quoted]
    body = "|".join(".*".join(order) for order in orders)
    return {"regex": f"(?{'i' if ignore_case else ''}s){body}", "search": True}
