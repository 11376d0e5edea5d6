"""Inputs that a generated function is tried on."""

from suture.suites.generated.choice import Choices
from suture.suites.generated.grammar.steps import Value

VOCABULARY = (
    *("apple", "river", "stone", "cloud", "tree", "ear", "lamp", "ocean", "note", "star", "road", "tea", "orange"),
    *("rest", "area", "sun", "table", "echo", "otter", "raft", "moss", "idea", "toast", "seed", "level", "noon"),
)
Given = list[int] | list[str] | str | int


def chosen_input(value: Value, choices: Choices) -> Given:
    """An input of this sort, such as ``[4, -7, 12, 4]`` or ``"river Stone 42"``."""
    if value is Value.NUMBERS:
        numbers = [choices.between(-12, 30) for _ in range(choices.between(4, 7))]
        return [*numbers, choices.pick(numbers)] if choices.chance(2) else numbers
    words = [choices.pick(VOCABULARY) for _ in range(choices.between(3, 5))]
    if value is Value.WORDS:
        return words
    if value is Value.TEXT:
        dressed = [word.capitalize() if choices.chance(3) else word for word in words]
        return " ".join([*dressed, str(choices.between(1, 99))] if choices.chance(2) else dressed)
    return choices.between(2, 240)
