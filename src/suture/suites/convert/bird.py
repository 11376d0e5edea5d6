"""BIRD's layout: rows with ``question``, ``evidence``, ``SQL`` and ``db_id``, and a directory of databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.suites.convert.converter import Choices, Converter, Item, items_of_file
from suture.suites.convert.databases import database_in, first_there, sql_question, tables_of


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    places = (path.parent / f"{name}_databases" for name in (path.stem, "dev", "train"))
    home = choices.databases or first_there(*places)
    return items_of_file(path, lambda row, number: _row(row, number, home))


def _row(row: dict[str, Any], number: str, home: Path) -> dict[str, Any]:
    name = row["db_id"]
    script = database_in(home, name)
    return {
        "id": f"bird/{row['question_id']}" if "question_id" in row else number,
        "kind": "sql",
        "prompt": sql_question(tables_of(script), row["question"], row.get("evidence") or ""),
        "check": {"setup": script, "reference": row["SQL"]},
        "reference": row["SQL"],
        "tags": [name, *([row["difficulty"]] if row.get("difficulty") else [])],
        "licence": "CC-BY-SA-4.0",
    }


BIRD = Converter(
    "BIRD: dev.json, with dev_databases/ beside it", _items, fields=("question", "SQL", "db_id"), takes=("databases",)
)
