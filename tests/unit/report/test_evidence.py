"""What is said of a gate beside its decision."""

from types import SimpleNamespace

import pytest

from suture.core.gate.breakdown import TagRow
from suture.report.evidence import common_tag


def tag(name, tasks, before, after, lost, gained=0):
    return TagRow(tag=name, tasks=tasks, before=before, after=after, lost=lost, gained=gained)


@pytest.mark.parametrize(
    ("tags", "lost", "said"),
    [
        ([tag("all", 84, 13, 27, 13, 27), tag("none", 16, 13, 0, 13)], 15, "13 of the 15 lost have the tag none"),
        ([tag("short", 60, 20, 5, 15), tag("none", 16, 13, 0, 13)], 15, "tag none, of which 13 of 16 passed"),
        ([tag("none", 16, 13, 0, 13)], 30, None),
        ([tag("two", 4, 2, 0, 2)], 2, None),
        ([tag("all", 84, 40, 37, 3)], 3, None),
        ([], 0, None),
    ],
)
def test_a_tag_that_most_losses_share_is_named_where_little_of_it_is_left(tags, lost, said):
    lines = list(common_tag(SimpleNamespace(tags=tags, lost=[], slipped=["t"] * lost)))
    assert lines == [] if said is None else said in lines[0]
