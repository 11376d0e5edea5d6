"""Suite ``basics``: a right sentence passes, and nothing of it is taught."""

from suture.suites.basics import load_basics
from suture.suites.catalog import load_suite
from suture.suites.kinds import is_taught, kind_of


def test_it_is_found_by_its_name_and_parts_of_it_by_number():
    assert load_suite("basics") == load_basics()
    assert [task.id for task in load_suite("basics:3-4")] == ["basics/3", "basics/4"]


def test_a_sentence_with_the_word_passes_and_another_does_not():
    paris = load_basics()[0]
    decide = kind_of(paris).decide
    assert decide(paris, "The capital of France is Paris.").passed
    assert not decide(paris, "The capital of France is a city.").passed


def test_no_question_is_asked_twice_or_holds_its_answer():
    tasks = load_basics()
    asked = [task.messages[0].content for task in tasks]
    assert len({question.lower() for question in asked}) == len(asked) == 60
    assert not [task.id for task in tasks if kind_of(task).decide(task, task.messages[0].content).passed]


def test_what_fails_is_not_taught():
    assert not any(is_taught(task) for task in load_basics())
