"""promptfoo's assertions as checks: all of a test's are carried over, or none."""

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile
from suture.core.json_types import is_list, is_object
from suture.suites.convert.answers import literal, parts_of_answer
from suture.suites.convert.converter import NotConverted, as_object
from suture.suites.convert.promptfoo_files import FILE, value_in, yaml_of

Fill = Callable[[str], str]

NOT_ABOUT_THE_ANSWER = frozenset(("latency", "cost", "perplexity", "perplexity-score"))
"""What an answer took: left out without loss."""
_PARTS = frozenset(("contains", "icontains", "contains-any", "icontains-any", "contains-all", "icontains-all"))


def decided(test: dict[str, Any], shared: dict[str, Any], fill: Fill, home: Path) -> dict[str, Any]:
    """``kind``, ``check`` and ``reference`` of a test.

    Args:
        shared: what holds for all tests: ``assert``, and ``assertionTemplates`` by name.
        fill: puts variables into a template.

    Raises:
        NotConverted: an assertion that has no counterpart.
    """
    if test.get("threshold") is not None:
        raise NotConverted("it passes by a score of several assertions (threshold)")
    every: list[Any] = [*(shared.get("assert") or ()), *(test.get("assert") or ())]
    stated = [_stated(as_object(one), shared) for one in every]
    asserted = [one for one in stated if one["type"] not in NOT_ABOUT_THE_ANSWER and one.get("weight") != 0]
    if not asserted:
        raise NotConverted("it asserts nothing about the answer")
    if all(one["type"] in _PARTS for one in asserted):
        return _parts([(one["type"], _wanted(one, fill, home)) for one in asserted])
    checks = [_check(one["type"], _wanted(one, fill, home)) for one in asserted]
    if len(checks) == 1:
        return checks[0]
    keys = [key for one in checks for key in one["check"]]
    if all(one["kind"] == "json" for one in checks) and sorted(keys) == ["equals", "schema"]:
        return {**checks[0], **checks[1], "check": {**checks[0]["check"], **checks[1]["check"]}}
    raise NotConverted(f"several assertions at once: {', '.join(one['type'] for one in asserted)}")


def _stated(asserted: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """The assertion itself, where it names one of ``assertionTemplates``."""
    if (reference := asserted.get("$ref")) is None:
        return asserted
    name = str(reference).removeprefix("#/assertionTemplates/")
    templates: Any = shared.get("assertionTemplates")
    if not is_object(templates) or not is_object(templates.get(name)):
        raise NotConverted(f"its assertion is {reference}, which is not there")
    return templates[name]


def _wanted(asserted: dict[str, Any], fill: Fill, home: Path) -> Any:
    kind, wanted = asserted["type"], asserted.get("value")
    if "transform" in asserted:
        raise NotConverted("an assertion transforms the answer by code")
    if isinstance(wanted, str) and wanted.startswith(FILE):
        try:
            wanted = value_in(wanted, home)
        except NotConverted as refusal:
            raise NotConverted(f"the value of its assertion {kind}: {refusal}") from None
    if is_list(wanted):
        return [fill(each) if isinstance(each, str) else each for each in wanted]
    return fill(wanted) if isinstance(wanted, str) else wanted


def _check(kind: str, wanted: Any) -> dict[str, Any]:
    match kind:
        case "equals" if isinstance(wanted, dict | list | bool):
            return {"kind": "json", "check": {"equals": wanted}}
        case "equals":
            return {"kind": "text", "check": {"exact": _text(wanted)}, "reference": _text(wanted)}
        case "is-json":
            return {"kind": "json", "check": {"schema": _schema(wanted)}}
        case "regex":
            return {"kind": "text", "check": {"regex": _text(wanted), "search": True}}
        case "starts-with":
            check = {"regex": f"(?s){literal(_text(wanted))}.*"}
            return {"kind": "text", "check": check, "reference": _text(wanted)}
        case kind if kind in _PARTS:
            return _parts([(kind, wanted)])
        case _:
            raise NotConverted(f"its assertion {kind} has no counterpart")


def _parts(asserted: list[tuple[str, Any]]) -> dict[str, Any]:
    """Texts that must be in the answer: of each assertion one, or every one."""
    needed: list[tuple[list[str], bool]] = []
    for kind, wanted in asserted:
        texts = [_text(each) for each in wanted] if is_list(wanted) else _cells(kind, _text(wanted))
        if not texts or not all(texts):
            raise NotConverted(f"its assertion {kind} has no value")
        ignore_case = kind.startswith("i")
        needed += [([text], ignore_case) for text in texts] if kind.endswith("-all") else [(texts, ignore_case)]
    return {"kind": "text", "check": parts_of_answer(needed), "reference": " ".join(texts[0] for texts, _ in needed)}


def _cells(kind: str, text: str) -> list[str]:
    """A list that is written as a text is cells of a table's row."""
    if not kind.endswith(("-any", "-all")):
        return [text]
    return [cell.strip() for row in csv.reader(StringIO(text), skipinitialspace=True) for cell in row]


def _text(value: Any) -> str:
    """As JavaScript writes a number."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else "" if value is None else str(value)


def _schema(wanted: Any) -> Any:
    if isinstance(wanted, str):
        try:
            wanted = yaml_of(wanted, "schema")
        except BadFile:
            raise NotConverted("the schema of its assertion is-json is neither JSON nor YAML") from None
    if not wanted:
        raise NotConverted("its assertion is-json has no schema: any JSON would pass")
    return wanted
