"""What a draw undoes is not protected: nowhere in the loop."""

import json

import pytest
from fakes import FakeFoundry, StopsAfter

from suture.core.gate.gate_report import Decision
from suture.files.small_files import sha256_of
from suture.loop.rederive import differing_decisions
from suture.loop.workshop import Silent
from suture.report.evidence import evidence_lines
from suture.store.datasets import read_dataset

DRAWN = {"gate": {"draws": 3}, "harvest": {"gate_only": 0.5}}


def repair(**changes):
    return FakeFoundry(**{"knows": {1, 2, 4, 6}, "learns": {5}, **changes})


def test_a_lucky_pass_may_be_lost(shop_of):
    shop = shop_of(cold={2})
    healed = shop.heal(repair(forgets={2}), **DRAWN)
    assert healed.decision is Decision.PROMOTE
    report = healed.report
    assert (report.lucky, report.slipped, report.protected) == (("ten/2",), ("ten/2",), ("ten/1", "ten/4", "ten/6"))
    luck = "1 more tasks passed by luck (a draw of the baseline failed, or the answer says nothing) and were not"
    assert f"{luck} protected; 1 of them were lost" in evidence_lines(report)


def test_a_lucky_pass_that_is_held_out_counts_there_and_it_is_said(shop_of):
    held = {"splits": {"repair": ["ten.jsonl:0,1,3-9"], "holdout": ["ten.jsonl:2"]}, "suites": []}
    healed = shop_of(cold={2}).heal(repair(forgets={2}), **DRAWN, **held)
    assert healed.decision is not Decision.PROMOTE
    said = " ".join(evidence_lines(healed.report))
    assert "1 of them were lost; luck or not, the 1 lost of those held out count there" in said


def test_without_draws_it_may_not(shop_of):
    healed = shop_of(cold={2}).heal(repair(forgets={2}))
    assert (healed.decision, healed.report.lost) == (Decision.REJECT, ("ten/2",))


def test_only_what_passed_is_drawn_and_a_lucky_pass_is_never_gate_only(shop_of):
    shop = shop_of(cold={1, 2, 4})
    healed = shop.heal(repair(), **DRAWN)
    draws = sorted(healed.paths.repeat("draw", 1).parent.glob("draw-*.json"))
    assert len(draws) == 3
    for path in draws:
        asked = [result["attempt"]["task_id"] for result in json.loads(path.read_text())["results"]]
        assert asked == ["ten/1", "ten/2", "ten/4", "ten/6"]
    dataset = read_dataset(healed.paths.dataset)
    assert dataset.manifest.anchors == 4  # the one steady pass has to be replayed, so nothing is left to hold back
    assert dataset.manifest.gate_only == ()


def test_the_decision_is_made_again_with_its_draws(shop_of):
    shop = shop_of(cold={2})
    healed = shop.heal(repair(forgets={2}), **DRAWN)
    store = shop.workshop.store
    assert differing_decisions(store)[1] == []
    path = healed.paths.repeat("draw", 2)
    path.write_text(path.read_text().replace('"fail"', '"pass"', 1))
    assert differing_decisions(store)[1] != []


@pytest.mark.parametrize("answers", [11, 13, 19, 23])
def test_stopped_and_resumed_draws_the_same(shop_of, other_shop, answers):
    shop = shop_of()
    shop.workshop.progress = StopsAfter(answers)
    with pytest.raises(KeyboardInterrupt):
        shop.heal(repair(), **DRAWN)
    shop.workshop.progress = Silent()
    resumed, whole = shop.heal(repair(), **DRAWN), other_shop.heal(repair(), **DRAWN)
    assert resumed.decision is whole.decision
    assert sha256_of(resumed.paths.rows) == sha256_of(whole.paths.rows)
