"""Reads a recipe; every complaint names the key and its line."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from suture.core.errors import BadFile, BadRecipe
from suture.core.json_types import is_list, is_object
from suture.core.plan.recipe import SPLIT_KINDS, DeclaredSplits, HashSplits, Recipe
from suture.core.surrogates import has_surrogates
from suture.files.text_files import read_text

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

KEYS = "docs/recipes.md lists the keys"


def read_recipe(path: Path) -> Recipe:
    """Raises BadRecipe: no such file, not YAML, an unknown key, a wrong type or value."""
    tree = read_tree(path)
    try:
        return Recipe.model_validate(tree)
    except ValidationError as error:
        raise BadRecipe(explain(path, tree, error), mend=KEYS) from None


def read_tree(path: Path) -> Any:
    """The mapping in a YAML file, which knows its lines. Raises BadRecipe: no such file, or not YAML."""
    try:
        text = read_text(path, what="recipe")
    except BadFile as error:
        mend = error.mend if path.is_file() else _which_there_are(path)
        raise BadRecipe(str(error), mend=mend or _which_there_are(path)) from None
    yaml: Any = YAML(typ="rt")  # its methods are not annotated
    try:
        tree = yaml.load(text)
    except MarkedYAMLError as error:
        marked: Any = error  # its attributes are not annotated
        line = marked.problem_mark.line + 1 if marked.problem_mark else "?"
        raise BadRecipe(f"{path}, line {line}: {marked.problem or 'not YAML'}", mend=KEYS) from None
    except YAMLError as error:
        raise BadRecipe(f"{path}: not YAML: {' '.join(str(error).split())}", mend=KEYS) from None
    if not is_object(tree):
        raise BadRecipe(f"{path}: a recipe is a mapping of keys to values", mend=KEYS)
    for location in _with_surrogates(tree):
        key = ".".join(str(part) for part in location)
        raise BadRecipe(
            f"{path}, line {_line_of(tree, location)}: {key}: half a character (a lone surrogate) is no text", mend=KEYS
        )
    return tree


def _with_surrogates(tree: Any, location: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """Where a value or key of ``tree`` holds a lone surrogate: names of files and models cannot."""
    if isinstance(tree, str) and has_surrogates(tree):
        yield location
    elif is_object(tree):
        for key, value in tree.items():
            yield from _with_surrogates(key, (*location, key))
            yield from _with_surrogates(value, (*location, key))
    elif is_list(tree):
        for index, value in enumerate(tree):
            yield from _with_surrogates(value, (*location, index))


def _which_there_are(path: Path) -> str:
    """What helps where there is no recipe: those beside it, or how one is written."""
    folder = path if path.is_dir() else path.parent
    names = sorted(file.name for file in folder.glob("*.yaml") if file != path)
    near = get_close_matches(path.name, names, n=1)
    if near:
        return f"did you mean {folder / near[0]}?"
    return f"name one of {folder / '*.yaml'}" if names else "write one: docs/recipes.md lists the keys"


def explain(path: Path, tree: Any, error: ValidationError, model: type[BaseModel] = Recipe) -> str:
    """The first thing that is wrong with ``tree``, with its key and line, in one line."""
    first = first_problem(error)
    location = tuple(part for part in first["loc"] if part not in SPLIT_KINDS)
    key = ".".join(str(part) for part in location) or "recipe"
    line = _line_of(tree, location)
    where = f"{path}, line {line}" if line else str(path)
    if first["type"] == "extra_forbidden":
        known = _known_keys(model, location[:-1])
        near = get_close_matches(str(location[-1]), known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
        return f"{where}: unknown key {key!r}{hint}"
    if first["type"] == "missing":
        return f"{where}: key {key!r} is missing"
    return f"{where}: {key}: {complaint_of(first)}" if location else f"{where}: {complaint_of(first)}"


def first_problem(error: ValidationError) -> "ErrorDetails":
    """The one to name: an unknown key before what may follow from it."""
    errors = error.errors()
    return next((problem for problem in errors if problem["type"] == "extra_forbidden"), errors[0])


def complaint_of(problem: "ErrorDetails") -> str:
    """Say what is wrong with a value, without saying where."""
    if problem["type"] == "enum":
        expected = str(problem.get("ctx", {}).get("expected", ""))  # "'naive', 'replay' or 'replay+kl'"
        choices = re.findall(r"'([^']*)'", expected)
        near = get_close_matches(str(problem["input"]), choices, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(choices)}"
        return f"unknown value {problem['input']!r}; {hint}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{message} (got {problem['input']!r})" if problem["loc"] else message  # of the value as a whole


def _line_of(tree: Any, location: tuple[int | str, ...]) -> int | None:
    """1-based line of the deepest part of ``location`` that the file holds."""
    line: int | None = None
    for part in location:
        try:
            line = (tree.lc.item(part) if isinstance(part, int) else tree.lc.key(part))[0] + 1
            tree = tree[part]
        except (KeyError, IndexError, AttributeError, TypeError):
            break
    return line


def _known_keys(model: Any, parents: tuple[int | str, ...]) -> list[str]:
    for parent in parents:
        if parent == "splits":
            return sorted({*HashSplits.model_fields, *DeclaredSplits.model_fields})
        if isinstance(parent, int):  # a place in a list, whose members are of one type
            continue
        annotation = model.model_fields[parent].annotation
        members = (inner for inner in get_args(annotation) if hasattr(inner, "model_fields"))
        model = annotation if hasattr(annotation, "model_fields") else next(members)
    return sorted(model.model_fields)
