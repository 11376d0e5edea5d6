"""A rehearsed task is like no other."""

from suture.core.teach.rehearsal import unlike
from suture.suites.kinds.python.exercises import ExerciseWriting

WRITING = ExerciseWriting()


def exercise(name, wording="something"):
    return WRITING.task_from(f" function for {wording}.\nassert {name}(1) == 1", number=0)


def test_the_same_name_or_the_same_wording_is_left_out():
    known = [exercise("is_even", "even numbers")]
    written = [
        exercise("IsEven", "numbers that are even"),
        exercise("even", "Even  numbers"),
        exercise("odd", "odd numbers"),
        exercise("odd", "odd numbers again"),
        exercise("prime", "primes"),
    ]
    assert [task.check.entry_point for task in unlike(written, known, WRITING.names_of)] == ["odd", "prime"]
