"""The keys of a recipe, with their meaning: for people, and as a JSON Schema for editors."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import BaseModel

from suture.core.errors import UnknownName
from suture.core.plan.recipe import Recipe
from suture.files.recipe_hints import dotted_keys, meant_by, settings_in

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class RecipeKey(NamedTuple):
    """Attributes:
    default: None where the key has to be written, or has no default.
    choices: the only values there are, if there are only some.
    """

    name: str
    meaning: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()


def docs_of(model: type[BaseModel]) -> dict[str, str]:
    """The docstring under each field, in one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    body = next(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
            case _:
                pass
    return found


def recipe_keys() -> list[RecipeKey]:
    """Every key of a recipe, those of settings within settings after a dot."""
    return list(_keys(Recipe, ""))


def recipe_key(name: str) -> RecipeKey:
    """Raises UnknownName: there is no such key."""
    found = {key.name: key for key in recipe_keys()}
    if name not in found:
        meant = meant_by(name, Recipe)
        if meant:
            raise UnknownName("key", name, [meant], mend=f"suture recipe show {meant}")
        raise UnknownName("key", name, dotted_keys(Recipe))
    return found[name]


def recipe_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a recipe, with what each key means."""
    schema: dict[str, Any] = Recipe.model_json_schema()
    models = {model.__name__: model for model in (Recipe, *_all_settings(Recipe))}
    for name, part in {Recipe.__name__: schema, **schema.get("$defs", {})}.items():
        if name in models:
            told = docs_of(models[name])
            for field, described in part.get("properties", {}).items():
                if field in told:
                    described["description"] = told[field]
    return {"$schema": DIALECT, **schema}


def _keys(model: type[BaseModel], prefix: str) -> Iterator[RecipeKey]:
    told = docs_of(model)
    for name, field in model.model_fields.items():
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        inner = list(settings_in(field.annotation))
        yield RecipeKey(
            name=prefix + name,
            meaning=told.get(name, ""),
            default=None if inner else default,
            required=field.is_required(),
            choices=_choices(field.annotation),
        )
        for kind in inner:
            yield from _keys(kind, f"{prefix}{name}.")


def _choices(annotation: Any) -> tuple[str, ...]:
    if not (inspect.isclass(annotation) and issubclass(annotation, Enum)):
        return ()
    return tuple(str(member.value) for member in annotation)


def _all_settings(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for inner in settings_in(field.annotation):
            yield inner
            yield from _all_settings(inner)
