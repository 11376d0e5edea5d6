"""A serving process that is killed under load has lost no record of an answer that it acknowledged."""

import pytest
from kills_served import kill_under_load


def _require_nothing_lost(found):
    assert found.missing == [] and found.damage == []
    assert found.acknowledged > 0


def test_every_acknowledged_answer_of_a_killed_server_has_its_record(tmp_path):
    _require_nothing_lost(kill_under_load(tmp_path, rounds=3))


@pytest.mark.slow
def test_the_same_over_many_kills(tmp_path):
    _require_nothing_lost(kill_under_load(tmp_path, rounds=25, seed=1))
