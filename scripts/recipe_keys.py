"""Puts a recipe's keys into docs/recipes.md (a table) and docs/recipe.schema.json, from the settings types.

python scripts/recipe_keys.py            # writes both
python scripts/recipe_keys.py --check    # exit code 1 when one is behind
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from suture.cli.flags import as_typed
from suture.core.plan.recipe import Recipe
from suture.loop.recipe_keys import recipe_keys, recipe_schema

PAGE = Path(__file__).parent.parent / "docs" / "recipes.md"
SCHEMA = PAGE.with_name("recipe.schema.json")
BEGIN, END = "<!-- keys -->\n", "<!-- /keys -->"


def rows() -> Iterator[tuple[str, str, str]]:
    """Key, default and meaning; the meaning of `splits` tells its keys too."""
    keys = recipe_keys()
    of_settings = {key.name.rpartition(".")[0] for key in keys}
    for key in keys:
        if key.name == "schema_version" or key.name.startswith("splits."):
            continue
        if not key.meaning:
            raise SystemExit(f"{key.name}: there is no docstring under this field")
        told_by_its_keys = key.name in of_settings and Recipe.model_fields[key.name].default is not None
        default = "" if key.required or told_by_its_keys else written(key.default)
        values = f" One of {', '.join(f'`{value}`' for value in key.choices)}." if key.choices else ""
        yield key.name, default, key.meaning + values


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
    for key, default, meaning in rows():
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
