"""Flags made from the fields of a settings type: each field is one, its docstring is its help."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, cast, get_args

from cyclopts import Parameter
from pydantic import BaseModel


def flags_of(settings: type[BaseModel], names: Mapping[str, str] | None = None) -> Parameter:
    """Annotate a verb's argument of type ``settings``: ``Annotated[TrainSettings, flags_of(TrainSettings)]``.

    Args:
        names: flags that are not called as their field is, by field, without dashes.
    """
    values = {member.name: str(member.value) for kind in _enums(settings) for member in kind}
    spelled = {**values, **(names or {})}
    return Parameter(name="*", name_transform=lambda name: spelled.get(name, dashed(name)))


def dashed(name: str) -> str:
    """Return a field's name on the command line: ``max_len`` is ``max-len``."""
    return name.replace("_", "-")


def as_typed(default: object) -> str | None:
    """A default value as a person would type it; None for a switch that is off, and for what has none."""
    if default is None or default is False or default == ():
        return None
    if isinstance(default, list | tuple):
        items = cast("Sequence[object]", default)
        return " ".join(str(as_typed(item)) for item in items)
    return str(default.value if isinstance(default, Enum) else default)


def _enums(settings: type[BaseModel]) -> Iterator[type[Enum]]:
    """The closed sets of values among the types of the fields; cyclopts would show their names."""
    for field in settings.model_fields.values():
        yield from _enums_in(field.annotation)


def _enums_in(annotation: Any) -> Iterator[type[Enum]]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for part in get_args(annotation):
        yield from _enums_in(part)
