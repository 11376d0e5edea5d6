"""Compares what a grader said with what it must say. This source is run by the judge's referee, on plain data."""

from typing import Any


def compare(expected: dict[str, Any], results: list[Any]) -> None:
    """Raises AssertionError where the grader said no, or for a trial the wrong thing."""
    for result in results:
        for wanted, name, found in zip(expected["wanted"], expected["names"], result, strict=True):
            if found is not wanted:
                raise AssertionError(f"{name} {'fails' if wanted else 'passes'}" if name else "the grader says no")
