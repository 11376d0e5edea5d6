"""Which engine is picked, and where two engines part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import UsageError
from suture.core.measure.engine_probe import EngineReading, agreements, first_difference, pick


def reading(engine: str, tokens: int, *answers: str, error: str = "") -> EngineReading:
    return EngineReading(engine=engine, seconds=2.0, tokens=tokens, answers=answers, error=error)


def test_the_fastest_is_picked_and_the_others_are_named():
    found = pick("abc", [reading("slow", 20, "x"), reading("fast", 100, "x"), reading("blind", 0, error="no BF16")])
    assert found.engine == "fast"
    assert found.why == "fast made 50 tokens/s on 1 probe prompts; slow 10, blind none (no BF16)"
    assert pick("abc", [reading("only", 20, "x")]).why.endswith("no other is installed")


def test_no_engine_is_an_error_that_says_why():
    with pytest.raises(UsageError, match="blind: no BF16"):
        pick("abc", [reading("blind", 0, error="no BF16")])
    with pytest.raises(UsageError, match="none is installed"):
        pick("abc", [])


def test_agreement_is_of_every_two_that_answered():
    one, other = reading("one", 9, "a b c", "a", "x y"), reading("other", 9, "a b d", "a", "x y z")
    (found,) = agreements([one, other, reading("blind", 0, error="no")], lambda text: [*map(ord, text.split())])
    assert found.engines == ("one", "other")
    assert (found.same, found.prompts, found.first_differences, found.median) == (1, 3, (2, 2), 2)
    assert agreements([one, other])[0].first_differences == (4, 3)
    assert agreements([one, one])[0].median is None


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_all_before_the_first_difference_is_the_same(one, other):
    at = first_difference(one, other)
    assert one[:at] == other[:at]
    assert one == other or one[at : at + 1] != other[at : at + 1]
