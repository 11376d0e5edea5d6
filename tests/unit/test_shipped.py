"""What stands in the repository is true: recipes parse, the tree in docs/source.md is the tree."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from suture.core.errors import ExitCode
from suture.core.plan.grid import cells_of
from suture.core.plan.recipe import Recipe
from suture.files.recipe_file import read_recipe
from suture.loop.run_grid import read_experiment, recipe_of

ROOT = Path(__file__).parents[2]


GRIDS = sorted(ROOT.glob("recipes/experiment-*.yaml"))
RECIPES = sorted(set(ROOT.glob("recipes/*.yaml")) - set(GRIDS))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_recipe_parses_and_is_named_after_its_file(path):
    assert read_recipe(path).name == path.stem


@pytest.mark.parametrize("path", GRIDS, ids=lambda path: path.name)
def test_every_run_of_a_grid_is_a_recipe(path):
    grid = read_experiment(path)
    assert grid.name == path.stem
    assert len({recipe_of(cell).digest for cell in cells_of(grid)}) == len(list(cells_of(grid)))


def test_written_tree_is_the_source_tree():
    check = subprocess.run([sys.executable, ROOT / "scripts" / "tree.py", "--check"], check=False)
    assert check.returncode == 0, "run: python scripts/tree.py"


def test_every_exit_code_is_documented():
    page = (ROOT / "docs" / "exit-codes.md").read_text()
    told = {int(line.split("|")[1]) for line in page.splitlines() if re.match(r"\| \d+ \|", line)}
    assert told == {int(code) for code in ExitCode}


def test_the_reference_says_what_the_code_says():
    check = subprocess.run([sys.executable, ROOT / "scripts" / "reference.py", "--check"], check=False)
    assert check.returncode == 0, "run: python scripts/reference.py"


def test_every_recipe_key_is_documented_in_the_words_of_its_type():
    check = subprocess.run([sys.executable, ROOT / "scripts" / "recipe_keys.py", "--check"], check=False)
    assert check.returncode == 0, "run: python scripts/recipe_keys.py"
    text = (ROOT / "docs" / "recipes.md").read_text()
    for name, field in Recipe.model_fields.items():
        kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if hasattr(kind, "model_fields")]
        nested = [f"{name}.{inner}" for kind in kinds for inner in kind.model_fields if name != "splits"]
        assert all(f"| `{key}` |" in text for key in [name, *nested]) or name == "schema_version", name
