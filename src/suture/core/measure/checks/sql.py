"""The check of kind ``sql``: a query's rows equal those of the reference query."""

from typing import Any, Literal

from pydantic import Field, field_validator

from suture.core.frozen import Frozen
from suture.core.measure.checks.python import Limits


class SqlCheck(Frozen):
    """Attributes:
    setup: scripts that each make one SQLite database; a query must be right on every one.
    reference: a right query. Its rows count in order where it orders them at its top level.
    columns: ``place``: the first with the first, names ignored; ``any``: some order of the columns fits all rows.
    ties: ``any``: rows that the reference's ORDER BY leaves equal may come in any order.
    allow_empty: the reference may give no rows.
    any_rows: a query only has to run.
    """

    kind: Literal["sql"] = "sql"
    setup: tuple[str, ...] = Field(min_length=1)
    reference: str
    columns: Literal["place", "any"] = "place"
    ties: Literal["refused", "any"] = "refused"
    allow_empty: bool = False
    any_rows: bool = Field(default=False, exclude_if=lambda value: not value)
    limits: Limits = Limits(cpu_s=5.0)

    @field_validator("setup", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @property
    def evidence(self) -> Any:
        """What decides, as plain JSON: equal for the same check under two names."""
        return self.model_dump(mode="json", exclude={"limits"})
