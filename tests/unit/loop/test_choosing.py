"""The scale, the depth and the step of an adapter, chosen on what may be looked at."""

import json

import pytest
from fakes import FakeFoundry, StopsAfter

from suture.core.gate.gate_report import Decision
from suture.core.plan.stages import SCALE
from suture.files.small_files import sha256_of
from suture.loop.workshop import Silent
from suture.store.verification import verify_store

SEARCH = {"scale_search": {"scales": [0.5, 0.8, 1.0]}}


def stage(shop, healed):
    return shop.workshop.store.ledger.result(healed.run, SCALE).to_json()


def test_the_largest_repair_that_loses_no_anchor(shop):
    foundry = FakeFoundry(knows={1, 2}, learns={4, 5, 7, 9}, forgets={2}, careful=0.8)
    healed = shop.heal(foundry, **SEARCH)
    assert healed.decision is Decision.PROMOTE
    assert healed.report.repaired == ("ten/4", "ten/5", "ten/7")
    best = stage(shop, healed)["best"]
    assert (best["scale"], best["kept"], best["anchors"], best["repaired"]) == (0.8, 2, 2, 3)
    assert json.loads((healed.paths.root / "pack.gguf.json").read_text())["scale"] == 0.8


def test_failures_are_asked_only_where_the_fewest_anchors_are_lost(shop):
    foundry = FakeFoundry(knows={1, 2}, learns={4, 5, 7, 9}, forgets={2}, careful=0.8)
    found = stage(shop, shop.heal(foundry, **SEARCH))
    assert [(trial["scale"], trial["kept"], trial["failures"]) for trial in found["trials"]] == [
        (0.5, 2, 8),
        (0.8, 2, 8),
        (1.0, 1, 0),
    ]
    assert found["asked"] <= 3 * 2 + 2 * 8 < found["full"] == 3 * 10


def test_without_a_search_the_recipes_scale_is_used(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={4}), scale=0.5)
    assert shop.workshop.store.ledger.result(healed.run, SCALE) is None
    assert healed.decision is Decision.PROMOTE


def test_less_in_the_first_layers_can_be_better(shop):
    search = {"scale_search": {"scales": [1.0], "first_layer": [1.0, 0.5]}}
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={4, 9}, forgets={2}, careful=0.6), **search)
    assert stage(shop, healed)["best"]["first_layer"] == 0.5
    assert healed.decision is Decision.PROMOTE
    record = json.loads((healed.paths.chosen / "suture.json").read_text())
    packed = json.loads((healed.paths.root / "pack.gguf.json").read_text())
    assert packed["adapter"] == record["sha256"] == sha256_of(healed.paths.chosen_weights)
    assert record["sha256"] != sha256_of(healed.paths.adapter_weights)


def test_an_adapter_of_an_earlier_step_can_be_better(shop):
    search = {"scale_search": {"scales": [1.0], "steps": True}}
    foundry = FakeFoundry(knows={1, 2}, learns={4, 5}, forgets={2}, along={10: {4}, 20: {4, 5}})
    healed = shop.heal(foundry, **search)
    assert stage(shop, healed)["best"]["step"] == 20
    assert healed.report.repaired == ("ten/4", "ten/5")


def test_neither_gate_only_anchors_nor_held_out_tasks_are_looked_at(shop):
    splits = {"repair": [f"{shop.suite}:0-5"], "dev": [f"{shop.suite}:6-7"], "holdout": [f"{shop.suite}:8-9"]}
    foundry = FakeFoundry(knows={0, 1, 2, 6, 8}, learns={4, 7}, forgets={8})
    healed = shop.heal(foundry, suites=[], splits=splits, harvest={"gate_only": 0.34}, **SEARCH)
    best = stage(shop, healed)["best"]
    assert best["anchors"] == 2 + 1  # two of three in repair, one in dev
    assert best["failures"] == 3 + 1
    assert best["kept"] == best["anchors"]
    assert healed.decision is Decision.REJECT  # ten/8 was lost where nobody chose


def test_at_most_so_many_failures_are_asked(shop):
    search = {"scale_search": {"scales": [1.0], "failures": 3}}
    healed = shop.heal(FakeFoundry(knows={1}, learns={4}), **search)
    assert stage(shop, healed)["best"]["failures"] == 3


@pytest.mark.parametrize("answers", [11, 14, 20, 29])
def test_stopped_and_resumed_chooses_the_same(shop, other_shop, answers):
    def foundry():
        return FakeFoundry(knows={1, 2}, learns={4, 5, 7, 9}, forgets={2}, careful=0.8)

    shop.workshop.progress = StopsAfter(answers)
    with pytest.raises(KeyboardInterrupt):
        shop.heal(foundry(), **SEARCH)
    shop.workshop.progress = Silent()
    resumed, untouched = shop.heal(foundry(), **SEARCH), other_shop.heal(foundry(), **SEARCH)
    assert sha256_of(resumed.paths.pack) == sha256_of(untouched.paths.pack)
    assert stage(shop, resumed)["best"] == stage(other_shop, untouched)["best"]


def test_nothing_is_left_of_the_trials_and_the_store_is_sound(shop):
    search = {"scale_search": {"scales": [0.5, 1.0], "first_layer": [1.0, 0.5]}}
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={4, 5}, forgets={2}, careful=0.6), **search)
    assert not healed.paths.trials.exists()
    assert verify_store(shop.workshop.store).holds
    again = FakeFoundry(knows={1, 2}, learns={4, 5}, forgets={2}, careful=0.6)
    shop.heal(again, **search)
    assert again.calls == []
