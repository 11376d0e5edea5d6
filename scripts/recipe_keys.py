"""Puts a recipe's keys into docs/recipes.md (a table) and docs/recipe.schema.json, from the settings types.

python scripts/recipe_keys.py            # writes both
python scripts/recipe_keys.py --check    # exit code 1 when one is behind
"""

import json
import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from suture.cli.flags import as_typed
from suture.core.plan.recipe import Recipe
from suture.loop.recipe_keys import docs_of, recipe_schema

PAGE = Path(__file__).parent.parent / "docs" / "recipes.md"
SCHEMA = PAGE.with_name("recipe.schema.json")
BEGIN, END = "<!-- keys -->\n", "<!-- /keys -->"


def rows(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Key, default and meaning; a key of settings stands before the keys in it."""
    docs = docs_of(model)
    for name, field in model.model_fields.items():
        if name == "schema_version":
            continue
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if is_settings(kind)]
        default = (
            ""
            if field.is_required() or (inner and field.default is not None)
            else written(field.get_default(call_default_factory=True))
        )
        yield prefix + name, default, docs[name] + values(field.annotation)
        if name != "splits":
            for kind in inner:
                yield from rows(kind, f"{prefix}{name}.")


def is_settings(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def values(annotation: object) -> str:
    """The closed set of values a key may have, in a sentence."""
    if not (isinstance(annotation, type) and issubclass(annotation, Enum)):
        return ""
    return f" One of {', '.join(f'`{member.value}`' for member in annotation)}."


def written(default: object) -> str:
    if default is None:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return f"`[{', '.join(str(as_typed(item)) for item in default)}]`"
    return f"`{as_typed(default)}`" if isinstance(default, str) else str(as_typed(default) or "`{}`")


def table() -> str:
    lines = ["| key | default | meaning |", "|---|---|---|"]
    for key, default, meaning in rows(Recipe):
        linked = re.sub(r"`docs/(\w+)\.md`", r"[\1](\1.md)", meaning).replace("|", "\\|")
        lines.append(f"| `{key}` | {default} | {linked} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + BEGIN + table() + END + after
    schema = json.dumps(recipe_schema(), indent=2, ensure_ascii=False) + "\n"
    if "--check" in sys.argv:
        return int(text != wanted or SCHEMA.read_text() != schema)
    PAGE.write_text(wanted)
    SCHEMA.write_text(schema)
    return 0


if __name__ == "__main__":
    sys.exit(main())
