"""One call as an answer makes it, and why a text makes none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """``arguments`` hold JSON values with numbers as Decimal."""

    name: str
    arguments: Mapping[str, Any]


class NoCalls(ValueError):
    """Says in one line why a text is no list of calls."""
