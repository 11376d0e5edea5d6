"""A repair that was rejected for what it lost says what loses less; the keys that it names are understood."""

import json
import re

import pytest
from fakes import FakeFoundry
from scripted_cli import prepare, said, scripts


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path, "one")
    return tmp_path


def test_it_says_what_to_write_and_that_is_understood(place):
    foundry = FakeFoundry(knows={1, 2}, learns={4, 5, 6}, forgets={2})
    with scripts(foundry):
        code, out, _ = said(["heal", "one.yaml"])
    assert code == 1
    offered = re.search(r"what may lose less: write into one.yaml (.*)", out)
    assert offered is not None
    assert "suture heal one.yaml" in out
    look = re.search(r"look at a loss: +suture (show .+)", out)
    assert look is not None
    assert said([*look[1].split(), "--home", "home"])[0] == 0
    assert offered[1].startswith("scale_search: {}")
    recipe = json.loads((place / "one.yaml").read_text())
    (lr,) = re.findall(r"train: \{lr: ([0-9.e-]+)\}", offered[1])
    (place / "one.yaml").write_text(json.dumps(recipe | {"train": {"lr": float(lr)}}))
    with scripts(foundry):
        code, out, _ = said(["heal", "one.yaml"])
    assert code == 1
    assert f"{float(lr) / 2:g}" in out


def test_a_repair_that_is_held_for_held_out_losses_is_told_the_same(place):
    recipe = json.loads((place / "one.yaml").read_text())
    suite = recipe.pop("suites")[0]
    splits = {"repair": [f"{suite}:0,3-9"], "dev": [f"{suite}:1"], "holdout": [f"{suite}:2"]}
    changed = recipe | {"splits": splits, "gate": recipe.get("gate", {}) | {"protect": ["repair"]}}
    (place / "one.yaml").write_text(json.dumps(changed))
    with scripts(FakeFoundry(knows={0, 1, 2}, learns={4}, forgets={1, 2})):
        code, out, _ = said(["heal", "one.yaml"])
    assert code == 3
    assert re.search(r"look at a loss: +suture show \w+ ten/2\n", out)
    assert "what may lose less: write into one.yaml" in out


def test_what_lost_nothing_is_told_nothing(place):
    with scripts(FakeFoundry(knows={1, 2}, learns={4})):
        code, out, _ = said(["heal", "one.yaml"])
    assert code == 0
    assert "lose less" not in out
