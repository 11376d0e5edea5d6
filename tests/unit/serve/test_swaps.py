"""A name that is moved under load: no error, no answer of two packs, each record names the one that gave it."""

import pytest
from swaps import swapped_under_load


def _require_right(found, requests):
    assert found.wrong == [] and found.gaps == 0
    assert found.answers == found.records >= requests
    assert found.held and all(moves == found.swaps for moves in found.held)


def test_the_law_no_answer_mixes_packs_and_each_record_names_one(tmp_path):
    _require_right(swapped_under_load(tmp_path, requests=150, swaps=8), 150)


@pytest.mark.slow
def test_the_same_over_a_hundred_moves(tmp_path):
    _require_right(swapped_under_load(tmp_path, requests=3000, swaps=100, every=0.1), 3000)
