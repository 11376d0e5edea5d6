"""Suite ``grammar``: the same bytes from the same seed, right answers, and splits that share no composition."""

import builtins
import subprocess
import sys

import pytest

from suture.core.digest import digest_of
from suture.core.measure.groups import connected_groups
from suture.suites.catalog import load_suite
from suture.suites.generated.grammar.steps import ARGUMENT, STEPS, Value
from suture.suites.generated.grammar.suite import load_grammar
from suture.suites.unlike import unlike

SOME = 300
DIGEST = "287a44c9d2905b75ba810db6a6470bd2efe6ea58e638c3ab95e1509d917890f2"
SHOW = f"""
from suture.core.digest import digest_of
from suture.suites.generated.grammar.suite import load_grammar
print(digest_of([task.model_dump(mode="json") for task in load_grammar(count={SOME})]))
"""


@pytest.fixture(scope="module")
def tasks():
    return load_grammar(count=SOME)


def test_every_byte_is_what_it_was_in_every_process(tasks):
    """Results of different releases are compared by task: a changed task needs a new seed or name."""
    assert digest_of([task.model_dump(mode="json") for task in tasks]) == DIGEST
    environment = {"PYTHONHASHSEED": "77"}
    other = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True, env=environment)
    assert other.stdout.strip() == DIGEST


def test_another_seed_makes_others_and_fewer_are_the_first_of_more(tasks):
    few = load_grammar(count=20)
    assert few == tasks[:20]
    assert {task.content_digest for task in load_grammar(count=20, seed=2)}.isdisjoint(
        task.content_digest for task in tasks
    )


def test_every_reference_passes_its_tests(tasks):
    for task in tasks:
        scope = {}
        exec(task.reference + "\n".join(task.check.tests.statements), scope)
        assert task.check.entry_point in scope


def test_no_task_is_another_one_or_a_builtin(tasks):
    assert len({task.content_digest for task in tasks}) == SOME
    assert not [task.id for task in tasks if hasattr(builtins, task.check.entry_point)]


def test_a_composition_is_in_one_split(tasks):
    for group in connected_groups(tasks):
        assert len({task.official_split for task in group}) == 1
    assert {task.official_split for task in tasks} == {"train", "validation", "test"}


def test_no_answer_is_the_input_or_always_the_same(tasks):
    for task in tasks:
        wanted = [statement.rpartition(" == ")[2] for statement in task.check.tests.statements]
        assert len(set(wanted)) > 1, task.id


def test_few_are_like_a_benchmark(tasks):
    found = unlike(tasks, load_suite("humaneval"))
    assert len(found.twins) <= SOME // 100


def test_every_step_can_be_reached_and_ended():
    assert {step.takes for step in STEPS} == set(ARGUMENT)
    assert {step.gives for step in STEPS} == set(Value) - {Value.NUMBER}
    assert len({(step.takes, step.name) for step in STEPS}) == len(STEPS)
