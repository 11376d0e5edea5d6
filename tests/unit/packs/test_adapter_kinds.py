"""Which kinds of adapters are taken in: plain LoRA, merged as peft merges it; nothing else, and each by name."""

import json
import shutil

import pytest
import torch
from peft import PeftModel
from peft_adapters import save_adapter
from safetensors.torch import load_file, save_file

from suture.core.errors import BadFile, UsageError
from suture.loop.packing import merge_adapter
from suture.loop.workshop import Silent
from suture.packs.adapters.importing import import_adapter
from suture.training.load import load_model
from suture.training.quiet import quiet
from suture.wiring.foundry import TorchFoundry

PREFIX = "base_model.model."
TARGETS = ["q_proj", "down_proj"]


@pytest.fixture(scope="module")
def base(base_of):
    return base_of()


@pytest.fixture(scope="module")
def plain(base, tmp_path_factory):
    return save_adapter(base, tmp_path_factory.mktemp("plain") / "plain", seed=0, std=0.1, r=4, target_modules=TARGETS)


def made(base, out, **settings):
    return save_adapter(base, out, seed=0, std=0.1, **{"r": 4, "lora_alpha": 8, "target_modules": TARGETS} | settings)


def merged_alike(base, adapter, tmp_path, **options):
    """Taken in and merged, it is what peft's own ``merge_and_unload`` makes of the adapter as it came."""
    foundry = TorchFoundry(Silent())
    imported = foundry.import_adapter(adapter, base, tmp_path / "in", any_name=True)
    foundry.merge(base, tmp_path / "in", 1.0, tmp_path / "merged")
    with quiet():
        model = PeftModel.from_pretrained(load_model(base), str(adapter))
        theirs = model.merge_and_unload().to(torch.bfloat16).state_dict()
    ours = load_file(tmp_path / "merged/model.safetensors")
    for name, weight in ours.items():
        assert torch.allclose(weight.float(), theirs[name].float(), rtol=2**-7, atol=1e-6), name
    return imported


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"use_rslora": True, "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.mlp.down_proj": 3}},
        {"target_modules": "all-linear", "exclude_modules": ["o_proj"]},
        {"target_modules": r".*\.1\.self_attn\.(q|v)_proj"},
        {"target_modules": ["q_proj"], "layers_to_transform": [1]},
        {"init_lora_weights": "gaussian"},
        {"init_lora_weights": "orthogonal"},
        {"init_lora_weights": False, "lora_dropout": 0.5, "task_type": "CAUSAL_LM"},
    ],
    ids=["plain", "patterns", "all", "pattern", "some-layers", "gaussian", "orthogonal", "random"],
)
def test_plain_lora_is_merged_as_peft_merges_it(base, tmp_path, settings):
    merged_alike(base, made(base, tmp_path / "theirs", **settings), tmp_path)


def test_the_output_matrix_of_a_model_that_has_one(base_of, tmp_path):
    base = base_of("qwen2")
    theirs = made(base, tmp_path / "theirs", target_modules=["q_proj", "lm_head"])
    assert any(
        "base_layer" in key for key in load_file(theirs / "adapter_model.safetensors")
    )  # peft repeats the matrix
    assert merged_alike(base, theirs, tmp_path).settings.target_modules == ("lm_head", "q_proj")


def test_repeated_weights_that_are_not_the_base_s_are_refused(base_of, tmp_path):
    base = base_of("qwen2")
    theirs = made(base, tmp_path / "theirs", target_modules=["q_proj", "lm_head"])
    weights = load_file(theirs / "adapter_model.safetensors")
    (key,) = (key for key in weights if "lm_head.base_layer" in key)
    weights[key][0, 0] += 1
    save_file(weights, theirs / "adapter_model.safetensors")
    with pytest.raises(UsageError, match=r"lm_head\.base_layer\.weight', not the base's own"):
        import_adapter(theirs, base, tmp_path / "in", any_name=True)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"init_lora_weights": "pissa"}, 'init_lora_weights is "pissa"'),
        ({"init_lora_weights": "pissa_niter_2"}, 'init_lora_weights is "pissa_niter_2"'),
        ({"init_lora_weights": "olora"}, 'init_lora_weights is "olora"'),
        ({"use_dora": True}, "use_dora is true: DoRA"),
        ({"alora_invocation_tokens": [3, 4], "task_type": "CAUSAL_LM"}, r"alora_invocation_tokens is \[3, 4\]: aLoRA"),
        ({"bias": "all"}, 'bias is "all"'),
        ({"lora_bias": True}, "lora_bias is true"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"trainable_token_indices": [1, 2]}, "trainable_token_indices"),
        ({"layer_replication": [[0, 2], [0, 2]]}, "layer_replication"),
        ({"target_modules": ["q_proj", "embed_tokens"]}, "update of the embeddings"),
        ({"target_modules": ["q_proj", "lm_head"]}, "lm_head"),
    ],
)
def test_what_peft_makes_that_is_not_plain_lora(base, tmp_path, settings, words):
    theirs = made(base, tmp_path / "theirs", **settings)
    with pytest.raises(UsageError, match=words) as caught:
        import_adapter(theirs, base, tmp_path / "in", any_name=True)
    assert str(theirs) in str(caught.value)
    assert caught.value.mend
    assert not (tmp_path / "in").exists()


def edit(adapter, out, **changes):
    shutil.copytree(adapter, out)
    config = json.loads((out / "adapter_config.json").read_text())
    (out / "adapter_config.json").write_text(json.dumps(config | changes))
    return out


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("init_lora_weights", "corda"),
        ("init_lora_weights", "loftq"),
        ("init_lora_weights", "lora_ga"),
        ("init_lora_weights", 2),
        ("corda_config", {"corda_method": "kpm"}),
        ("lora_ga_config", {}),
        ("loftq_config", {"loftq_bits": 4}),
        ("use_qalora", True),
        ("fan_in_fan_out", True),
        ("target_parameters", ["experts.down_proj"]),
        ("megatron_config", {"a": 1}),
        ("arrow_config", {"top_k": 3}),
        ("kasa_config", {}),
        ("monteclora_config", {}),
        ("use_bdlora", {"nblocks": 2}),
        ("ensure_weight_tying", True),
        ("task_type", "SEQ_CLS"),
        ("peft_type", "ADALORA"),
        ("peft_type", "LOHA"),
        ("a_variant_of_next_year", True),
        ("a_variant_of_next_year", {}),
    ],
)
def test_a_value_that_is_not_known_to_mean_plain_lora_is_refused_by_name(base, plain, tmp_path, key, value):
    theirs = edit(plain, tmp_path / "theirs", **{key: value})
    with pytest.raises(UsageError, match=rf"adapter_config\.json: {key} is ") as caught:
        import_adapter(theirs, base, tmp_path / "in", any_name=True)
    assert caught.value.mend


@pytest.mark.parametrize(
    "changes",
    [
        {"a_variant_of_next_year": None},
        {"init_lora_weights": "eva", "eva_config": {"rho": 2.0}},
        {"loftq_config": {}, "layer_replication": [], "modules_to_save": None, "target_parameters": []},
        {"auto_mapping": {"unsloth_fixed": True}, "peft_version": "0.99", "revision": "main", "qalora_group_size": 16},
    ],
)
def test_values_without_effect(base, plain, tmp_path, changes):
    import_adapter(edit(plain, tmp_path / "theirs", **changes), base, tmp_path / "in", any_name=True)


def test_merge_takes_what_import_takes_and_no_more(base, plain, tmp_path):
    """An adapter that an older version took in, or that was changed afterwards."""
    import_adapter(plain, base, tmp_path / "in", any_name=True)
    file = tmp_path / "in/adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"init_lora_weights": "pissa"}))
    with pytest.raises(UsageError, match="pissa"):
        TorchFoundry(Silent()).merge(base, tmp_path / "in", 1.0, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_weights_that_are_not_those_that_were_taken_in(base, plain, tmp_path):
    from suture.core.model.base import BaseRecord
    from suture.loop.base_pack import BasePack

    import_adapter(plain, base, tmp_path / "in", any_name=True)
    weights = load_file(tmp_path / "in/adapter_model.safetensors")
    save_file({key: weight * 2 for key, weight in weights.items()}, tmp_path / "in/adapter_model.safetensors")
    record = BaseRecord.model_validate_json((base / "suture.json").read_bytes())
    with pytest.raises(BadFile, match="not those that its record names"):
        merge_adapter(TorchFoundry(Silent()), BasePack(base, record, None), tmp_path / "in", 1.0, tmp_path / "merged")


def test_peft_is_asked_for_one_matrix(base, plain, tmp_path, monkeypatch):
    from suture.core.errors import Fault
    from suture.training import one_matrix

    monkeypatch.setattr(one_matrix, "merged_matrix", lambda adapter, name, weight: weight)
    with pytest.raises(Fault, match=r"peft .* merges 'model\.layers\.0\.mlp\.down_proj\.weight'"):
        TorchFoundry(Silent()).import_adapter(plain, base, tmp_path / "in", any_name=True)
    assert not (tmp_path / "in").exists()
