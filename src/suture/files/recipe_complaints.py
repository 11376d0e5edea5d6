"""Says in plain words what is wrong with a value of a recipe or of an option."""

import re
from typing import TYPE_CHECKING

from pydantic import ValidationError

from suture.core.nearest import nearest
from suture.files.complaints import wanted_by

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_SORTS = {
    "list": "a list is wanted",
    "settings": "settings are wanted, each with its key",
    "part": "a part of one is wanted, such as 0.05",
    "name": "a name has small letters, digits, and . _ - between them",
    "sha256": "64 digits of 0-9 and a-f are wanted, as sha256sum prints them",
}
_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
"""Pydantic's type of an error, where it keeps the limit, and words for it."""


def first_problem(error: ValidationError) -> "ErrorDetails":
    """The one to name: an unknown key before what may follow from it, and what is wrong with a member of a list before
    that the list is then too short."""
    errors = error.errors()
    rest = [problem for problem in errors if problem["type"] != "too_short"]
    return next((problem for problem in errors if problem["type"] == "extra_forbidden"), (rest or errors)[0])


def complaint_of(problem: "ErrorDetails") -> str:
    """Say what is wrong with a value, without saying where."""
    if problem["input"] is None and problem["loc"]:
        return "it has no value"
    if problem["type"] == "enum":
        expected = str(problem.get("ctx", {}).get("expected", ""))  # "'naive', 'replay' or 'replay+kl'"
        choices = re.findall(r"'([^']*)'", expected)
        near = nearest(str(problem["input"]), choices)
        hint = f"did you mean {near!r}?" if near is not None else f"known: {', '.join(choices)}"
        return f"unknown value {problem['input']!r}; {hint}"
    message = _SORTS.get(sort_wanted(problem)) or _limit(problem) or _plain(problem)
    return f"{message} (got {problem['input']!r})" if problem["loc"] else message  # of the value as a whole


def sort_wanted(problem: "ErrorDetails") -> str:
    """The sort of value that is wanted, where what was written may tell what it was to be."""
    if problem["type"] in ("list_type", "tuple_type", "set_type"):
        return "list"
    if problem["type"] in ("model_type", "model_attributes_type", "dataclass_type"):
        return "settings"
    if problem["type"] in ("less_than", "less_than_equal"):
        return "part" if 1 in problem.get("ctx", {}).values() else ""
    if problem["type"] == "float_parsing" and str(problem["input"]).strip().endswith("%"):
        return "part"
    if problem["type"] != "string_pattern_mismatch":
        return ""
    return "sha256" if "sha256" in str(problem["loc"][-1]) else "name"


def _limit(problem: "ErrorDetails") -> str:
    if problem["type"] not in _LIMITS:
        return ""
    key, words = _LIMITS[problem["type"]]
    return f"{words} {problem.get('ctx', {}).get(key):g} is wanted"


def _plain(problem: "ErrorDetails") -> str:
    wanted = wanted_by(problem["type"])
    return problem["msg"].removeprefix("Value error, ") if wanted is None else f"{wanted} is wanted"
