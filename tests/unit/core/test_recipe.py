"""What a recipe may say; what it may not is refused at the key that is wrong."""

import pytest
from pydantic import ValidationError

from suture.core.measure.splits import Split
from suture.core.plan.recipe import DeclaredSplits, HashSplits, Recipe

LEAST = {"name": "quick", "model": "code", "base": "model.gguf", "suites": ["humaneval"], "splits": {"repair": 1}}


def refused(changes):
    with pytest.raises(ValidationError) as caught:
        Recipe.model_validate({key: value for key, value in {**LEAST, **changes}.items() if value is not ...})
    first = caught.value.errors()[0]
    return first["loc"], first["type"]


def test_hash_splits():
    recipe = Recipe.model_validate({**LEAST, "splits": {"seed": 3, "repair": 0.5, "holdout": 0.5}})
    assert isinstance(recipe.splits, HashSplits)
    assert recipe.splits.shares == {Split.REPAIR: 0.5, Split.DEV: 0, Split.HOLDOUT: 0.5}


def test_declared_splits():
    recipe = Recipe.model_validate({**LEAST, "suites": [], "splits": {"repair": ["mbpp:train"], "dev": ["mbpp:test"]}})
    assert isinstance(recipe.splits, DeclaredSplits)
    assert recipe.splits.selectors == {Split.REPAIR: ("mbpp:train",), Split.DEV: ("mbpp:test",), Split.HOLDOUT: ()}


@pytest.mark.parametrize("splits", [{"repair": 0.5, "holdout": 0.5}, {"repair": ["mbpp:train"]}])
def test_a_recipe_survives_json(splits):
    suites = ["humaneval"] if isinstance(splits["repair"], float) else []
    recipe = Recipe.model_validate({**LEAST, "suites": suites, "splits": splits})
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


@pytest.mark.parametrize(
    ("changes", "key", "kind"),
    [
        ({"trian": {}}, ("trian",), "extra_forbidden"),
        ({"train": {"rnk": 4}}, ("train", "rnk"), "extra_forbidden"),
        ({"train": {"rank": 0}}, ("train", "rank"), "greater_than"),
        ({"train": {"lr": "fast"}}, ("train", "lr"), "float_parsing"),
        ({"train": {"lr": float("inf")}}, ("train", "lr"), "finite_number"),
        ({"train": {"strategy": "replay-kl"}}, ("train", "strategy"), "enum"),
        ({"quantisation": "q4"}, ("quantisation",), "enum"),
        ({"harvest": {"share": 0}}, ("harvest", "share"), "greater_than"),
        ({"harvest": {"gate_only": 1}}, ("harvest", "gate_only"), "less_than"),
        ({"harvest": {"otherwise": "pray"}}, ("harvest", "otherwise"), "enum"),
        ({"train": {"strategy": "self-verified"}}, (), "value_error"),
        ({"scale": 2.5}, ("scale",), "less_than_equal"),
        ({"base": ""}, ("base",), "string_too_short"),
        ({"name": "Not A Name"}, ("name",), "string_pattern_mismatch"),
        ({"model": "../up"}, ("model",), "string_pattern_mismatch"),
        ({"schema_version": 2}, ("schema_version",), "less_than_equal"),
        ({"base": ...}, ("base",), "missing"),
    ],
)
def test_an_error_names_its_key(changes, key, kind):
    assert refused(changes) == (key, kind)


@pytest.mark.parametrize(
    ("splits", "key"),
    [
        ({"repair": 0.5, "held_out": 0.5}, "held_out"),
        ({"repair": 1.5}, "repair"),
        ({"dev": 0.5}, "repair"),
        ({"repair": ["a"], "holdout": 0.5}, "holdout"),
        ({"repair": []}, "repair"),
    ],
)
def test_an_error_in_splits_names_one_key_of_the_kind_that_was_meant(splits, key):
    location, _ = refused({"splits": splits})
    assert (location[0], location[-1]) == ("splits", key)


@pytest.mark.parametrize("changes", [{"suites": []}, {"splits": {"repair": ["mbpp:train"]}}])
def test_suites_are_said_exactly_once(changes):
    assert refused(changes) == ((), "value_error")


@pytest.mark.parametrize("train", [{"strategy": "naive"}, {"strategy": "replay+kl", "replay_ratio": 0}])
def test_questions_that_nothing_would_train_on_are_refused(train):
    with pytest.raises(ValidationError, match="this strategy replays none"):
        Recipe.model_validate({**LEAST, "harvest": {"rehearse_from": ["prompts.txt"]}, "train": train})
