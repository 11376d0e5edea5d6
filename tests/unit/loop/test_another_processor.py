"""A processor of another class is another instrument: nothing it answered is taken for what this one would."""

import pytest
from fakes import FakeFoundry

from suture.core.measure.attempt import EngineIdentity
from suture.loop.measuring.policy_files import measured_of
from suture.loop.measuring.remeasure_anchors import find_gate, remeasure_anchors
from suture.store.kept_policies import verified_policy

AMD, INTEL = "AuthenticAMD family 25: avx avx2", "GenuineIntel family 6: avx avx2 avx512f"


class Machine:
    """Where the shop's engines run; ``opened`` counts the packs that were loaded there."""

    def __init__(self, engines, processor: str | None) -> None:
        self._open, self.opened = engines.open, 0
        self.identity = EngineIdentity(name="scripted", version="1", threads=1, batch=3, processor=processor)

    def identify(self, choice):
        return self.identity

    def open(self, choice, pack, **options):
        engine = self._open(choice, pack, **options)
        engine.identity = self.identity
        self.opened += 1
        return engine


@pytest.fixture
def moved_to(shop):
    engines = shop.workshop.engines
    first = engines.open

    def moved_to(processor: str | None) -> Machine:
        engines.open = first
        machine = Machine(engines, processor)
        engines.open, engines.identify = machine.open, machine.identify
        return machine

    return moved_to


def heal(shop):
    return shop.heal(FakeFoundry(knows={1, 2}, learns={5}))


def check_anchors(shop, healed):
    kept = verified_policy(shop.workshop.store, healed.report.baseline_pack)
    return remeasure_anchors(
        shop.workshop, measured_of(shop.workshop.packs, kept), *find_gate(shop.workshop, healed.report.digest)
    )


def test_what_was_answered_on_a_processor_is_not_asked_again_on_one_like_it(shop, moved_to):
    moved_to(AMD)
    first, machine = heal(shop), moved_to(AMD)
    assert heal(shop).run == first.run
    assert machine.opened == 0


@pytest.mark.parametrize("now", [INTEL, None])
def test_what_was_answered_on_another_is_asked_again_in_a_run_of_its_own(shop, moved_to, now):
    moved_to(AMD)
    first, machine = heal(shop), moved_to(now)
    again = heal(shop)
    assert again.run != first.run
    assert machine.opened > 0
    assert again.decision is first.decision


def test_anchors_that_are_checked_on_the_processor_of_the_gate_are_measured_as_it_did(shop, moved_to):
    moved_to(AMD)
    healed = heal(shop)
    assert check_anchors(shop, healed).otherwise == ()


def test_anchors_that_are_checked_on_another_say_so(shop, moved_to):
    moved_to(AMD)
    healed = heal(shop)
    moved_to(INTEL)
    found = check_anchors(shop, healed)
    assert found.lost == ()
    assert found.otherwise == (f"processor {AMD} then, {INTEL} now",)
