"""`engine: auto` through the ports: probed once, kept, and pinned in the plan."""

import pytest
from fakes import FakeFoundry, Model

from suture.core.errors import BadFile, UsageError
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_probe import AUTO
from suture.loop.measuring import engine_choice
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


def plan_of(shop, name=AUTO, **changes):
    return shop.healing(FakeFoundry(knows=set(), learns=set()), engine={"name": name}, **changes).plan


def test_the_fastest_is_pinned_in_the_plan_and_it_says_why(shop, engines):
    plan = plan_of(shop)
    assert plan.engine.name == plan.recipe.engine.name == "hare"
    assert plan.engine_why.startswith("hare made")
    assert "mole none (mole cannot read it)" in plan.engine_why


def test_the_first_probe_stands_however_fast_they_are_later(shop, engines):
    first = plan_of(shop)
    engines.update(hare=5.0, tortoise=1.0)
    assert plan_of(shop).digest == first.digest


def test_another_version_is_probed_again(shop, engines):
    plan_of(shop)
    engines.update(hare=5.0, tortoise=1.0)
    shop.workshop.engines.identify = lambda choice: EngineIdentity(name=choice.name, version="2", threads=1, batch=3)
    assert plan_of(shop).recipe.engine.name == "tortoise"


def test_a_choice_made_by_hand_is_not_probed_and_its_plan_is_as_before(shop, engines):
    engines.update(hare=None, tortoise=None)
    plan = plan_of(shop, name="hare")
    assert "engine_why" not in plan.to_json()
    with pytest.raises(UsageError, match="no engine can read the pack"):
        plan_of(shop)


def test_gc_keeps_what_a_stopped_run_pinned_until_the_run_is_given_up(shop, engines):
    store = shop.workshop.store
    healing = shop.healing(FakeFoundry(knows=set(), learns=set()), engine={"name": AUTO})
    store.ledger.add_run(healing.plan, store.home.relative(healing.paths.root), "now")  # killed before it knew a pack
    (probe,) = (store.home.root / "engines").iterdir()
    engines.update(hare=5.0, tortoise=1.0)
    for garbage in Refuse(store).found():
        remove(store, garbage)
    assert plan_of(shop).digest == healing.plan.digest
    assert store.home.relative(probe) in [garbage.path for garbage in Refuse(store, unfinished=True).found()]
