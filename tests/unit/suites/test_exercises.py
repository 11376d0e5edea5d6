"""What a model writes after some exercises is a task, or nothing."""

import pytest

from suture.suites.kinds.python.exercises import ExerciseWriting

WRITING = ExerciseWriting()

WRITTEN = " function to double a number.\nassert double(2) == 4\nassert double(0) == 0\nassert double(1) == 2"


def test_a_task_like_those_of_mbpp():
    task = WRITING.task_from(WRITTEN, number=7)
    assert task.id == "rehearsal/7"
    assert task.check.entry_point == "double"
    assert task.check.tests.statements == ("assert double(2) == 4", "assert double(0) == 0")
    assert task.messages[0].content.startswith("Write a function to double a number.\nYour code should pass")
    assert WRITING.is_example(task)


def test_what_was_written_is_shown_as_it_was_written():
    task = WRITING.task_from(WRITTEN, number=7)
    assert WRITING.opening_of([task, task]).count("Write a function to double a number.\nassert double(2) == 4\n") == 2
    assert WRITING.opening_of([task]).endswith("assert double(0) == 0\n\nWrite a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " function to double a number.",
        " function.\nassert double(2) ==",
        " function.\nassert 2 == 2",
        " function.\nassert len([2]) == 1",
        " function.\nassert f('\0') == 1",
        " function.\nassert " + "(" * 3000,
        " function.\nassert f(open('x', 'w').write('x')) == 1",
        " function.\nassert f(1) == 1\nassert f(__import__('os').getpid()) == 1",
        " function.\nassert f(9 ** 9 ** 9) == 1",
        " function.\nassert f(1) == 1 or exit()",
    ],
)
def test_what_is_no_task(text):
    assert WRITING.task_from(text, number=0) is None
