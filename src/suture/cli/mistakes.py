"""Says in one line what was typed wrongly, in the words it was typed in."""

import re
from typing import TYPE_CHECKING

from cyclopts import CycloptsError, UnusedCliTokensError
from pydantic import ValidationError

from suture.cli.flags import dashed
from suture.core.errors import UsageError
from suture.files.recipe_complaints import complaint_of, first_problem

if TYPE_CHECKING:
    from cyclopts import Argument


_RUNS = ("runs are listed by `suture report --list`", "suture report --list")
_MEASURE = ("a model is measured by `suture bench`", "suture bench --help")
_REPAIR = ("a model is repaired by `suture heal`", "suture heal --help")
_OTHERS = {
    **dict.fromkeys(("status", "runs", "ps", "ls", "list", "log", "logs", "history", "jobs"), _RUNS),
    **dict.fromkeys(("eval", "evaluate", "test", "measure", "benchmark"), _MEASURE),
    **dict.fromkeys(("repair", "fix", "finetune", "fine-tune", "tune", "run"), _REPAIR),
    **dict.fromkeys(("models", "packs"), ("models are listed by `suture registry list`", "suture registry list")),
    **dict.fromkeys(("studio", "ui", "web", "open"), ("pages are shown by `suture view`", "suture view --help")),
    **dict.fromkeys(("help", "usage"), ("verbs are listed by `suture --help`", "suture --help")),
}
"""Verbs that other programs have, with what is done here in their place."""


def verb_of_others(verb: str) -> UsageError | None:
    """The complaint about a verb that other programs have, which names the verb of this one; None for any other."""
    if verb not in _OTHERS:
        return None
    says, mend = _OTHERS[verb]
    return UsageError(f"unknown verb {verb!r}; {says}", mend=mend)


def mistake_in(error: Exception) -> UsageError | None:
    """The complaint about an unknown option, a missing one or a value out of range; None for any other error."""
    if isinstance(error, ValidationError):
        return UsageError(_in_flags(error, {}))
    if not isinstance(error, CycloptsError):
        return None
    if isinstance(error.__cause__, ValidationError):
        message = _in_flags(error.__cause__, _flags(error.argument))
    elif isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        message = _too_many(error.unused_tokens)
    else:
        message = " ".join(str(error).split())
    return UsageError(message, mend=" ".join(["suture", *(error.command_chain or ()), "--help"]))


def _too_many(words: list[str]) -> str:
    told = f"{words[0]!r} is one word too many"
    if len(words) > 1:
        told = f"{', '.join(map(repr, words))} are {len(words)} words too many"
    return f"{told}: an option that takes several is written before each, as in --suite A --suite B"


def _flags(settings: "Argument | None") -> dict[str, str]:
    """The flag of each field."""
    return {argument.keys[-1]: argument.name for argument in settings.children} if settings else {}


def _in_flags(error: ValidationError, flags: dict[str, str]) -> str:
    problem = first_problem(error)
    complaint = complaint_of(problem)
    if problem["loc"]:
        field = str(problem["loc"][0])
        return f"{flags.get(field, f'--{dashed(field)}')}: {complaint}"
    names = "|".join(sorted(flags, key=len, reverse=True))
    return re.sub(rf"\b({names})\b", lambda found: flags[found[0]], complaint) if names else complaint
