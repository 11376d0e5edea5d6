"""One domain of extraction: a schema, a way to make records, and a text for each part of the suite."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from suture.suites.generated import content
from suture.suites.generated.choice import Choices
from suture.suites.generated.parts import PARTS, of_part


class Record(NamedTuple):
    """Attributes:
    value: what is to be extracted.
    words: how it is said, by the names that texts use; a name begins with the key of ``value`` that it says.
    """

    value: Mapping[str, Any]
    words: Mapping[str, str]

    @classmethod
    def of(cls, value: Mapping[str, Any], **words: str) -> "Record":
        """Every key is said as its value is written, unless ``words`` say it otherwise."""
        return cls(value, {key: str(said) for key, said in value.items()} | words)


class Content:
    """The names that one part of the suite may use."""

    def __init__(self, part: int) -> None:
        def mine(items: Sequence[str]) -> Sequence[str]:
            return of_part(items, part)

        self.first_names = mine(content.FIRST_NAMES)
        self.surnames = mine(content.SURNAMES)
        self.cities = mine(content.CITIES)
        self.streets = mine(content.STREETS)
        self.companies = mine(content.COMPANIES)
        self.products = mine(content.PRODUCTS)
        self.jobs = mine(content.JOBS)
        self.dishes = mine(content.DISHES)
        self.ingredients = mine(content.INGREDIENTS)
        self.problems = mine(content.PROBLEMS)

    def person(self, choices: Choices) -> str:
        return f"{choices.pick(self.first_names)} {choices.pick(self.surnames)}"


@dataclass(frozen=True)
class Domain:
    """Attributes:
    properties: JSON Schema of each key; every key is required and no other is allowed.
    record: makes one record.
    texts: one a part, with the names of ``Record.words`` in braces.
    """

    name: str
    properties: Mapping[str, Any]
    record: Callable[[Choices, Content], Record]
    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.texts) != PARTS:
            raise ValueError(f"domain {self.name} has {len(self.texts)} texts, not {PARTS}")

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": dict(self.properties),
            "required": list(self.properties),
            "additionalProperties": False,
        }


TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NUMBER = {"type": "number"}
YES_OR_NO = {"type": "boolean"}
DATE = {"type": "string", "description": "YYYY-MM-DD"}
TIME = {"type": "string", "description": "HH:MM, 24 hours"}


def one_of(*names: str) -> dict[str, Any]:
    return {"enum": list(names)}
