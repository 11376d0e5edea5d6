"""Models on the shelf are told apart by all that decides their answers, an adapter's configuration included."""

import pytest

from suture.core.errors import UsageError
from suture.core.measure.policy import Policy, Tier
from suture.core.plan.policy_written import WrittenTier
from suture.wiring.policy_reading import adapter_of
from suture.wiring.serve_models import adapters_beside, wanted_of

PACK = "ab" * 32


@pytest.fixture
def adapter(tmp_path):
    """A PEFT directory: the same weights under any alpha."""

    def made(alpha):
        directory = tmp_path / f"alpha-{alpha}"
        directory.mkdir(exist_ok=True)
        (directory / "adapter_model.safetensors").write_bytes(b"weights")
        (directory / "adapter_config.json").write_text(f'{{"r": 8, "lora_alpha": {alpha}}}')
        return directory

    return made


def policy(directory):
    use = adapter_of(WrittenTier(name="repaired", model="m", adapter=str(directory)))
    tiers = (Tier(name="base", pack=PACK), Tier(name="repaired", pack=PACK, adapter=use))
    return Policy(tiers=tiers), {use.sha256: directory}


def wanted(tmp_path, *sources):
    return wanted_of(sources[0][0].tiers, {PACK: tmp_path / "p.gguf"}, adapters_beside(sources))["repaired"]


def test_equal_weights_under_another_alpha_are_loaded_anew(tmp_path, adapter):
    loaded = wanted(tmp_path, policy(adapter(16)))
    assert loaded.is_met_by(loaded.key)
    (adapter(16) / "adapter_config.json").write_text('{"r": 8, "lora_alpha": 32}')
    changed = wanted(tmp_path, policy(tmp_path / "alpha-16"))
    assert not changed.is_met_by(loaded.key)


def test_a_pack_with_more_adapters_beside_it_still_meets_one(tmp_path, adapter):
    alone = wanted(tmp_path, (Policy(tiers=(Tier(name="repaired", pack=PACK),)), {}))
    assert alone.is_met_by(wanted(tmp_path, policy(adapter(16))).key)


def test_two_that_an_engine_could_not_tell_apart_are_refused(tmp_path, adapter):
    with pytest.raises(UsageError, match="equal weights and other configurations"):
        adapters_beside([policy(adapter(16)), policy(adapter(32))])
