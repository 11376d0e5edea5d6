import pytest
from fakes import FakeFoundry, FakeJudge

from suture.core.errors import UsageError
from suture.core.gate.gate_report import Decision
from suture.core.model.registry_events import pack_of
from suture.files.small_files import sha256_of


def champion(shop):
    return pack_of(shop.workshop.store.ledger.events(), "m")


def test_a_repair_that_keeps_every_anchor_is_promoted(shop):
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={5, 7}))
    assert healed.decision is Decision.PROMOTE
    assert healed.report.repaired == ("ten/5", "ten/7")
    assert healed.report.kept == ("ten/1", "ten/2")
    assert champion(shop) == healed.report.candidate_pack


def test_one_lost_anchor_rejects_and_leaves_the_champion(shop):
    healed = shop.heal(FakeFoundry(knows={1, 2}, learns={4, 5, 6, 7, 8}, forgets={2}))
    assert healed.decision is Decision.REJECT
    assert healed.report.lost == ("ten/2",)
    assert champion(shop) == healed.report.baseline_pack


def test_a_rejected_pack_and_adapter_are_kept_and_never_in_the_registry(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}, forgets={1}))
    assert healed.paths.pack.exists()
    assert (healed.paths.adapter / "adapter_model.safetensors").exists()
    assert not shop.workshop.store.home.pack(healed.report.candidate_pack).exists()


def test_what_is_promoted_is_byte_for_byte_what_was_gated(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    assert sha256_of(shop.workshop.store.home.pack(champion(shop))) == healed.report.candidate_pack


def test_a_fault_holds(shop):
    shop.judge_with(FakeJudge(faults=frozenset({"ten/9"})))
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    assert healed.decision is Decision.HOLD
    assert healed.report.faulted == ("ten/9",)


def test_nothing_repaired_holds(shop):
    assert shop.heal(FakeFoundry(knows={1}, learns=set())).decision is Decision.HOLD


def test_run_again_does_no_work_and_says_the_same(shop):
    first = shop.heal(FakeFoundry(knows={1}, learns={2}))
    again = FakeFoundry(knows={1}, learns={2})
    judged = shop.workshop.judge.judged
    second = shop.heal(again)
    assert (second.decision, second.report) == (first.decision, first.report)
    assert again.calls == []
    assert shop.workshop.judge.judged == judged
    assert len(shop.workshop.store.ledger.events()) == 2  # the base, and one promotion


def test_a_changed_file_is_made_again(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    before = healed.paths.pack.read_bytes()
    healed.paths.pack.unlink()
    again = FakeFoundry(knows={1}, learns={2})
    shop.heal(again)
    assert again.calls == ["merge", "pack"]
    assert healed.paths.pack.read_bytes() == before


def test_a_second_repair_over_an_ungated_champion_is_held(shop):
    shop.heal(FakeFoundry(knows={1}, learns={2}))
    second = shop.heal(FakeFoundry(knows={1}, learns={3}), name="second")
    assert second.report.decision is Decision.PROMOTE
    assert second.decision is Decision.HOLD
    assert "base: champion" in second.reasons[0]


def test_base_champion_goes_on_from_the_promoted_pack(shop):
    first = shop.heal(FakeFoundry(knows={1}, learns={2}))
    second = shop.heal(FakeFoundry(knows={1, 2}, learns={3}), name="second", base="champion")
    assert second.report.baseline_pack != first.report.baseline_pack
    assert second.report.protected == ("ten/1", "ten/2")
    assert second.decision is Decision.PROMOTE


def test_nothing_to_train_on(shop):
    with pytest.raises(UsageError, match="no failures to train on"):
        shop.heal(FakeFoundry(knows=set(range(10)), learns=set()))


def test_only_the_repair_split_is_harvested(shop):
    splits = {"repair": [f"{shop.suite}:0-5"], "holdout": [f"{shop.suite}:6-9"]}
    healed = shop.heal(FakeFoundry(knows={1, 8}, learns={2}), suites=[], splits=splits)
    rows = (healed.paths.dataset / "rows.jsonl").read_text()
    assert '"ten/8"' not in rows
    assert '"ten/9"' not in rows
    assert "ten/8" in healed.report.protected


def test_overlapping_splits_are_refused(shop):
    splits = {"repair": [f"{shop.suite}:0-5"], "holdout": [f"{shop.suite}:5-9"]}
    with pytest.raises(UsageError, match="ten/5"):
        shop.heal(FakeFoundry(knows={1}, learns={2}), suites=[], splits=splits)


def test_a_fault_is_judged_again_next_time(shop):
    healthy = shop.workshop.judge
    shop.judge_with(FakeJudge(faults=frozenset({"ten/9"})))
    assert shop.heal(FakeFoundry(knows={1}, learns={2})).decision is Decision.HOLD
    shop.judge_with(healthy)
    again = FakeFoundry(knows={1}, learns={2})
    assert shop.heal(again).decision is Decision.PROMOTE
    assert again.calls == ["train", "merge", "pack"]  # ten/9 has a verdict now, and is harvested


def test_what_an_earlier_repair_trained_on_cannot_be_held_out_later(shop):
    first = {"repair": [f"{shop.suite}:0-5"], "holdout": [f"{shop.suite}:6-9"]}
    shop.heal(FakeFoundry(knows={1, 8}, learns={2}), suites=[], splits=first)
    second = {"repair": [f"{shop.suite}:4-9"], "holdout": [f"{shop.suite}:0-3"]}
    with pytest.raises(UsageError, match=r"ten/0 is in split 'holdout', but .* trained on it"):
        shop.heal(FakeFoundry(knows={1, 2, 8}, learns={5}), name="second", base="champion", suites=[], splits=second)


def test_repairs_on_held_out_tasks_alone_are_no_reason_to_promote(shop):
    splits = {"repair": [f"{shop.suite}:0-5"], "holdout": [f"{shop.suite}:6-9"]}
    healed = shop.heal(FakeFoundry(knows={1}, learns={8}), suites=[], splits=splits)
    assert healed.report.repaired == ("ten/8",)
    assert healed.decision is Decision.HOLD


def test_a_model_that_passes_nothing_has_no_anchors_to_protect(shop):
    with pytest.raises(UsageError, match="no anchors to protect"):
        shop.heal(FakeFoundry(knows=set(), learns={1}))


def test_a_model_whose_passes_say_nothing_has_no_anchors_to_protect(shop):
    shop.judge_with(FakeJudge(vacuous=True))
    with pytest.raises(UsageError, match=r"no anchors to protect: .* only by saying nothing"):
        shop.heal(FakeFoundry(knows={1, 2}, learns={3}))


def test_changing_the_packed_file_later_does_not_change_the_champion(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    healed.paths.pack.write_bytes(b"evil")
    kept = shop.workshop.store.home.pack(champion(shop))
    assert sha256_of(kept) == healed.report.candidate_pack
