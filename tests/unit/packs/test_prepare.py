import contextlib
import json
import os
import shutil
import struct
import subprocess
import sys

import pytest
import torch
from draws import cases
from gguf import GGUFValueType
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tiny_models import make_model

from suture.core.errors import BadFile, MissingTool, SutureError, UsageError
from suture.core.model.base import BaseRecord
from suture.core.model.pack_manifest import Quantisation
from suture.files.gguf_header import Entry, read_header
from suture.machine.installing import install_extra
from suture.packs.bases.prepare_base import prepare_base
from suture.packs.gguf.layout import Layout
from suture.packs.gguf.pack_info import read_info
from suture.packs.gguf.write_gguf import write_gguf, write_pack
from suture.training.load import load_model, load_tokenizer

TEXT = (
    "<|im_start|>user\nit's 12345,\n\n  def add(a, b):  3.14\t I'LL we're<|im_end|>\n<|im_start|>assistant\n```python\n"
)


@pytest.mark.parametrize(
    ("architecture", "pre"),
    [("llama", "smollm"), ("llama", "llama-bpe"), ("qwen2", "qwen2"), ("qwen3", "qwen2"), ("gemma3", None)],
)
def test_to_gguf_and_back_changes_nothing(base_of, tmp_path, architecture, pre):
    base = base_of(architecture, pre=pre)
    write_pack(base, base, Quantisation.BF16, tmp_path / "base.gguf", lineage={})
    record = prepare_base(tmp_path / "base.gguf", tmp_path / "again")
    again = tmp_path / "again"
    assert (again / "model.safetensors").read_bytes() == (base / "model.safetensors").read_bytes()
    assert load_tokenizer(again)(TEXT)["input_ids"] == load_tokenizer(base)(TEXT)["input_ids"]
    before = BaseRecord.model_validate_json((base / "suture.json").read_bytes())
    same = {"architecture", "weights_sha256", "parameters", "chat_template_digest"}
    assert record.model_dump(include=same) == before.model_dump(include=same)
    assert record == BaseRecord.model_validate_json((again / "suture.json").read_bytes())
    assert record.chat_template_digest == read_info(again / "base.gguf").chat_template_digest
    assert (again / "base.gguf").read_bytes() == (tmp_path / "base.gguf").read_bytes()


def llama3(trained: int) -> dict[str, object]:
    return {
        "rope_type": "llama3",
        "rope_theta": 500000.0,
        "factor": 32.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": trained,
    }


@pytest.mark.parametrize("rope", [llama3(8192), {"rope_type": "linear", "rope_theta": 1e4, "factor": 2.0}])
def test_rope_scaling_survives_the_way_through_gguf(base_of, tmp_path, rope):
    base = base_of("llama", rope_parameters=rope)
    prepare_base(base / "base.gguf", tmp_path / "again")
    assert json.loads((tmp_path / "again/config.json").read_text())["rope_parameters"] == rope


def test_rope_scaling_that_cannot_be_told_from_the_file(base_of, tmp_path):
    base = base_of("llama", rope_parameters=llama3(1234))
    with pytest.raises(UsageError, match="rope_freqs"):
        prepare_base(base / "base.gguf", tmp_path / "again")


@cases(60)
@given(at=st.integers(0, 20_000), new=st.binary(min_size=1, max_size=9))
def test_a_mutated_gguf_is_converted_or_refused_in_words(base_of, tmp_path, at, new):
    data = (base_of() / "base.gguf").read_bytes()
    (tmp_path / "x.gguf").write_bytes(data[:at] + new + data[at + len(new) :])
    with contextlib.suppress(SutureError):
        prepare_base(tmp_path / "x.gguf", tmp_path / "base")
    shutil.rmtree(tmp_path / "base", ignore_errors=True)


@pytest.mark.parametrize("value", [0, 3, 1 << 16, (1 << 32) - 1])
@pytest.mark.parametrize("key", ["block_count", "attention.head_count", "attention.head_count_kv", "embedding_length"])
def test_absurd_sizes(base_of, tmp_path, key, value):
    base = base_of()
    header = read_header(base / "base.gguf")
    entries = {**header.entries, f"llama.{key}": Entry(value, GGUFValueType.UINT32)}
    write_gguf(base, entries, Layout.of(header, base / "base.gguf"), Quantisation.BF16, tmp_path / "x.gguf")
    with contextlib.suppress(SutureError):
        prepare_base(tmp_path / "x.gguf", tmp_path / "base")
        load_model(tmp_path / "base")  # which looks at shapes
        pytest.fail("accepted")


def test_directory(base_of, tmp_path):
    base = base_of("qwen2")
    names = {path.name for path in base.iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "suture.json", "base.gguf"} <= names
    record = BaseRecord.model_validate_json((base / "suture.json").read_bytes())
    assert record.parameters == read_info(base / "base.gguf").parameters
    assert record.chat_template_digest == read_info(base / "base.gguf").chat_template_digest


def test_licence_from_the_model_card(tmp_path):
    source = make_model(tmp_path / "source")
    (source / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n")
    assert prepare_base(source, tmp_path / "base").licence == "apache-2.0"


@pytest.mark.parametrize("source", ["none.gguf", "no/such/path", "/nowhere", "just-a-name"])
def test_no_such_source(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadFile, match="no such base model"):
        prepare_base(source, tmp_path / "base")


def test_hub_out_of_reach(tmp_path, monkeypatch):
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    def unreachable(*args, **kwargs):
        raise LocalEntryNotFoundError("cannot reach the hub")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(UsageError, match="could not be had from the hub: cannot reach") as caught:
        prepare_base("owner/model-that-is-not-here", tmp_path / "base")
    assert "download it elsewhere" in (caught.value.mend or "")
    assert list(tmp_path.iterdir()) == []


def test_unsupported_architecture(tmp_path):
    source = make_model(tmp_path / "source")
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps(config | {"model_type": "gemma4"}))
    with pytest.raises(UsageError, match="gemma4") as caught:
        prepare_base(source, tmp_path / "base")
    assert "llama, qwen2, qwen3, gemma3" in (caught.value.mend or "")
    assert not (tmp_path / "base").exists()


def test_gguf_of_an_unsupported_architecture(base_of, tmp_path):
    data = (base_of() / "base.gguf").read_bytes()
    name = struct.pack("<Q", 5)
    (tmp_path / "x.gguf").write_bytes(data.replace(name + b"llama", name + b"mamba", 1))
    with pytest.raises(UsageError, match="mamba"):
        prepare_base(tmp_path / "x.gguf", tmp_path / "base")


def test_gguf_with_an_unknown_tokenizer(base_of, tmp_path):
    data = (base_of() / "base.gguf").read_bytes()
    (tmp_path / "x.gguf").write_bytes(data.replace(b"smollm", b"smallm", 1))
    with pytest.raises(UsageError, match="pre-tokenizer 'smallm'"):
        prepare_base(tmp_path / "x.gguf", tmp_path / "base")


@pytest.mark.parametrize("keep", [0, 3, 100, 5000, -5000])
def test_gguf_cut_off(base_of, tmp_path, keep):
    data = (base_of() / "base.gguf").read_bytes()
    (tmp_path / "x.gguf").write_bytes(data[:keep])
    with pytest.raises(BadFile, match=r"x\.gguf"):
        prepare_base(tmp_path / "x.gguf", tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_pickled_weights_are_refused(tmp_path):
    source = make_model(tmp_path / "source")
    (source / "model.safetensors").rename(source / "pytorch_model.bin")
    with pytest.raises(BadFile, match="pickled"):
        prepare_base(source, tmp_path / "base")


def test_directory_without_configuration(tmp_path):
    (tmp_path / "source").mkdir()
    with pytest.raises(BadFile, match=r"config\.json"):
        prepare_base(tmp_path / "source", tmp_path / "base")


def test_weights_cut_off(tmp_path):
    source = make_model(tmp_path / "source")
    os.truncate(source / "model.safetensors", 5000)
    with pytest.raises(BadFile, match="cut off"):
        prepare_base(source, tmp_path / "base")


def test_without_the_hub_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingTool, match="huggingface_hub") as caught:
        prepare_base("owner/name", tmp_path / "base")
    assert caught.value.mend == install_extra("hub")


def test_needs_no_torch(base_of, tmp_path):
    code = (
        "import sys; from pathlib import Path; from suture.packs.bases.prepare_base import prepare_base; "
        "prepare_base(Path(sys.argv[1]), Path(sys.argv[2])); print('torch' in sys.modules)"
    )
    source = base_of() / "base.gguf"
    command = [sys.executable, "-c", code, str(source), str(tmp_path / "base")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_a_tensor_is_missing(tmp_path):
    source = make_model(tmp_path / "source")
    weights = load_file(source / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, source / "model.safetensors")
    with pytest.raises(BadFile, match=r"lacks the tensor 'model\.layers\.1\.mlp\.up_proj"):
        prepare_base(source, tmp_path / "base")


def test_an_unknown_rope_scaling(tmp_path):
    yarn = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 64}
    source = make_model(tmp_path / "source", rope_parameters=yarn)
    with pytest.raises(UsageError, match=r'config\.json: rope_parameters\.rope_type is "yarn"'):
        prepare_base(source, tmp_path / "base")


def test_an_unknown_tokenizer(tmp_path):
    source = make_model(tmp_path / "source")
    tokenizer = json.loads((source / "tokenizer.json").read_text())
    tokenizer["pre_tokenizer"] = {"type": "Metaspace"}
    (source / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(UsageError, match="cut by Metaspace"):
        prepare_base(source, tmp_path / "base")


def test_float32_weights_are_rounded_as_torch_rounds(tmp_path):
    source = make_model(tmp_path / "source")
    torch.manual_seed(0)
    exact = {
        name: w.float() + torch.randn(w.shape) * 1e-3 for name, w in load_file(source / "model.safetensors").items()
    }
    save_file(exact, source / "model.safetensors")
    prepare_base(source, tmp_path / "base")
    rounded = load_file(tmp_path / "base/model.safetensors")
    for name, weight in exact.items():
        assert torch.equal(rounded[name], weight.to(torch.bfloat16))


def test_disk_full(base_of, tmp_path, monkeypatch):
    import errno

    source = base_of() / "base.gguf"

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(Exception, match="disk is full"):
        prepare_base(source, tmp_path / "base")
    assert list(tmp_path.iterdir()) == []
