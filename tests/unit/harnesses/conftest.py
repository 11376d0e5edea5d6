"""Files as other harnesses write them."""

import json

import pytest

from suture.harnesses.opened import Choices
from suture.harnesses.read import read_results


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        rows = content if isinstance(content, list) else None
        path.write_text("".join(json.dumps(row) + "\n" for row in rows) if rows is not None else json.dumps(content))
        return path

    return write


@pytest.fixture
def verdicts(write):
    """Verdict keys by task of each sheet in a file."""

    def verdicts(name, content, **choices):
        sheets = read_results(write(name, content), Choices(**choices)).sheets
        return [{task_id: entry.verdict.key for task_id, entry in sheet.entries.items()} for sheet in sheets]

    return verdicts
