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
        ("[{name: a, model: m}, {name: a, model: m}]", "two tiers have one name: a, a"),
        ("[{name: a, model: m, temprature: 1}]", "unknown key 'tiers.0.temprature'; did you mean 'temperature'"),
        ("[{name: a, model: m, answers: 0}]", "tiers.0.answers: more than 0 is wanted"),
        ("[{name: a, model: m, answers: true}]", "true and false are no numbers"),
        ("[{name: a}]", "key 'tiers.0.model' is missing"),
        ("[{name: a, model: m, temperature: 1, seed: 99999999999999999999}]", "tiers.0.seed: less than"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, tiers, says):
    path = tmp_path / "p.yaml"
    path.write_text(f"tiers: {tiers}\n")
    with pytest.raises(BadRecipe, match=says) as refused:
        read_policy_file(path)
    assert "line 1" in str(refused.value)


def test_what_lies_beside_the_file_is_found_from_anywhere(tmp_path):
    (tmp_path / "m.gguf").touch()
    (tmp_path / "a").mkdir()
    path = tmp_path / "p.yaml"
    path.write_text("tiers: [{name: a, model: m.gguf, adapter: a}, {name: b, model: named}]\n")
    first, second = read_policy_file(path).tiers
    assert (first.model, first.adapter) == (str(tmp_path / "m.gguf"), str(tmp_path / "a"))
    assert (second.model, second.adapter) == ("named", None)
