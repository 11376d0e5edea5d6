"""Suites made from a seed: stable bytes, splits that share neither template nor content, and one right answer each."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from suture.core.digest import digest_of
from suture.core.errors import UnknownName
from suture.core.measure.groups import connected_groups
from suture.core.plan.recipe import DeclaredSplits
from suture.files.recipe_file import read_recipe
from suture.suites.catalog import load_suite, load_suites
from suture.suites.generated import content
from suture.suites.generated.choice import Choices
from suture.suites.generated.extraction.domain import Content
from suture.suites.generated.extraction.suite import DOMAINS, load_extraction
from suture.suites.generated.json_repair.breakages import BREAKAGES
from suture.suites.generated.json_repair.shapes import SHAPES
from suture.suites.generated.json_repair.suite import broken_text, load_json_repair
from suture.suites.generated.parts import PARTS
from suture.suites.kinds import kind_of
from suture.suites.kinds.json_values import NotJson, read_value

NAMES = ("json-repair", "extraction")
DIGESTS = {
    "json-repair": "ce2198e2df567a794e61e7da71066fc33067c14bbea32b672c85496f9b84cd84",
    "extraction": "e6c4a477b4f38458c9d6fb64624d85f3fc035d565df1c80fdf457423af244daf",
}
TABLES = {name: table for name, table in vars(content).items() if name.isupper() and len(table) > 12}
SHOW = """
import sys
from pathlib import Path
from suture.core.digest import digest_of
from suture.suites.catalog import load_suite
print(digest_of([task.model_dump(mode="json") for task in load_suite(sys.argv[1])]))
"""


def digest(tasks):
    return digest_of([task.model_dump(mode="json") for task in tasks])


@pytest.mark.parametrize("name", NAMES)
def test_every_byte_is_what_it_was(name):
    """Results of different releases are compared by task: a changed task needs a new seed or name."""
    assert digest(load_suite(name)) == DIGESTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_another_process_with_other_hashes_makes_the_same_bytes(name):
    command = [sys.executable, "-c", SHOW, name]
    other = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "77"})
    assert other.stdout.strip() == DIGESTS[name]


@pytest.mark.parametrize("load", [load_json_repair, load_extraction])
def test_another_seed_makes_other_tasks(load):
    asked = {task.content_digest for task in load()}
    assert len(asked & {task.content_digest for task in load(seed=2)}) < len(asked) / 20


@pytest.mark.parametrize("name", NAMES)
def test_sizes_and_splits(name):
    tasks = load_suite(name)
    assert [task.id for task in tasks] == [f"{name}/{number}" for number in range(768)]
    assert len({task.content_digest for task in tasks}) == 768
    assert [len(load_suite(f"{name}:{split}")) for split in ("train", "validation", "test")] == [480, 96, 192]
    assert load_suite(f"{name}:5-6") == tasks[5:7]


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_passes_and_no_check_complains(name):
    for task in load_suite(name):
        assert kind_of(task).complaint(task) is None
        assert kind_of(task).decide(task, task.reference).passed, task.id


@pytest.mark.parametrize("name", NAMES)
def test_questions_and_answers_are_short(name):
    for task in load_suite(name):
        assert len(task.messages[0].content) < 700
        assert len(task.reference) < 200


@pytest.mark.parametrize("name", NAMES)
def test_no_split_shares_a_name_of_people_places_or_things_with_another(name):
    used = {split: set() for split in ("train", "validation", "test")}
    for task in load_suite(name):
        said = [text for text in leaves(json.loads(task.reference)) if isinstance(text, str)]
        used[task.official_split] |= {item for table in TABLES.values() for item in table if item in said}
    assert all(len(names) > 10 for names in used.values())
    assert not used["train"] & used["validation"]
    assert not used["train"] & used["test"]
    assert not used["validation"] & used["test"]


def test_groups_are_whole_parts_in_both_suites_at_once():
    tasks = [task for name in NAMES for task in load_suite(name)]
    groups = connected_groups(tasks)
    assert len(groups) == PARTS
    assert all(len({task.official_split for task in group}) == 1 for group in groups)


def test_tables_have_an_item_only_once():
    for name, table in TABLES.items():
        assert len(table) == len(set(table)), name
        assert len(table) >= 8 * PARTS, name


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]


def test_every_text_says_every_key():
    """A name in braces begins with the key that it says."""
    for domain in DOMAINS:
        for text in domain.texts:
            said = re.findall(r"\{(\w+)\}", text)
            for key in domain.properties:
                assert any(word == key or word.startswith(f"{key}_") for word in said), (domain.name, key, text)


def test_no_two_records_of_a_domain_are_said_in_the_same_words():
    """The text determines the value."""
    values = {}
    for seed in range(1, 4):
        for task in load_extraction(seed=seed):
            assert values.setdefault(task.messages[0].content, task.reference) == task.reference


def test_names_and_plain_numbers_stand_in_the_text_as_they_are_wanted():
    for task in load_extraction():
        text = task.messages[0].content.partition("Text:\n")[2]
        plain = text.replace(",", "")
        for key, value in json.loads(task.reference).items():
            if key in ("date", "due", "check_in", "time", "departure") or isinstance(value, bool | list | None):
                continue
            said = str(value) if isinstance(value, str) else f"{value:g}"
            assert said.replace(",", "") in plain, (task.id, key)


def test_every_kind_of_breakage_breaks():
    for task in load_json_repair():
        with pytest.raises(NotJson):
            read_value(broken_text(task))


def test_every_kind_of_breakage_is_in_every_split():
    for split in ("train", "validation", "test"):
        assert len({task.tags[1] for task in load_suite(f"json-repair:{split}")}) == len(BREAKAGES)


def test_no_part_has_a_shape_of_another():
    shapes = [json.dumps(shape, sort_keys=True) for part in SHAPES for shape in part]
    assert len(SHAPES) == PARTS
    assert len(set(shapes)) == len(shapes)


def test_kinds_without_one_right_answer_are_not_there():
    texts = [broken_text(task) for task in load_json_repair()]
    assert not any(re.search(r"NaN|Infinity", text) for text in texts)


def test_choices_depend_on_their_seed_alone():
    one, same, other = (Choices("a", 1), Choices("a", 1), Choices("a", 2))
    drawn = [one.below(1000) for _ in range(20)]
    assert drawn == [same.below(1000) for _ in range(20)]
    assert drawn != [other.below(1000) for _ in range(20)]
    assert drawn[:5] == [676, 390, 70, 168, 534]


def test_several_takes_no_place_twice():
    for seed in range(50):
        assert len(set(Choices(seed).several(range(10), 10))) == 10
    with pytest.raises(ValueError, match="4 of 3"):
        Choices(0).several("abc", 4)


def test_parts_have_content_of_their_own():
    for name in ("first_names", "surnames", "cities", "companies", "problems"):
        every = [item for part in range(PARTS) for item in getattr(Content(part), name)]
        assert len(set(every)) == len(every)


def test_a_part_that_is_not_there_is_named():
    with pytest.raises(UnknownName, match="did you mean 'validation'"):
        load_suite("extraction:validaton")


def test_the_recipe_for_json_teaches_every_kind_and_holds_out_whole_parts():
    """A range would take the kinds of one part alone: steps take some of each."""
    splits = read_recipe(Path(__file__).parents[3] / "recipes" / "json.yaml").splits
    assert isinstance(splits, DeclaredSplits)
    repair, holdout = (
        [task for task in load_suites(part) if task.check.kind == "json"] for part in (splits.repair, splits.holdout)
    )
    for tasks in (repair, holdout):
        assert {task.tags[1] for task in tasks} == {
            *(f"json-repair:{kind}" for kind in BREAKAGES),
            *(f"extraction:{domain.name}" for domain in DOMAINS),
        }
    assert not {group for task in repair for group in task.groups} & {
        group for task in holdout for group in task.groups
    }
