"""A task is known by what it asks and how it is tested, not by what it is called."""

import pytest
from pydantic import ValidationError

from suture.core.measure.checks.python import Assertions, CheckFunction
from suture.core.measure.task import Message


def test_same_task_under_two_ids_has_one_content_digest(task):
    here, there = task("A/1"), task("B/7", suite="other", origin="elsewhere", licence="MIT", official_split="test")
    assert here.content_digest == there.content_digest
    assert here.digest != there.digest


def test_spacing_of_the_question_is_no_difference(task):
    assert task(ask="add  two\n numbers ").content_digest == task(ask="add two numbers").content_digest


@pytest.mark.parametrize(
    "changes",
    [{"ask": "subtract"}, {"tests": CheckFunction(source="def check(f): assert f() == 2")}],
    ids=["question", "tests"],
)
def test_another_question_or_test_is_another_task(task, changes):
    assert task(**changes).content_digest != task().content_digest


def test_a_system_prompt_is_no_part_of_the_task(task):
    messages = (Message(role="system", content="be brief"), Message(role="user", content="add"))
    assert task(messages=messages).content_digest == task().content_digest


def test_a_task_needs_a_test(task):
    with pytest.raises(ValidationError, match="statements"):
        task(tests={"kind": "assertions", "statements": []})
    assert isinstance(task(tests={"kind": "assertions", "statements": ["assert f()"]}).check.tests, Assertions)
