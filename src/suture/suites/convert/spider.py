"""Spider's layout: rows with ``question``, ``query`` and ``db_id``, and ``database/DB/DB.sqlite`` beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.suites.convert.converter import Choices, Converter, Item, items_of_file
from suture.suites.convert.databases import database_in, first_there, sql_question, tables_of


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    tests = [path.parent / "test_database"] if path.stem.startswith("test") else []
    home = choices.databases or first_there(*tests, path.parent / "database")
    return items_of_file(path, lambda row, number: _row(row, number, home))


def _row(row: dict[str, Any], number: str, home: Path) -> dict[str, Any]:
    name = row["db_id"]
    script = database_in(home, name)
    return {
        "id": number,
        "kind": "sql",
        "prompt": sql_question(tables_of(script), row["question"]),
        "check": {"setup": script, "reference": row["query"]},
        "reference": row["query"],
        "tags": [name],
        "licence": "CC-BY-SA-4.0",
    }


SPIDER = Converter(
    "Spider: dev.json or train_spider.json, with database/ beside it",
    _items,
    fields=("question", "query", "db_id"),
    takes=("databases",),
)
