"""A policy's file that cannot be one is told by what is wrong in it, not by what follows from that."""

import pytest

from suture.core.errors import BadRecipe
from suture.wiring.policy_reading import read_policy_file


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ("[{name: base, model: m, answers: 8}]", "8 greedy answers would all be equal; set a temperature"),
        ("[{name: Base, model: m}]", "a name has small letters"),
        ("[{name: base, model: m, scale: 0.5}]", "`scale` is an adapter's, and it has none"),
        ("[]", "at least 1 item"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, tiers, says):
    path = tmp_path / "p.yaml"
    path.write_text(f"tiers: {tiers}\n")
    with pytest.raises(BadRecipe, match=says) as refused:
        read_policy_file(path)
    assert "line 1" in str(refused.value)
