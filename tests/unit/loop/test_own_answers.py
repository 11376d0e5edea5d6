"""Targets in the model's own words: samples that pass, then rewrites, then what the recipe says."""

import pytest
from fakes import FakeFoundry, FakeJudge, StopsAfter

from suture.core.plan.stages import SAMPLE
from suture.core.teach.dataset import RowKind, TargetKind
from suture.files.small_files import sha256_of
from suture.loop.workshop import Silent
from suture.store.datasets import read_dataset

SELF = {"train": {"strategy": "self-verified"}, "harvest": {"samples": 2, "rewrites": 2, "seed": 3}}


def repair():
    return FakeFoundry(knows={1, 2}, learns={5})


def rows_of(healed):
    dataset = read_dataset(healed.paths.dataset)
    return {row.task_id: row for row in dataset.rows if row.kind is RowKind.FAILURE}, dataset.manifest


def test_samples_first_then_rewrites_then_the_reference(shop_of):
    shop = shop_of(lucky={5, 6}, copies={6, 7})
    rows, manifest = rows_of(shop.heal(repair(), **SELF))
    assert rows["ten/5"].target_kind is TargetKind.OWN_SAMPLE
    assert rows["ten/6"].target_kind is TargetKind.OWN_SAMPLE
    assert rows["ten/7"].target_kind is TargetKind.OWN_REWRITE
    assert rows["ten/8"].target_kind is TargetKind.REFERENCE
    assert rows["ten/7"].target == "def f_7():\n    return 7\n```"
    assert rows["ten/7"].loglik == -len(rows["ten/7"].target)
    assert rows["ten/7"].target_attempt
    assert manifest.targets == {TargetKind.OWN_SAMPLE: 2, TargetKind.OWN_REWRITE: 1, TargetKind.REFERENCE: 5}


def test_or_nothing(shop_of):
    shop = shop_of(lucky={5})
    settings = {"train": SELF["train"], "harvest": {"samples": 1, "otherwise": "nothing"}}
    rows, manifest = rows_of(shop.heal(repair(), **settings))
    assert [task for task, row in rows.items() if row.trainable] == ["ten/5"]
    assert manifest.failures_without_reference == 7


def test_the_likeliest_targets_alone_are_taught(shop_of):
    shop = shop_of(lucky={5})
    rows, manifest = rows_of(shop.heal(repair(), train=SELF["train"], harvest={"samples": 1, "likeliest": 0.5}))
    taught = [task for task, row in rows.items() if row.trainable]
    assert len(taught) == manifest.failures_out_of_reach == 4
    assert manifest.failures_without_reference == 0
    assert min(rows[task].loglik for task in taught) >= max(r.loglik for r in rows.values() if r.out_of_reach)
    assert sum(manifest.targets.values()) == 4


def test_counts_are_recorded(shop_of):
    shop = shop_of(lucky={5, 6}, copies={7})
    healed = shop.heal(repair(), **SELF)
    output = shop.workshop.store.ledger.result(healed.run, SAMPLE).to_json()
    assert output["samples"] == {"asked": 8, "drawn": 16, "passed": 4, "solved": 2}
    assert output["rewrites"] == {"asked": 6, "drawn": 12, "passed": 2, "solved": 1}


def test_only_failures_of_the_repair_split_are_asked(shop_of):
    shop = shop_of(lucky={0, 9})
    splits = {"repair": [f"{shop.suite}:0-5"], "holdout": [f"{shop.suite}:6-9"]}
    healed = shop.heal(repair(), suites=[], splits=splits, **SELF)
    assert shop.workshop.store.ledger.result(healed.run, SAMPLE).samples.asked == 4


@pytest.mark.parametrize("answers", [9, 11, 14, 20, 27, 33])
def test_stopped_and_resumed_teaches_the_same(shop_of, other_shop, answers):
    model = {"lucky": {5, 6}, "copies": {7}}
    shop = shop_of(**model)
    shop.workshop.progress = StopsAfter(answers)
    with pytest.raises(KeyboardInterrupt):
        shop.heal(repair(), **SELF)
    shop.workshop.progress = Silent()
    resumed = shop.heal(repair(), **SELF)
    again = shop.heal(FakeFoundry(knows={1, 2}, learns={5}), name="again", **SELF)
    assert sha256_of(resumed.paths.rows) == sha256_of(again.paths.rows)


def test_a_second_run_asks_nothing_that_the_first_asked(shop_of):
    shop = shop_of(lucky={5}, copies={7})
    shop.heal(repair(), **SELF)
    opened = []
    shop.workshop.engines.open = lambda choice, pack: opened.append(pack)
    with pytest.raises(AttributeError):  # the candidate has to be measured, so an engine is opened only then
        shop.heal(FakeFoundry(knows={1, 2}, learns={5, 6}), name="again", **SELF)
    assert [pack.name for pack in opened] == ["pack.gguf"]


def test_a_share_of_the_failures_shares_its_batches_with_all_of_them(shop_of):
    shop = shop_of(lucky={5})
    few = {"train": SELF["train"], "harvest": {"samples": 1, "share": 0.75}}  # six of eight: two whole batches of three
    asked = []
    shop.heal(repair(), **few)
    engine = shop.workshop.engines.open
    shop.workshop.engines.open = lambda choice, pack: asked.append(engine(choice, pack)) or asked[-1]
    shop.heal(repair(), name="all", train=SELF["train"], harvest={"samples": 1})
    assert len(asked[0].asked) == 2  # the engines after it measure both sides again, for the gate


def test_a_fault_is_asked_for_again(shop_of):
    shop = shop_of(lucky={5})
    shop.judge_with(FakeJudge(faults=frozenset({"ten/9"})))
    shop.heal(repair(), **SELF)
    judged = shop.workshop.judge.judged
    shop.heal(repair(), **SELF)
    assert shop.workshop.judge.judged > judged


def test_gate_only_anchors_are_in_no_row_and_are_named(shop_of):
    shop = shop_of()
    healed = shop.heal(FakeFoundry(knows={0, 1, 2, 3}, learns={5}), harvest={"gate_only": 0.5})
    dataset = read_dataset(healed.paths.dataset)
    anchors = {row.task_id for row in dataset.rows if row.kind is RowKind.ANCHOR}
    assert len(anchors) == len(dataset.manifest.gate_only) == 2
    assert anchors | set(dataset.manifest.gate_only) == {f"ten/{n}" for n in range(4)}


def test_one_anchor_is_left_to_replay(shop_of):
    shop = shop_of()
    healed = shop.heal(FakeFoundry(knows={0, 1}, learns={5}), harvest={"gate_only": 0.99})
    assert read_dataset(healed.paths.dataset).manifest.anchors == 1
