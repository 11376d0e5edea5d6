"""The check of kind ``text``: the answer is a text, a number, one of several choices, or fits a pattern."""

from decimal import Decimal
from typing import Any, Literal, cast

from pydantic import Field, StrictBool, field_validator, model_validator

from suture.core.frozen import Frozen
from suture.core.measure.checks.true_is_no_number import true_is_no_number

LARGEST_EXPONENT = 10_000
"""Of a wanted number, and of how far it may be off: no answer is as long as one that is larger."""
DECIDING = ("exact", "one_of", "contains", "number", "choice", "regex")


class TextCheck(Frozen):
    """Exactly one of ``exact``, ``one_of``, ``contains``, ``number``, ``choice`` and ``regex`` is given.

    Attributes:
        exact: the whole answer.
        one_of: whole answers; each of them is right, or only ``target`` where that is given.
        target: the right one of ``one_of``: the others are the labels it may be mistaken for.
        contains: words that must all be in the answer, as whole words.
        not_contains: words that must not be.
        number: the wanted value.
        where: which number of the answer counts: it must be the ``only`` thing in it, the ``last`` one, or the first
            one ``after`` the ``marker``.
        percent: a percent sign may follow the number.
        abs_tol, rel_tol: how far the number may be off, absolutely or relative to the wanted one; the larger counts.
        choice: the label of the right one of ``options``.
        options: texts by label; a list has the labels A, B, C and so on.
        regex: a pattern (RE2) that the whole answer fits.
        search: it is enough that a part of the answer fits the pattern.
        strip: white space at the ends does not count, and within counts as one blank. Only a pattern can do without.
        ignore: what does not count: ``case``, ``punctuation``.
    """

    kind: Literal["text"] = "text"
    exact: str | None = None
    one_of: tuple[str, ...] | None = None
    target: str | None = None
    contains: tuple[str, ...] | None = None
    not_contains: tuple[str, ...] = ()
    number: Decimal | None = Field(default=None, allow_inf_nan=False)
    where: Literal["only", "last", "after"] = "only"
    marker: str | None = None
    percent: StrictBool = False
    abs_tol: Decimal = Field(default=Decimal(0), ge=0, allow_inf_nan=False)
    rel_tol: Decimal = Field(default=Decimal(0), ge=0, allow_inf_nan=False)
    choice: str | None = None
    options: dict[str, str] = Field(default_factory=dict[str, str])
    regex: str | None = None
    search: StrictBool = False
    strip: StrictBool = True
    ignore: tuple[Literal["case", "punctuation"], ...] = ()

    @field_validator("contains", "not_contains", mode="before", json_schema_input_type=str | tuple[str, ...] | None)
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    _numbers = field_validator("number", "abs_tol", "rel_tol", mode="before")(true_is_no_number)

    @field_validator("number", "abs_tol", "rel_tol")
    @classmethod
    def _of_a_size_that_can_be_computed(cls, value: Decimal | None) -> Decimal | None:
        if value and abs(value.adjusted()) > LARGEST_EXPONENT:
            raise ValueError(f"a number beyond 1e{LARGEST_EXPONENT} or below 1e-{LARGEST_EXPONENT}")
        return value

    @field_validator("options", mode="before", json_schema_input_type=dict[str, str] | list[str])
    @classmethod
    def _labelled(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        texts = cast("list[object]", value)
        if len(texts) > 26:
            raise ValueError("more than 26 options: give their labels")
        return {chr(ord("A") + at): text for at, text in enumerate(texts)}

    @model_validator(mode="after")
    def _one_thing_decides(self) -> "TextCheck":
        given = [name for name in DECIDING if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a text check needs one of {', '.join(DECIDING)}; it has {', '.join(given) or 'none'}")
        for option, owner in _OWNERS.items():
            if getattr(self, option) != _DEFAULTS[option] and getattr(self, owner) is None:
                raise ValueError(f"`{option}` is of use only with `{owner}`")
        if (self.where == "after") != (self.marker is not None):
            raise ValueError('`marker` and `where: "after"` are given together')
        return self

    @property
    def evidence(self) -> Any:
        """What decides, as plain JSON: equal for the same check under two names."""
        return self.model_dump(mode="json", exclude_defaults=True)


_OWNERS = {
    "target": "one_of", "not_contains": "contains", "options": "choice", "search": "regex", "strip": "regex",
    "where": "number", "marker": "number", "percent": "number", "abs_tol": "number", "rel_tol": "number",
}  # fmt: skip
_DEFAULTS = {name: TextCheck.model_fields[name].get_default(call_default_factory=True) for name in _OWNERS}
