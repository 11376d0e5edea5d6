import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from suture.core.errors import BadFile
from suture.core.model.scaling import lines_schedule
from suture.packs.adapters.scaled import scale_layers

NAMES = {layer: f"base_model.model.model.layers.{layer}.mlp.up_proj" for layer in range(3)}


@pytest.fixture
def adapter(tmp_path):
    directory = tmp_path / "adapter"
    directory.mkdir()
    values = np.arange(6, dtype="float16").reshape(2, 3)
    parts = {f"{name}.lora_{part}.weight": values for name in NAMES.values() for part in "AB"}
    save_file(parts, directory / "adapter_model.safetensors")
    (directory / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4}))
    return directory


def test_each_layers_update_has_its_own_factor(adapter, tmp_path):
    scale_layers(adapter, lambda layers: lines_schedule(0.5, 0.5, layers), tmp_path / "out")
    before, after = (load_file(path / "adapter_model.safetensors") for path in (adapter, tmp_path / "out"))
    for layer, factor in enumerate((0.5, 0.75, 1.0)):
        for part, wanted in (("A", 1.0), ("B", factor)):
            name = f"{NAMES[layer]}.lora_{part}.weight"
            np.testing.assert_array_equal(after[name], before[name].astype("float32") * wanted)
    assert (tmp_path / "out/adapter_config.json").read_bytes() == (adapter / "adapter_config.json").read_bytes()


def test_the_same_bytes_every_time(adapter, tmp_path):
    hashes = {scale_layers(adapter, lambda layers: [0.3] * layers, tmp_path / name) for name in "ab"}
    assert len(hashes) == 1


def test_pickled_weights_are_refused(tmp_path):
    (tmp_path / "adapter_model.bin").write_bytes(b"")
    with pytest.raises(BadFile, match="pickled"):
        scale_layers(tmp_path, lambda layers: [1.0] * layers, tmp_path / "out")
