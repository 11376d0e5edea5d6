"""Reads somebody else's settings by allow list: a key neither read nor known to be without effect is refused."""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, UsageError
from suture.core.json_types import is_object

_SHOWN = 60
MOST = 1 << 31
"""No size, count or id of a model is greater."""


class Stated:
    """The settings of one file. Every key that is asked for counts as read; ``null`` counts as not stated.

    Args:
        file: the person's own file, which every complaint names.
        helps: what to do about a setting that is refused, where nothing better is known; given the setting's name.
        within: where in the file ``values`` lies, put before every key that is named.
    """

    def __init__(self, values: Mapping[str, Any], file: Path, *, helps: Callable[[str], str], within: str = "") -> None:
        self.file, self._values, self._helps, self._within = file, values, helps, within
        self._read: set[str] = set()

    def part(self, key: str) -> "Stated":
        """The settings under ``key``, empty where it is not stated. Raises BadFile: it holds something else."""
        values = self.get(key, {})
        if not is_object(values):
            raise BadFile(
                f"{self.file}: {self._named(key)} is {shown(values)}, no group of settings", mend="correct it"
            )
        return Stated(values, self.file, helps=self._helps, within=f"{self._named(key)}.")

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) is not None

    def stated(self) -> list[str]:
        """Every key that has a value."""
        return [key for key, value in self._values.items() if value is not None]

    def get(self, key: str, default: Any = None) -> Any:
        self._read.add(key)
        value = self._values.get(key)
        return default if value is None else value

    def whole(self, key: str, default: int | None = None, *, least: int = 1, most: int = MOST) -> int:
        """Raises BadFile: not stated where it must be, or no whole number from ``least`` to ``most``."""
        value = self.get(key, default)
        if value is None:
            raise self.missing(key)
        if type(value) is not int or not least <= value <= most:
            raise BadFile(f"{self.file}: {self._named(key)} is {shown(value)}, which cannot be", mend="correct it")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Raises BadFile: not stated where it must be, or no positive number."""
        value = self.get(key, default)
        if value is None:
            raise self.missing(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise BadFile(f"{self.file}: {self._named(key)} is {shown(value)}, which cannot be", mend="correct it")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """Raises BadFile: neither true nor false."""
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise BadFile(f"{self.file}: {self._named(key)} is {shown(value)}, not true or false", mend="correct it")
        return value

    def text(self, key: str, default: str | None = None) -> str | None:
        """Raises BadFile: something other than text."""
        value = self.get(key, default)
        if value is not None and not isinstance(value, str):
            raise BadFile(f"{self.file}: {self._named(key)} is {shown(value)}, no text", mend="correct it")
        return value

    def only(self, *allowed: Any, keys: Collection[str], why: str = "") -> None:
        """Refuse each of ``keys`` that is stated with a value outside ``allowed``.

        Raises:
            UsageError: such a key, by name.
        """
        for key in keys:
            value = self.get(key)
            if value is not None and not any(_same(value, one) for one in allowed):
                raise self.refused(key, why or f"only {' or '.join(map(shown, allowed))} is carried over")

    def finish(self, without_effect: Collection[str], *, why: str = "Suture does not know what that changes") -> None:
        """Raises UsageError: a key that is stated, was not read, and is not known to be without effect."""
        for key in self.stated():
            if key not in self._read and key not in without_effect:
                raise self.refused(key, why)

    def refused(self, key: str, why: str, *, mend: str | None = None) -> UsageError:
        """A complaint that names the file, the key and its value."""
        return UsageError(
            f"{self.file}: {self._named(key)} is {shown(self._values.get(key))}: {why}",
            mend=mend or self._helps(self._named(key)),
        )

    def missing(self, key: str) -> BadFile:
        return BadFile(
            f"{self.file} does not state {self._named(key)}", mend="put it there, as the model was made with it"
        )

    def _named(self, key: str) -> str:
        return self._within + key


def shown(value: Any) -> str:
    """A value as its file spells it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _same(value: Any, other: Any) -> bool:
    """Equal, with true and 1 told apart."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)
