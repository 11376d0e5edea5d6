"""`engine: auto` through the ports: probed once, kept, and pinned in the plan."""

import pytest
from fakes import FakeFoundry, Model

from suture.core.errors import BadFile, UsageError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_probe import AUTO
from suture.core.plan.stages import ENGINE
from suture.loop.measuring import engine_choice
from suture.loop.stages.base import base
from suture.loop.stages.engine import engine
from suture.store.garbage import Refuse, remove


@pytest.fixture
def engines(shop, monkeypatch):
    """Seconds a batch takes, by engine's name: change them, and the next probe finds otherwise. None: cannot read."""
    seconds: dict[str, float | None] = {"hare": 1.0, "tortoise": 5.0, "mole": None}
    clock = [0.0]

    class Timed(Model):
        def __init__(self, name: str) -> None:
            super().__init__(set(), lucky=set(), copies=set(), cold=set(), batch=3)
            self.identity = identify(name)

        def generate(self, requests, sampling):
            clock[0] += seconds[self.identity.name]
            return super().generate(requests, sampling)

        def _say(self, prompt):
            return super()._say(prompt) if "Return " in prompt else "some words"

    def identify(name: str) -> EngineIdentity:
        return EngineIdentity(name=name, version="1", threads=1, batch=3)

    def open_engine(choice, pack):
        if seconds[choice.name] is None:
            raise BadFile(f"{choice.name} cannot read it")
        return Timed(choice.name)

    monkeypatch.setattr(engine_choice.time, "monotonic", lambda: clock[0])
    shop.workshop.engines.identify = lambda choice: identify(choice.name)
    shop.workshop.engines.open = open_engine
    shop.workshop.engines.installed = lambda: tuple(seconds)
    return seconds


def picked(shop, name=AUTO, **changes):
    """What stage ``engine`` leaves."""
    healing = shop.healing(FakeFoundry(knows=set(), learns=set()), engine={"name": name}, **changes)
    with healing.alone():
        engine(healing, base(healing))
    return shop.workshop.store.ledger.result(healing.plan.run_id, ENGINE)


def test_a_plan_is_made_without_any_probe(shop, engines):
    engines.update(hare=None, tortoise=None)
    foundry = FakeFoundry(knows=set(), learns=set())
    plan = shop.healing(foundry, engine={"name": AUTO}).plan
    assert (plan.recipe.engine.name, plan.engine) == (AUTO, None)
    assert foundry.calls == []


def test_the_fastest_is_pinned_in_the_run_and_it_says_why(shop, engines):
    done = picked(shop)
    assert done.choice.name == done.identity.name == "hare"
    assert done.why.startswith("hare made")
    assert "mole none (mole cannot read it)" in done.why


def test_the_first_probe_stands_however_fast_they_are_later(shop, engines):
    first = picked(shop)
    engines.update(hare=5.0, tortoise=1.0)
    assert picked(shop, name=AUTO) == picked(shop) == first
    assert picked(shop, suites=[f"{shop.suite}:0-4"]).choice == first.choice, "in another run, too"


def test_another_version_is_probed_again(shop, engines):
    picked(shop)
    engines.update(hare=5.0, tortoise=1.0)
    shop.workshop.engines.identify = lambda choice: EngineIdentity(name=choice.name, version="2", threads=1, batch=3)
    assert picked(shop, suites=[f"{shop.suite}:0-4"]).choice.name == "tortoise"


def test_a_choice_made_by_hand_is_not_probed(shop, engines):
    engines.update(hare=None, tortoise=None)
    assert picked(shop, name="hare").why == ""
    with pytest.raises(UsageError, match="no engine can read the pack"):
        picked(shop)


def test_gc_keeps_what_a_stopped_run_pinned_and_what_is_of_a_pack_with_an_alias(shop, engines):
    store = shop.workshop.store
    first = picked(shop)  # stopped right after that
    (probe,) = (store.home.root / "engines").iterdir()
    engines.update(hare=5.0, tortoise=1.0)
    for garbage in Refuse(store).found():
        remove(store, garbage)
    assert picked(shop) == first
    assert store.home.relative(probe) not in [garbage.path for garbage in Refuse(store, unfinished=True).found()]
