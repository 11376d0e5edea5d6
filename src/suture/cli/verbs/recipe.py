"""``suture recipe show [KEY]`` and ``suture recipe schema``."""

import json
from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.flags import as_typed
from suture.cli.options import Common
from suture.cli.output import emit, table
from suture.core.errors import ExitCode
from suture.loop.recipe_keys import RecipeKey, recipe_key, recipe_keys, recipe_schema

recipe_app = App(name="recipe", help="Explain the keys of a recipe, or print its JSON Schema.")


@recipe_app.command
def show(
    key: Annotated[str | None, Parameter(help="One key, such as train.lr; default all.")] = None,
    /,
    *,
    common: Common | None = None,
) -> int:
    """Say what a key of a recipe means, what it is when left out, and which values it takes.

    Exit code: 0 done, 2 there is no such key.

    Example: suture recipe show train.lr
    """
    common = common or Common()
    keys = recipe_keys() if key is None else [recipe_key(key)]
    told = [{**found._asdict(), "default": as_typed(found.default), "choices": list(found.choices)} for found in keys]
    rows = [[found.name, _default(found), found.meaning] for found in keys]
    text = table(["key", "when left out", "meaning"], rows, words=True) if key is None else _one(keys[0])
    emit({"keys": told}, text, as_json=common.json)
    return int(ExitCode.DONE)


@recipe_app.command
def schema(*, common: Common | None = None) -> int:
    """Print the JSON Schema (2020-12) of a recipe, for editors and other validators.

    With the YAML extension of VS Code, the first line of a recipe can name it:
    `# yaml-language-server: $schema=recipe.schema.json`.

    Example: suture recipe schema
    """
    found = recipe_schema()
    emit(found, json.dumps(found, indent=2, ensure_ascii=False), as_json=(common or Common()).json)
    return int(ExitCode.DONE)


def _one(key: RecipeKey) -> str:
    lines = [f"{key.name}: {key.meaning}", f"when left out: {_default(key)}"]
    if key.choices:
        lines.append(f"one of: {', '.join(key.choices)}")
    return "\n".join(lines)


def _default(key: RecipeKey) -> str:
    if key.required:
        return "it has to be written"
    if isinstance(key.default, bool):
        return str(key.default).lower()
    return as_typed(key.default) or "-"
