"""Dates, times and amounts, as values and as people write them: each can be read in one way only."""

from suture.suites.generated.choice import Choices
from suture.suites.generated.content import MONTHS

_MORNING_ENDS = 12


def date(choices: Choices, key: str) -> tuple[str, dict[str, str]]:
    """A day as ``YYYY-MM-DD``, and words: ``{key}_long`` 3 March 2026, ``{key}_us`` March 3, 2026, ``{key}_iso``."""
    year, month, day = choices.between(2024, 2028), choices.between(1, 12), choices.between(1, 28)
    iso, name = f"{year}-{month:02}-{day:02}", MONTHS[month - 1]
    return iso, {
        f"{key}_long": f"{day} {name} {year}",
        f"{key}_us": f"{name} {day}, {year}",
        f"{key}_iso": iso,
    }


def time(choices: Choices, key: str) -> tuple[str, dict[str, str]]:
    """A time as ``HH:MM``, and words: ``{key}_24`` 14:30, ``{key}_12`` 2:30 pm."""
    hour, minute = choices.between(7, 20), choices.pick((0, 10, 15, 20, 30, 40, 45, 50))
    half = "am" if hour < _MORNING_ENDS else "pm"
    written = f"{hour:02}:{minute:02}"
    return written, {f"{key}_24": written, f"{key}_12": f"{(hour - 1) % 12 + 1}:{minute:02} {half}"}


def amount(choices: Choices, key: str, *, most: int) -> tuple[float, dict[str, str]]:
    """An amount with two decimals, and words: ``{key}`` 1250.50, ``{key}_grouped`` 1,250.50."""
    cents = choices.between(2, most) * 100 + choices.pick((0, 25, 40, 50, 75, 90, 95, 99))
    return cents / 100, {key: f"{cents / 100:.2f}", f"{key}_grouped": f"{cents / 100:,.2f}"}


def yes_or_no(choices: Choices, key: str, yes: str, no: str) -> tuple[bool, dict[str, str]]:
    """True or false, and the words that say which."""
    chosen = choices.chance(2)
    return chosen, {key: yes if chosen else no}
