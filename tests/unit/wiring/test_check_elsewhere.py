"""`suture check` counts questions and lessons before any work, and names a source that cannot be read."""

import json

import pytest

from suture.core.errors import SutureError
from suture.core.plan.recipe import Recipe
from suture.suites.catalog import load_suites
from suture.wiring.check_elsewhere import look_elsewhere
from suture.wiring.check_recipe import check_recipe

RECIPE = {
    "name": "asked",
    "model": "m",
    "base": "base.gguf",
    "suites": ["humaneval:0-9"],
    "splits": {"repair": 0.5, "holdout": 0.5},
}


@pytest.fixture
def place(tmp_path):
    (tmp_path / "deep").mkdir()
    for folder in (tmp_path, tmp_path / "deep"):
        (folder / "prompts.txt").write_text("What is a list?\nWhat is a set?\n")
    return tmp_path


def looked(place, **harvest):
    recipe = Recipe.model_validate({**RECIPE, "harvest": harvest})
    return look_elsewhere(recipe, load_suites(recipe.suites), place, place / "home")


def test_what_is_read_beside_the_recipe_is_counted(place):
    path = place / "asked.yaml"
    harvest = {"rehearse_from": ["prompts.txt"], "rehearse_most": 1, "lessons": ["grammar:0-2"]}
    path.write_text(json.dumps({**RECIPE, "harvest": harvest}))
    check = check_recipe(path, home=place / "home", try_references=False)
    found = next(one for one in check.findings if one.name == "questions and lessons")
    assert found.ok
    assert found.found == "1 questions to rehearse, 3 lessons; none like a task of the recipe"
    assert not (place / "home").exists()


@pytest.mark.parametrize(
    ("harvest", "says"),
    [
        ({"rehearse_from": ["prompt.txt"]}, "prompt.txt"),
        ({"rehearse_from": ["humanevel"]}, "humaneval"),
        ({"rehearse_from": ["prompts.txt", "deep/prompts.txt"]}, "two have the id 'prompts/1'"),
        ({"rehearse_from": ["from-code:no_such_package"]}, "no_such_package"),
        ({"rehearse_from": ["served"]}, "no records here"),
        ({"lessons": ["humaneval:10-12"]}, "humaneval:10-12 is of humaneval, of which tasks are held out"),
    ],
)
def test_a_source_that_cannot_be_read_is_named_with_a_mend(place, harvest, says):
    with pytest.raises(SutureError, match=says) as refused:
        looked(place, **harvest)
    assert refused.value.mend
