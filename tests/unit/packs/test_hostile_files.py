"""Files made to fool a reader: what they say is refused in words, and nothing outside the model's directory is read."""

import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import make_model

from suture.core.errors import BadFile
from suture.files.gguf_header import read_header
from suture.packs.adapters.importing import import_adapter
from suture.packs.bases.prepare_base import prepare_base
from suture.packs.hugging_face.weights import open_weights

FUZZER = Path(__file__).parents[2] / "support" / "hostile_files.py"


@pytest.fixture
def source(tmp_path):
    return make_model(tmp_path / "source")


@pytest.fixture(scope="module")
def everything(base_of, tmp_path_factory):
    """A prepared base, which is also a model's directory, with an adapter in it."""
    folder = tmp_path_factory.mktemp("hostile") / "base"
    shutil.copytree(base_of(), folder)
    (folder / "adapter").mkdir()
    config = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"]}
    named = {"base_model_name_or_path": json.loads((folder / "suture.json").read_text())["source"]}
    (folder / "adapter/adapter_config.json").write_text(json.dumps(config | named))
    module = "base_model.model.model.layers.0.self_attn.q_proj"
    save_file(
        {f"{module}.lora_A.weight": torch.zeros(2, 64), f"{module}.lora_B.weight": torch.zeros(64, 2)},
        folder / "adapter/adapter_model.safetensors",
    )
    return folder


def fuzz(base, count, seed):
    done = subprocess.run(
        [sys.executable, str(FUZZER), str(base), "1.5", str(count), str(seed)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr[-2000:]


def test_the_unharmed_files_are_accepted(everything, tmp_path):
    assert import_adapter(everything / "adapter", everything, tmp_path / "in").matrices == 1


def test_mutated_files_in_little_memory(everything):
    fuzz(everything, 60, seed=7)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_many_mutated_files_in_little_memory(everything, seed):
    fuzz(everything, 600, seed)


def test_an_index_that_names_files_elsewhere_is_not_followed(source, tmp_path):
    weights = load_file(source / "model.safetensors")
    stolen = weights.pop("model.norm.weight")
    save_file(weights, source / "model.safetensors")
    save_file({"model.norm.weight": stolen}, tmp_path / "outside.safetensors")
    index = {
        "weight_map": dict.fromkeys(weights, "model.safetensors") | {"model.norm.weight": "../outside.safetensors"}
    }
    (source / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(BadFile, match=r"lacks the tensor 'model\.norm\.weight'"):
        prepare_base(source, tmp_path / "base")


@pytest.mark.parametrize("name", ["chat_template.jinja", "model.safetensors", "tokenizer.json"])
def test_a_link_that_leads_out_of_the_directory_is_not_followed(source, tmp_path, name):
    (tmp_path / "secret").write_text("the user's own")
    (source / name).unlink(missing_ok=True)
    (source / name).symlink_to("../secret")
    with pytest.raises(BadFile, match="leads out of the model's directory"):
        prepare_base(source, tmp_path / "base")


def test_a_hub_cache_s_own_links_are_followed(source, tmp_path):
    cache = tmp_path / "models--o--n"
    shutil.copytree(source, cache / "blobs")
    snapshot = cache / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for file in (cache / "blobs").iterdir():
        (snapshot / file.name).symlink_to(f"../../blobs/{file.name}")
    assert prepare_base(snapshot, tmp_path / "base").architecture == "llama"


def test_an_adapter_s_link_is_not_followed(everything, tmp_path):
    shutil.copytree(everything / "adapter", tmp_path / "theirs")
    (tmp_path / "secret").write_text("{}")
    (tmp_path / "theirs/adapter_config.json").unlink()
    (tmp_path / "theirs/adapter_config.json").symlink_to("../secret")
    with pytest.raises(BadFile, match="leads out of"):
        import_adapter(tmp_path / "theirs", everything, tmp_path / "in")


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"[" * 90_000, b""),
        (b'{"a":' * 90_000, b""),
        (b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,' + b"9" * 5000 + b"]}}", b""),
        (b'{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', bytes(4)),
        (b'{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}', bytes(4)),
        (b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":3}', bytes(4)),
        (b'{"w":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}', bytes(4)),
    ],
    ids=["deep-array", "deep-object", "long-number", "negative", "nothing", "twice", "no-number"],
)
def test_safetensors_headers(tmp_path, raw, body):
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(raw)) + raw + body)
    with pytest.raises(BadFile):
        open_weights(tmp_path)


def test_the_same_tensor_in_two_files(source, tmp_path):
    shutil.copy(source / "model.safetensors", source / "again.safetensors")
    with pytest.raises(BadFile, match="twice"):
        open_weights(source)


def test_a_directory_called_safetensors(tmp_path):
    (tmp_path / "m.safetensors").mkdir()
    with pytest.raises(BadFile, match="not a file"):
        open_weights(tmp_path)


def test_gguf_arrays_that_are_there_but_longer_than_any_vocabulary(tmp_path):
    array = struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 0, 9_000_000) + bytes(9_000_000)
    (tmp_path / "x.gguf").write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + array)
    with pytest.raises(BadFile, match="arrays of 9000000 elements"):
        read_header(tmp_path / "x.gguf")


@pytest.mark.parametrize(
    "changes",
    [{"vocab_size": 1 << 60}, {"num_hidden_layers": 1 << 40}, {"num_attention_heads": 0}, {"hidden_size": 1e400}],
)
def test_absurd_settings_of_a_directory(source, tmp_path, changes):
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(BadFile, match=next(iter(changes)) + "|layers"):
        prepare_base(source, tmp_path / "base")
