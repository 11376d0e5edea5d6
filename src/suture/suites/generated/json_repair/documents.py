"""Fills the shapes of documents with values of their part."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from suture.suites.generated.choice import Choices
from suture.suites.generated.extraction.domain import Content


def filled(shape: Any, choices: Choices, content: Content) -> Any:
    """A value of this shape."""
    match shape:
        case dict():
            return {key: filled(inner, choices, content) for key, inner in cast("dict[str, Any]", shape).items()}
        case list():
            return [filled(inner, choices, content) for inner in cast("list[Any]", shape)]
        case str():
            return _MAKERS[shape](choices, content)
        case _:
            return shape


_MAKERS: Mapping[str, Callable[[Choices, Content], Any]] = {
    "@person": lambda choices, content: content.person(choices),
    "@city": lambda choices, content: choices.pick(content.cities),
    "@street": lambda choices, content: f"{choices.pick(content.streets)} Street",
    "@company": lambda choices, content: choices.pick(content.companies),
    "@job": lambda choices, content: choices.pick(content.jobs),
    "@dish": lambda choices, content: choices.pick(content.dishes),
    "@ingredient": lambda choices, content: choices.pick(content.ingredients),
    "@product": lambda choices, content: choices.pick(content.products),
    "@word": lambda choices, content: choices.pick(content.streets).lower(),
    "@code": lambda choices, content: f"{choices.pick(content.streets)[0]}{choices.between(100, 999)}",
    "@flag": lambda choices, content: choices.chance(2),
    "@small": lambda choices, content: choices.between(1, 99),
    "@large": lambda choices, content: choices.between(100, 9999),
    "@decimal": lambda choices, content: choices.between(11, 989) / 10,
    "@quote": lambda choices, content: f'The "{choices.pick(content.streets)} {choices.pick(content.cities)}" story',
    "@possessive": lambda choices, content: f"{choices.pick(content.first_names)}'s {choices.pick(content.products)}",
    "@lines": lambda choices, content: (
        f"Dear {choices.pick(content.first_names)},\nsee you in {choices.pick(content.cities)}."
    ),
}
