import json
from pathlib import Path

import numpy as np
import pytest
import torch
from rows import rows
from safetensors.torch import load_file, save_file

from suture.core.errors import BadFile, UsageError
from suture.core.model.train_settings import TrainSettings
from suture.training.logits import MergedReference
from suture.training.merged_directory import merge
from suture.training.trainer import train

SETTINGS = TrainSettings(rank=2, alpha=6, lr=1e-2)


@pytest.fixture(scope="module")
def base(base_of) -> Path:
    return base_of("qwen3")


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("adapter") / "adapter"
    train(base, rows(4, 2), SETTINGS, out, dataset_sha256="d")
    return out


def test_scale_0_is_the_base_bit_for_bit(base, adapter, tmp_path):
    merge(base, adapter, 0.0, tmp_path / "merged")
    assert (tmp_path / "merged/model.safetensors").read_bytes() == (base / "model.safetensors").read_bytes()


@pytest.mark.parametrize("scale", [1.0, 0.5, -0.25])
def test_adds_the_scaled_update(base, adapter, tmp_path, scale):
    merge(base, adapter, scale, tmp_path / "merged")
    before, after = load_file(base / "model.safetensors"), load_file(tmp_path / "merged/model.safetensors")
    update = load_file(adapter / "adapter_model.safetensors")
    changed = 0
    for name, weight in before.items():
        key = "base_model.model." + name.removesuffix(".weight")
        wanted = weight.float()
        if f"{key}.lora_A.weight" in update:
            b, a = update[f"{key}.lora_B.weight"], update[f"{key}.lora_A.weight"]
            wanted = wanted + scale * (SETTINGS.alpha / SETTINGS.rank) * (b @ a)
            changed += int(not torch.equal(after[name], weight))
        # Sums in another order may fall on the other side of a rounding boundary: one BF16 step.
        np.testing.assert_allclose(after[name].float(), wanted.to(torch.bfloat16).float(), rtol=2**-7, atol=1e-6)
        assert after[name].dtype == torch.bfloat16
    assert changed == 2 * len(SETTINGS.target_modules)


def test_merged_directory_stands_alone(base, adapter, tmp_path):
    merge(base, adapter, 1.0, tmp_path / "merged")
    answer = MergedReference(tmp_path / "merged").read("<|im_start|>user\nadd", top=5)
    (after,) = answer.logprobs
    assert len(after) == 5
    assert answer.prompt_ids[0] == 1
    assert list(after.values()) == sorted(after.values(), reverse=True)
    assert not list((tmp_path / "merged").glob("*.bin"))


def test_no_adapter(base, tmp_path):
    with pytest.raises(BadFile, match=r"no adapter_model\.safetensors"):
        merge(base, tmp_path, 1.0, tmp_path / "merged")


def test_pickled_adapter_is_refused(base, tmp_path):
    (tmp_path / "adapter_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(BadFile, match="pickled"):
        merge(base, tmp_path, 1.0, tmp_path / "merged")


def damaged(adapter: Path, out: Path) -> Path:
    out.mkdir()
    (out / "adapter_config.json").write_bytes((adapter / "adapter_config.json").read_bytes())
    return out


def test_adapter_cut_off(base, adapter, tmp_path):
    broken = damaged(adapter, tmp_path / "broken")
    data = (adapter / "adapter_model.safetensors").read_bytes()
    (broken / "adapter_model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(BadFile, match="cannot be merged"):
        merge(base, broken, 1.0, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_adapter_with_not_a_number(base, adapter, tmp_path):
    broken = damaged(adapter, tmp_path / "broken")
    weights = load_file(adapter / "adapter_model.safetensors")
    next(iter(weights.values()))[0, 0] = float("nan")
    save_file(weights, broken / "adapter_model.safetensors")
    with pytest.raises(BadFile):
        merge(base, broken, 1.0, tmp_path / "merged")


def test_adapter_of_another_base(base_of, adapter, tmp_path):
    with pytest.raises(BadFile, match="cannot be merged"):
        merge(base_of("llama"), adapter, 1.0, tmp_path / "merged")


def test_adapter_without_configuration(base, adapter, tmp_path):
    broken = damaged(adapter, tmp_path / "broken")
    (broken / "adapter_model.safetensors").write_bytes((adapter / "adapter_model.safetensors").read_bytes())
    (broken / "adapter_config.json").write_text(json.dumps({"peft_type": "NONSENSE"}))
    with pytest.raises(BadFile):
        merge(base, broken, 1.0, tmp_path / "merged")


def test_never_over_something_else(base, adapter, tmp_path):
    (tmp_path / "merged").mkdir()
    with pytest.raises(UsageError, match="exists already"):
        merge(base, adapter, 1.0, tmp_path / "merged")
