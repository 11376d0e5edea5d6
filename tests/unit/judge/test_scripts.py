import pytest

from suture.judge.referee.scripts import same_output


@pytest.mark.parametrize(
    ("output", "expected", "same"),
    [
        ("3\n", "3", True),
        ("3  \n\n", "3\n", True),
        ("1 2\n3", "1 2\n3\n", True),
        ("1.0", "1", True),
        ("1.50 2", "1.5 2.0", True),
        ("yes", "no", False),
        ("1\n2", "1 2", False),
        ("nan", "nan", True),
        ("1 x", "1 y", False),
        ("", "1", False),
    ],
)
def test_outputs_are_compared_by_line_and_number(output, expected, same):
    assert same_output(output, expected) is same
