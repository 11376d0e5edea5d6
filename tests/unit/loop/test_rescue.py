import pytest
from fakes import FakeFoundry, FakeJudge

from suture.core.errors import UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.scaling import ScaleSettings
from suture.loop.adapter_rescue import rescue
from suture.loop.base_pack import prepare_base
from suture.suites.catalog import load_suites


@pytest.fixture
def rescued(shop, tmp_path):
    """The choice made of an adapter somebody else trained."""

    def rescued(foundry, **search):
        base = prepare_base(foundry, shop.workshop.packs, shop.base, tmp_path / "base", Quantisation.Q8_0)
        adapter = tmp_path / "adapter"
        adapter.mkdir()
        (adapter / "adapter_model.safetensors").write_bytes(foundry._delta(foundry.learns, foundry.forgets))
        return rescue(
            shop.workshop,
            foundry,
            base,
            adapter,
            tasks=load_suites([str(shop.suite)]),
            search=ScaleSettings(**search),
            engine=EngineChoice(name="scripted"),
            quantisation=Quantisation.Q8_0,
            scratch=tmp_path / "scratch",
        )

    (tmp_path / "scratch").mkdir()
    return rescued


def test_the_largest_part_of_an_adapter_that_loses_nothing(rescued):
    found = rescued(
        FakeFoundry(knows={1, 2}, learns={4, 6, 9}, forgets={2}, careful=0.75), scales=(0.25, 0.5, 0.75, 1.0)
    )
    assert (found.best.scale, found.best.kept, found.best.anchors) == (0.75, 2, 2)
    assert (found.best.repaired, found.best.failures) == (2, 8)
    assert [trial.kept for trial in found.trials] == [2, 2, 2, 1]


def test_depth_is_tried_too(rescued):
    foundry = FakeFoundry(knows={1, 2}, learns={4, 9}, forgets={2}, careful=0.6)
    assert rescued(foundry, scales=(1.0,), first_layer=(1.0, 0.5)).best.first_layer == 0.5


def test_a_base_that_passes_nothing(rescued):
    with pytest.raises(UsageError, match="no anchors to protect"):
        rescued(FakeFoundry(knows=set(), learns={4}))


def test_a_base_whose_passes_say_nothing_has_no_anchors(rescued, shop):
    shop.judge_with(FakeJudge(vacuous=True))
    with pytest.raises(UsageError, match=r"no anchors to protect: .* only by saying nothing"):
        rescued(FakeFoundry(knows={1, 2}, learns={4}))
