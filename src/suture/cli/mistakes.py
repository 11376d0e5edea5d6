"""Says in one line what was typed wrongly, in the words it was typed in."""

import re
from typing import TYPE_CHECKING

from cyclopts import CycloptsError
from pydantic import ValidationError

from suture.cli.flags import dashed
from suture.core.errors import UsageError
from suture.files.recipe_file import complaint_of, first_problem

if TYPE_CHECKING:
    from cyclopts import Argument


def mistake_in(error: Exception) -> UsageError | None:
    """The complaint about an unknown option, a missing one or a value out of range; None for any other error."""
    if isinstance(error, ValidationError):
        return UsageError(_in_flags(error, {}))
    if not isinstance(error, CycloptsError):
        return None
    if isinstance(error.__cause__, ValidationError):
        message = _in_flags(error.__cause__, _flags(error.argument))
    else:
        message = " ".join(str(error).split())
    return UsageError(message, mend=" ".join(["suture", *(error.command_chain or ()), "--help"]))


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
