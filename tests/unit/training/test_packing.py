import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.training.examples import Example
from suture.training.packing import pack, share_out, share_out_alike, taught_tokens

FIRST = Example((5, 6, 7, 8), 2, False, 3, (False, True))
SECOND = Example((1, 2), 1, True, 4)


def test_rows_lie_one_after_the_other():
    both = pack([FIRST, SECOND])
    assert both.ids.tolist() == [5, 6, 7, 8, 1, 2]
    assert both.positions.tolist() == [0, 1, 2, 3, 0, 1]
    assert both.bounds.tolist() == [0, 4, 6]
    assert both.places.tolist() == [1, 2, 4]
    assert both.labels.tolist() == [7, 8, 2]
    assert both.taught.tolist() == [False, True, True]
    assert both.anchor.tolist() == [False, False, True]
    assert [(row.key, row.anchor, row.start, row.stop) for row in both.rows] == [(3, False, 0, 2), (4, True, 2, 3)]
    assert (both.tokens, both.longest) == (6, 4)


def test_tokens_that_are_taught():
    assert taught_tokens([FIRST, SECOND]) == 2


@given(lengths=st.lists(st.integers(1, 40), max_size=30), most=st.integers(0, 50))
def test_every_row_lies_in_one_pack_and_none_is_too_full(lengths, most):
    packs = share_out(lengths, most)
    assert sorted(row for rows in packs for row in rows) == list(range(len(lengths)))
    assert all(len(rows) == 1 or sum(lengths[row] for row in rows) <= most for rows in packs)
    assert packs == sorted(sorted(rows) for rows in packs)


def test_the_fullest_pack_that_has_room_is_taken():
    assert share_out([6, 5, 4, 3], 10) == [[0, 2], [1, 3]]
    assert share_out([6, 5, 4, 3], 0) == [[0], [1], [2], [3]]


@pytest.mark.parametrize(("most", "wanted"), [(0, [[0], [1], [2]]), (100, [[0, 2], [1]])])
def test_rows_that_are_computed_otherwise_lie_apart(most, wanted):
    assert share_out_alike([FIRST, SECOND, FIRST], most, lambda example: example.anchor) == wanted
