"""A kept policy opens only as it was gated, its adapters' configurations included."""

import shutil

import pytest

from suture.core.errors import BadFile
from suture.core.measure.attempt import AdapterUse
from suture.core.measure.policy import Policy, Tier
from suture.core.plan.policy_written import WrittenTier
from suture.files.small_files import sha256_of, write_text
from suture.store.kept_policies import keep_policy, verified_policy
from suture.store.store import open_store
from suture.wiring.policy_reading import adapter_of


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def adapter(tmp_path):
    directory = tmp_path / "adapter"
    directory.mkdir()
    (directory / "adapter_model.safetensors").write_bytes(b"weights")
    (directory / "adapter_config.json").write_text('{"r": 8, "lora_alpha": 16}')
    return directory


def written(adapter, *, named=True):
    """A policy's file whose second tier is an adapter, and its parts; ``named``: with the adapter's configuration."""
    pack, weights = adapter.with_name("base.gguf"), adapter / "adapter_model.safetensors"
    pack.write_bytes(b"GGUF base")
    use = adapter_of(WrittenTier(name="repaired", model="m", adapter=str(adapter)))
    use = use if named else AdapterUse(sha256=use.sha256, scale=use.scale)
    sha256 = sha256_of(pack)
    policy = Policy(tiers=(Tier(name="base", pack=sha256), Tier(name="repaired", pack=sha256, adapter=use)))
    file = adapter.with_name("policy.json")
    write_text(file, policy.text)
    return policy, file, {sha256: pack, use.sha256: weights}


def kept(store, adapter, **how):
    policy, file, parts = written(adapter, **how)
    keep_policy(store, file, policy.sha256, parts)
    return policy


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("change", ["changed", "missing"])
def test_it_does_not_open_with_another_configuration(store, adapter, named, change):
    policy = kept(store, adapter, named=named)
    [directory] = verified_policy(store, policy.sha256).adapters.values()
    config = directory / "adapter_config.json"
    if change == "changed":
        config.write_text('{"r": 8, "lora_alpha": 16000}')
    else:
        config.unlink()
    with pytest.raises(BadFile, match=r"adapter_config\.json was changed"):
        verified_policy(store, policy.sha256)


def test_equal_weights_under_another_alpha_are_another_policy_and_are_not_kept_in_its_place(store, adapter):
    first = kept(store, adapter)
    other = shutil.copytree(adapter, adapter.with_name("other"))
    (other / "adapter_config.json").write_text('{"r": 8, "lora_alpha": 32}')
    use = adapter_of(WrittenTier(name="repaired", model="m", adapter=str(other)))
    assert use.sha256 == first.tiers[1].adapter.sha256 and use != first.tiers[1].adapter
    with pytest.raises(BadFile, match=r"has the weights of .* with another"):
        kept(store, other)
    assert verified_policy(store, first.sha256).policy == first


def test_what_was_lost_is_not_replaced_by_another(store, adapter):
    first = kept(store, adapter)
    [directory] = verified_policy(store, first.sha256).adapters.values()
    (directory / "adapter_config.json").unlink()
    (adapter / "adapter_config.json").write_text('{"r": 8, "lora_alpha": 32}')
    with pytest.raises(BadFile, match=r"has the weights of .* with another"):
        kept(store, adapter)


def test_two_tiers_of_one_policy_have_no_equal_weights(adapter):
    policy, _, _ = written(adapter)
    base, repaired = policy.tiers
    other = repaired.adapter.model_copy(update={"config": "0" * 64})
    with pytest.raises(ValueError, match="equal weights with other configurations"):
        Policy(tiers=(base, repaired, repaired.model_copy(update={"name": "third", "adapter": other})))


def test_what_was_changed_since_it_was_named_is_not_kept(store, adapter):
    policy, file, parts = written(adapter)
    (adapter / "adapter_config.json").write_text("{}")
    with pytest.raises(BadFile, match="not the one that the policy names"):
        keep_policy(store, file, policy.sha256, parts)
