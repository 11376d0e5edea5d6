"""Rows in both benchmarks' field names, and files of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suture.suites.convert.conversion import Conversion, convert
from suture.suites.convert.converter import Choices


def _humaneval_row(**changes: object) -> dict[str, object]:
    return {
        "task_id": "Own/1",
        "prompt": 'import math\n\ndef double(x):\n    """ Twice x. """\n',
        "entry_point": "double",
        "canonical_solution": "    return 2 * x\n",
        "test": "def check(candidate):\n    assert candidate(2) == 4\n",
        **changes,
    }


def _mbpp_row(**changes: object) -> dict[str, object]:
    return {
        "task_id": 1,
        "text": "Write a function to double a number.",
        "code": "def double(x):\r\n    return 2 * x",
        "test_list": ["assert double(2) == 4", "assert double(0) == 0"],
        "test_setup_code": "",
        "challenge_test_list": [],
        **changes,
    }


@pytest.fixture(scope="session")
def humaneval_row() -> Callable[..., dict[str, object]]:
    return _humaneval_row


@pytest.fixture(scope="session")
def mbpp_row() -> Callable[..., dict[str, object]]:
    return _mbpp_row


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Writes lines (rows, or text as it is) to a file."""

    def write(*lines: object, name: str = "own.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
        return path

    return write


@pytest.fixture
def converted(tmp_path: Path) -> Callable[..., Conversion]:
    """Converts a file of rows, or of a text."""

    def from_rows(
        name: str, *rows: object, text: str | None = None, file: str = "rows.jsonl", **choices: Any
    ) -> Conversion:
        path = tmp_path / file
        path.write_text(text if text is not None else "".join(json.dumps(row) + "\n" for row in rows))
        return convert(path, name, Choices(**choices))

    return from_rows
