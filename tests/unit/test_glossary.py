"""Every type that the glossary names is defined in the file it names, and every word has one row."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| `(\w+)`, `([\w/.]+)` \|$")
LINES = (ROOT / "docs" / "glossary.md").read_text().splitlines()
ROWS = [match.groups() for match in map(ROW.match, LINES) if match]


def test_every_row_is_read():
    assert len(ROWS) == sum(line.startswith("| ") and not line.startswith("| word ") for line in LINES)
    assert len(ROWS) > 50


@pytest.mark.parametrize(("word", "name", "file"), ROWS)
def test_a_word_leads_to_its_type(word, name, file):
    tree = ast.parse((ROOT / "src" / "suture" / file).read_text())
    defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    assert name in defined, word


def test_a_word_has_one_row():
    words = [word for row in ROWS for word in row[0].split(", ")]
    assert len(words) == len(set(words))
