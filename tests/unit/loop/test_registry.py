"""Aliases move only to bytes that were checked, and everything an event names can be read again."""

import pytest
from fakes import FakeFoundry

from suture.core.errors import BadFile, StaleEvidence, UsageError
from suture.core.gate.gate_report import GateReport
from suture.core.model.registry_events import CANDIDATE, CHAMPION, Action
from suture.files.small_files import read_model, sha256_of
from suture.report.build import build_report
from suture.report.markdown import render_markdown
from suture.report.terminal import summarise
from suture.store.kept_policies import open_policy
from suture.store.registry import Registry
from suture.store.store import open_store
from suture.store.verification import verify_store


@pytest.fixture
def rejected(shop):
    return shop.heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}))


@pytest.fixture
def registry(shop):
    return Registry(shop.workshop.store, who="me")


def moves(shop, alias=CHAMPION):
    return [(e.action, e.pack) for e in shop.workshop.store.ledger.events() if (e.model, e.alias) == ("m", alias)]


def test_what_the_gate_did_not_promote_is_promoted_only_with_a_reason(rejected, registry, shop):
    for reason in (None, ""):
        with pytest.raises(UsageError, match="the gate said reject: 1 of 2 protected anchors lost"):
            registry.promote("m", rejected.paths.pack, rejected.report, why="a test", override=reason)
    event = registry.promote("m", rejected.paths.pack, rejected.report, why="a test", override="we need task 5")
    assert (event.override, event.gate_report, event.who) == ("we need task 5", rejected.report.digest, "me")


def test_a_promotion_the_gate_stands_behind_is_no_override(shop, registry):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    registry.rollback("m", why="a test")
    again = registry.promote("m", healed.paths.pack, healed.report, why="a test", override="not needed")
    assert again.override is None


def test_every_report_after_an_override_shows_it(rejected, registry, shop):
    registry.promote("m", rejected.paths.pack, rejected.report, why="a test", override="we need task 5")
    later = shop.heal(FakeFoundry(knows={1, 5}, learns={6}), name="second", base="champion")
    for run in (rejected.run, later.run):
        report = build_report(shop.workshop.store, run, command="suture heal")
        markdown, words = render_markdown(report), summarise(report, {})
        line = f"OVERRIDE: pack {rejected.report.candidate_pack[:12]} was promoted against the gate by me on "
        assert line in words and words.index(line) < words.index("suite")
        assert f'> [!CAUTION]\n> <span style="color:red">**{line}' in markdown
        assert "we need task 5 (event 2; no longer in service)" in markdown
        assert "**against the gate**" in markdown


def test_a_held_pack_waits_under_an_alias_of_its_own(shop, registry):
    healed = shop.heal(FakeFoundry(knows={1}, learns=set()))
    assert moves(shop, CANDIDATE) == [(Action.SET, healed.report.candidate_pack)]
    shop.heal(FakeFoundry(knows={1}, learns=set()))
    assert len(moves(shop, CANDIDATE)) == 1
    kept = open_policy(shop.workshop.store, "m", CANDIDATE)
    path, sha256 = kept.file, kept.sha256
    assert (path, sha256) == (healed.paths.pack, healed.report.candidate_pack)
    path.write_bytes(b"other bytes")
    with pytest.raises(BadFile, match="was changed"):
        open_policy(shop.workshop.store, "m", CANDIDATE)


def test_a_rejected_pack_has_no_alias(shop, rejected):
    assert moves(shop, CANDIDATE) == []


def test_the_gate_report_and_the_manifest_are_kept_with_the_pack(shop):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    store = shop.workshop.store
    kept = read_model(store.home.gate_report(healed.report.digest), GateReport, what="gate report")
    assert kept == healed.report
    pack = store.home.pack(healed.report.candidate_pack)
    assert pack.with_name(pack.name + ".json").read_bytes() == (healed.paths.root / "pack.gguf.json").read_bytes()
    assert not (verified := verify_store(store)).unvouched and verified.holds


def test_going_back_to_any_earlier_event(shop, registry):
    first = shop.heal(FakeFoundry(knows={1}, learns={2})).report
    second = shop.heal(FakeFoundry(knows={1, 2}, learns={3}), name="second", base="champion").report
    assert registry.rollback("m", why="a test", to=1).pack == first.baseline_pack
    assert registry.rollback("m", why="a test", to=3).pack == second.candidate_pack
    event = registry.rollback("m", why="a test")
    assert (event.to, event.pack) == (2, first.candidate_pack)
    with pytest.raises(UsageError, match="already"):
        registry.rollback("m", why="a test", to=2)


def test_no_way_back_to_bytes_that_were_changed(shop, registry):
    report = shop.heal(FakeFoundry(knows={1}, learns={2})).report
    shop.workshop.store.home.pack(report.baseline_pack).write_bytes(b"other bytes")
    with pytest.raises(BadFile, match="was changed"):
        registry.rollback("m", why="a test")
    assert registry.pack("m") == report.candidate_pack


def test_an_alias_of_ones_own(shop, registry):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    other = shop.root / "other.gguf"
    other.write_bytes(b"any pack")
    for _ in range(2):
        event = registry.point("m", "canary", other, why="a test")
    assert (event.gate_report, moves(shop, "canary")) == (None, [(Action.SET, sha256_of(other))])
    other.unlink()  # it was copied in
    assert open_policy(shop.workshop.store, "m", "canary").sha256 == event.pack
    assert registry.promote("m", healed.paths.pack, healed.report, why="a test", alias="canary").alias == "canary"
    assert registry.rollback("m", why="a test", alias="canary").pack == event.pack
    assert registry.pack("m") == healed.report.candidate_pack


def test_only_the_gate_moves_the_champion(shop, registry):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    other = shop.root / "other.gguf"
    other.write_bytes(b"any pack")
    with pytest.raises(UsageError, match="only the gate moves the champion"):
        registry.point("m", CHAMPION, other, why="a test")
    assert registry.pack("m") == healed.report.candidate_pack


def test_a_name_begins_without_a_gate_and_is_then_moved_by_it_alone(shop, registry):
    first, other = shop.root / "first.gguf", shop.root / "other.gguf"
    first.write_bytes(b"any pack")
    other.write_bytes(b"another pack")
    for _ in range(2):
        event = registry.point("new", CHAMPION, first, why="a test")
    assert (event.action, event.gate_report, registry.pack("new")) == (Action.REGISTER, None, sha256_of(first))
    assert len([one for one in shop.workshop.store.ledger.events() if one.model == "new"]) == 1
    with pytest.raises(UsageError, match="only the gate"):
        registry.point("new", CHAMPION, other, why="a test")
    first.unlink()  # it was copied in
    assert open_policy(shop.workshop.store, "new", CHAMPION).sha256 == event.pack


def test_an_alias_is_gated_against_what_it_replaces_or_the_champion(shop, registry):
    first = shop.heal(FakeFoundry(knows={1}, learns={2}))
    held = shop.heal(FakeFoundry(knows={1}, learns={3}), name="second")
    with pytest.raises(StaleEvidence):
        registry.promote("m", held.paths.pack, held.report, why="a test", alias="canary")
    registry.rollback("m", why="a test")
    registry.promote("m", held.paths.pack, held.report, why="a test", alias="canary")
    registry.promote("m", first.paths.pack, first.report, why="a test")
    assert [registry.pack("m", alias) for alias in (CHAMPION, "canary")] == [
        first.report.candidate_pack,
        held.report.candidate_pack,
    ]


@pytest.fixture
def elsewhere(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("elsewhere")) as store:
        yield Registry(store)


def test_the_first_promotion_by_hand_registers_what_it_was_gated_against(shop, elsewhere):
    """So that a rollback has something to go back to."""
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    baseline = shop.workshop.store.home.pack(healed.report.baseline_pack)
    with pytest.raises(UsageError, match="a rollback would have nothing to go back to") as caught:
        elsewhere.promote("byhand", healed.paths.pack, healed.report, why="a test")
    assert caught.value.mend == "name its file: --baseline FILE"
    with pytest.raises(BadFile, match="was changed"):
        elsewhere.promote("byhand", healed.paths.pack, healed.report, why="a test", baseline=healed.paths.pack)
    elsewhere.promote("byhand", healed.paths.pack, healed.report, why="a test", baseline=baseline)
    assert elsewhere.rollback("byhand", why="a test").pack == healed.report.baseline_pack


def test_a_baseline_in_the_store_is_found(shop, registry):
    healed = shop.heal(FakeFoundry(knows={1}, learns={2}))
    registry.promote("byhand", healed.paths.pack, healed.report, why="a test")
    assert registry.rollback("byhand", why="a test").pack == healed.report.baseline_pack


def test_who_is_named(shop, rejected, monkeypatch):
    monkeypatch.setenv("SUTURE_WHO", "ci of a project")
    registry = Registry(shop.workshop.store)
    assert registry.point("m", "canary", rejected.paths.pack, why="a test").who == "ci of a project"


def test_two_runs_that_register_at_once_end_with_one_champion(shop, registry, monkeypatch):
    pack = shop.root / "a.gguf"
    pack.write_bytes(b"{}")
    registry.register("m", pack, sha256_of(pack), why="the first")
    monkeypatch.setattr(registry, "pack", lambda model: None)  # looked before the other had registered
    registry.register("m", pack, sha256_of(pack), why="the second")
    assert [event.why for event in shop.workshop.store.ledger.events()] == ["the first"]
