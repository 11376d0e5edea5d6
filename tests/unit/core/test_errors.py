"""Exit codes by kind of error, and names that were nearly right."""

import pytest

from suture.core import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.SutureError, 5),
        (errors.UsageError, 2),
        (errors.BadRecipe, 2),
        (errors.BadFile, 2),
        (errors.MissingTool, 2),
        (errors.Fault, 5),
        (errors.DiskFull, 2),
        (errors.StaleEvidence, 4),
        (errors.NoPermission, 6),
    ],
)
def test_exit_codes(kind, code):
    assert kind("what").exit_code == code


def test_an_error_says_what_mends_it():
    error = errors.MissingTool("no engine", mend="pip install it")
    assert (str(error), error.mend) == ("no engine", "pip install it")
    assert errors.Fault("broken").mend is None


def test_a_near_name_is_offered():
    error = errors.UnknownName("suite", "humanevel", ["mbpp", "humaneval"])
    assert str(error) == "unknown suite 'humanevel'; did you mean 'humaneval'?"
    assert error.exit_code == 2


def test_a_far_name_is_told_all_there_are():
    assert str(errors.UnknownName("engine", "zzz", ["b", "a"])) == "unknown engine 'zzz'; known: a, b"
