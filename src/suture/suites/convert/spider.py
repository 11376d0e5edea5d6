"""Spider's layout: rows with ``question``, ``query`` and ``db_id``, and ``database/DB/DB.sqlite`` beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.suites.convert.converter import Choices, Converter, Item, items_of_file
from suture.suites.convert.databases import script_of, sql_question, tables_of


def _items(path: Path, choices: Choices) -> Iterator[Item]:
    home = choices.databases or path.parent / "database"
    return items_of_file(path, lambda row, number: _row(row, number, home))


def _row(row: dict[str, Any], number: str, home: Path) -> dict[str, Any]:
    name = row["db_id"]
    script = script_of(home / name / f"{name}.sqlite")
    return {
        "id": number,
        "kind": "sql",
        "prompt": sql_question(tables_of(script), row["question"]),
        "check": {"setup": script, "reference": row["query"]},
        "reference": row["query"],
        "tags": [name],
        "licence": "CC-BY-SA-4.0",
    }


SPIDER = Converter("Spider: dev.json or train_spider.json, with database/ beside it", _items, takes=("databases",))
