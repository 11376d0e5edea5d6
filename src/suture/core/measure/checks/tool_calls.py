"""The check of kind ``tool-calls``: the answer calls the wanted functions with allowed arguments, or none at all."""

import json
from typing import Any, Literal, cast

from pydantic import Field, model_validator

from suture.core.frozen import Frozen
from suture.core.json_types import json_text

EXACT = "exact"
BFCL = "bfcl-ast@2026.3.23"
"""The rule of the Berkeley Function-Calling Leaderboard's checker (Patil et al., 2025), as that release has it."""
OFFERED = "offered"
"""What a prompt with tools shows in itself: whatever is called was offered. ``calls`` are not looked at."""


class ToolCallsCheck(Frozen):
    """``calls`` are given as values and kept as one JSON text. A call is ``{"name": F, "arguments": {P: VALUE}}``, or
    ``{F: {P: [VALUE, ...]}}`` with every allowed value of each parameter, at every depth of objects, where ``""`` says
    that the parameter may be left out.

    Attributes:
        rule: how values are compared: ``exact`` is equality of JSON values; ``bfcl-ast@2026.3.23`` agrees with the
            official checker, which is laxer; ``offered`` holds an answer to the tools alone.
        calls_text: the wanted calls; an empty list says that nothing may be called.
        optional: parameters of any wanted call that may be left out.
    """

    kind: Literal["tool-calls"] = "tool-calls"
    rule: Literal["exact", "bfcl-ast@2026.3.23", "offered"] = "exact"
    calls_text: str
    optional: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)

    @model_validator(mode="before")
    @classmethod
    def _calls_as_text(cls, row: object) -> object:
        if not isinstance(row, dict):
            return row
        fields = cast("dict[str, Any]", row)
        if "calls" not in fields:
            return fields
        calls: Any = fields["calls"]
        if not isinstance(calls, list):
            raise ValueError("`calls` is a list of calls; an empty one says that nothing may be called")  # noqa: TRY004
        text = json_text([_call(call) for call in cast("list[Any]", calls)])
        return {name: value for name, value in fields.items() if name != "calls"} | {"calls_text": text}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the wanted functions, one a call."""
        calls: list[dict[str, Any]] = json.loads(self.calls_text)
        return tuple(call["name"] if "name" in call else next(iter(call)) for call in calls)

    @property
    def evidence(self) -> Any:
        """What decides, as plain JSON: equal for the same check under two names."""
        return self.model_dump(mode="json")


def _call(call: object) -> Any:
    """Raises ValueError: neither form of a wanted call."""
    fields = cast("dict[str, Any]", call) if isinstance(call, dict) else {}
    inner: Any = fields.get("arguments") if "name" in fields else next(iter(fields.values()), None)
    if not isinstance(inner, dict) or (fields.keys() != {"name", "arguments"} and len(fields) != 1):
        raise ValueError('a wanted call is {"name": F, "arguments": {P: VALUE}} or {F: {P: [VALUE, ...]}}')
    if not isinstance(fields.get("name", ""), str):
        raise ValueError(f"the name of a wanted call is no text: {fields['name']!r}")  # noqa: TRY004
    if "name" not in fields:
        for parameter, options in cast("dict[str, Any]", inner).items():
            if not isinstance(options, list):
                raise ValueError(f"parameter {parameter!r} of a wanted call needs a list of allowed values")  # noqa: TRY004
    return fields
