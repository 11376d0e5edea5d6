"""`suture check` counts questions and lessons before any work, and names a source that cannot be read."""

import json

import pytest

from suture.core.errors import BadFile, SutureError, UsageError
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


FUNCTION = 'def f(x):\n    """{} of x.\n\n    >>> f(1)\n    """\n    return x\n'


@pytest.fixture
def place(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "prompts.txt").write_text("What is a list?\nWhat is a set?\n")
    (tmp_path / "deep/prompts.txt").write_text("What is a tuple?\nWhat is a set?\n")
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


def test_sources_may_overlap(place):
    assert len(looked(place, rehearse_from=["prompts.txt", "prompts.txt"]).questions) == 2
    assert len(looked(place, lessons=["grammar:0-4", "grammar:3-6"]).lessons) == 7
    (place / "same").mkdir()
    for folder in ("same", "deep"):
        (place / folder / "m.py").write_text(
            f'def f(x):\n    """{folder} of x.\n\n    >>> f(1)\n    """\n    return x\n'
        )
    found = looked(place, rehearse_from=["from-code:same", "from-code:deep", "from-code:same"]).questions
    assert sorted(task.id for task in found) == ["m.f", "m.f of deep, 1"]


def test_code_bases_lie_beside_the_recipe_wherever_the_command_is_given(place, tmp_path, monkeypatch):
    here = len(looked(place, rehearse_from=["from-code:statistics"]).questions)
    (tmp_path / "cwd/statistics").mkdir(parents=True)
    (tmp_path / "cwd/statistics/m.py").write_text(FUNCTION.format("Something"))
    (tmp_path / "cwd/mine").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    assert len(looked(place, rehearse_from=["from-code:statistics"]).questions) == here
    with pytest.raises(BadFile, match="mine: no such file beside the recipe"):
        looked(place, rehearse_from=["from-code:mine"])


def served_here(place, monkeypatch, questions):
    rows = [{"id": f"served/{at}", "prompt": text, "origin": "served.db"} for at, text in enumerate(questions)]
    monkeypatch.setattr("suture.wiring.check_elsewhere.served_questions", lambda store: rows)


def test_served_questions_count_as_those_of_any_source(place, monkeypatch):
    served_here(
        place, monkeypatch, [f"What is the number {number}, told in words of one letter?" for number in range(9)]
    )
    assert len(looked(place, rehearse_from=["served"]).questions) == 9
    assert len(looked(place, rehearse_from=["served"], rehearse_most=4).questions) == 4
    assert len(looked(place, rehearse_from=["prompts.txt", "served"], rehearse_most=3).questions) == 3
    served_here(place, monkeypatch, ["What is a list?", "What is a deque, and what is it for?"])
    assert len(looked(place, rehearse_from=["prompts.txt", "served"]).questions) == 3
    served_here(place, monkeypatch, [load_suites(RECIPE["suites"])[0].messages[0].content])
    with pytest.raises(UsageError, match="all 1 are like tasks of this recipe"):
        looked(place, rehearse_from=["served"])
    assert not (place / "home").exists()


def test_references_of_lessons_are_tried(place):
    row = {"task_id": 1, "text": "Add one.", "code": "def f(x):\n    return x + 2", "test_list": ["assert f(1) == 2"]}
    (place / "lessons.jsonl").write_text(json.dumps(row) + "\n")
    path = place / "asked.yaml"
    path.write_text(json.dumps({**RECIPE, "harvest": {"lessons": ["lessons.jsonl"]}}))
    found = {one.name: one for one in check_recipe(path, home=place / "home", unsafe_local=True).findings}
    assert not found["references"].ok
    assert found["references"].found.startswith("10 of 11 tasks are sound; lessons/1: its reference does not pass")
