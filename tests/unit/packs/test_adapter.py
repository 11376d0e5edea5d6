"""Adapters of other tools: made by peft itself, taken in, merged and checked; and those that are refused."""

import json
import math
import pickle
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from suture.core.errors import BadFile, Fault, UsageError
from suture.loop.workshop import Silent
from suture.packs.adapters.importing import import_adapter
from suture.packs.adapters.merge_check import check_merge
from suture.packs.adapters.settings import read_settings
from suture.packs.adapters.updates import read_updates
from suture.packs.hugging_face.weights import open_weights
from suture.training.merged_directory import merge
from suture.wiring.foundry import TorchFoundry

KINDS = {
    "plain": {"r": 4, "lora_alpha": 8},
    "rslora": {"r": 4, "lora_alpha": 8, "use_rslora": True},
    "patterns": {"r": 4, "lora_alpha": 8, "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.mlp.up_proj": 3}},
}


@pytest.fixture(scope="module")
def base(base_of):
    return base_of()


@pytest.fixture
def made(base, tmp_path):
    """An adapter by peft, with random matrices, as any tool on top of it saves one."""
    from peft_adapters import save_adapter

    def make(kind="plain", name=None):
        targets = ["q_proj", "up_proj", "down_proj"]
        out = save_adapter(base, tmp_path / (name or kind), seed=0, std=0.1, target_modules=targets, **KINDS[kind])
        config = json.loads((out / "adapter_config.json").read_text())
        source = json.loads((base / "suture.json").read_text())["source"]
        (out / "adapter_config.json").write_text(json.dumps(config | {"base_model_name_or_path": source}))
        return out

    return make


def edit(adapter, **changes):
    file = adapter / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    return adapter


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1.0, 0.75])
def test_what_peft_merges_is_what_is_checked(base, made, tmp_path, kind, scale):
    imported = TorchFoundry(Silent()).import_adapter(made(kind), base, tmp_path / "in")
    assert imported.matrices == 6
    merge(base, tmp_path / "in", scale, tmp_path / "merged")
    check = check_merge(base, tmp_path / "in", scale, tmp_path / "merged")
    assert (check.adapted, check.changed, check.failed) == (6, 6, ())
    other = check_merge(base, tmp_path / "in", scale * 1.1, tmp_path / "merged")
    assert len(other.failed) == 6


def test_factors(base, made):
    adapter = made("patterns")
    updates = {u.name: u.factor for u in read_updates(adapter, read_settings(adapter), open_weights(base))}
    assert updates["model.layers.0.self_attn.q_proj.weight"] == 8 / 2
    assert updates["model.layers.1.mlp.up_proj.weight"] == 3 / 4
    assert updates["model.layers.0.mlp.up_proj.weight"] == 8 / 4
    assert read_settings(made("rslora")).rslora
    rooted = made("rslora", "again")
    (first, *_) = read_updates(rooted, read_settings(rooted), open_weights(base))
    assert first.factor == pytest.approx(8 / math.sqrt(4))


def test_a_merge_that_lost_the_adapter_is_a_fault_and_leaves_nothing(base, made, tmp_path, monkeypatch):
    adapter = made()
    monkeypatch.setattr("suture.wiring.foundry.merge", lambda base, adapter, scale, out: shutil.copytree(base, out))
    with pytest.raises(Fault, match="6 of the merged tensors are not the base with 1 times"):
        TorchFoundry(Silent()).merge(base, adapter, 1.0, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_only_what_is_needed_is_taken_in(base, made, tmp_path):
    adapter = made()
    (adapter / "optimizer.pt").write_bytes(pickle.dumps({"a": 1}))
    (adapter / "run.py").write_text("raise SystemExit")
    import_adapter(adapter, base, tmp_path / "in")
    names = {file.name for file in (tmp_path / "in").iterdir()}
    assert names == {"adapter_config.json", "adapter_model.safetensors", "suture-import.json"}


@pytest.mark.parametrize("name", ["adapter_model.bin", "adapter_model.pt"])
def test_pickled_weights_are_refused_with_the_reason(base, made, tmp_path, name):
    adapter = made()
    (adapter / "adapter_model.safetensors").rename(adapter / name)
    with pytest.raises(BadFile, match=rf"{name} is pickled: loading it can run code"):
        import_adapter(adapter, base, tmp_path / "in")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "whole modules"),
        ({"peft_type": "IA3"}, "IA3"),
        ({"bias": "all"}, "biases"),
        ({"base_model_name_or_path": "somebody/else-7b"}, "trained on 'somebody/else-7b'"),
        ({"rank_pattern": {"(a+)+$": 2}}, "more than names"),
        ({"r": 8}, "gives .* the rank 8, and its matrices have 4"),
    ],
)
def test_refused_in_words(base, made, tmp_path, changes, words):
    with pytest.raises(UsageError, match=words):
        import_adapter(edit(made(), **changes), base, tmp_path / "in")
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"peft_type": "LORA", "r": -1, "lora_alpha": 1}', "{", "3"])
def test_broken_configurations(base, made, tmp_path, config):
    adapter = made()
    (adapter / "adapter_config.json").write_text(config)
    with pytest.raises(UsageError, match="adapter"):
        import_adapter(adapter, base, tmp_path / "in")


def test_of_another_base(base_of, base, made, tmp_path):
    with pytest.raises(UsageError, match=r"does not fit the base|does not have"):
        import_adapter(made(), base_of("llama", hidden_size=32), tmp_path / "in", any_name=True)


def test_a_matrix_too_many(base, made, tmp_path):
    adapter = made()
    weights = load_file(adapter / "adapter_model.safetensors")
    save_file({**weights, "base_model.model.lm_head.weight": torch.ones(2, 2)}, adapter / "adapter_model.safetensors")
    with pytest.raises(UsageError, match=r"no LoRA matrix: 'base_model\.model\.lm_head"):
        import_adapter(adapter, base, tmp_path / "in")


def test_not_a_number(base, made, tmp_path):
    adapter = made()
    weights = load_file(adapter / "adapter_model.safetensors")
    weights[next(iter(weights))][0, 0] = float("nan")
    save_file(weights, adapter / "adapter_model.safetensors")
    with pytest.raises(BadFile, match="not-a-number"):
        import_adapter(adapter, base, tmp_path / "in")


def test_in_float16(base, made, tmp_path):
    adapter = made()
    weights = {k: v.half() for k, v in load_file(adapter / "adapter_model.safetensors").items()}
    save_file(weights, adapter / "adapter_model.safetensors")
    import_adapter(adapter, base, tmp_path / "in")
    merge(base, tmp_path / "in", 1.0, tmp_path / "merged")
    assert check_merge(base, tmp_path / "in", 1.0, tmp_path / "merged").failed == ()
    assert np.isfinite(next(iter(open_weights(tmp_path / "merged").values())).as_float32()).all()
