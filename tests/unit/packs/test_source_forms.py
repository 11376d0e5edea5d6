"""Directories as their makers publish them: what transformers saves, and what the models in use state beside it."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from sources import edit

from suture.loop.workshop import Silent
from suture.packs.bases.prepare_base import prepare_base
from suture.packs.families.table import ARCHITECTURES
from suture.wiring.foundry import TorchFoundry

pytest.importorskip("xllamacpp")


def proved(directory, out):
    proof = TorchFoundry(Silent()).prepare_base(directory, out).proof
    return proof is not None and proof.holds


@pytest.mark.parametrize("family", ARCHITECTURES)
def test_what_transformers_saves_again(source, tmp_path, family):
    from transformers import AutoTokenizer

    from suture.training.load import load_model
    from suture.training.quiet import quiet

    directory = source(family)
    with quiet():
        load_model(directory, torch.bfloat16).save_pretrained(tmp_path / "saved")
        AutoTokenizer.from_pretrained(directory).save_pretrained(tmp_path / "saved")
    assert prepare_base(tmp_path / "saved", tmp_path / "base").weights_sha256 == (
        prepare_base(directory, tmp_path / "before").weights_sha256
    )


def test_what_is_merged_is_a_base(base_of, tmp_path):
    from peft_adapters import save_adapter

    from suture.training.merged_directory import merge

    adapter = save_adapter(base_of(), tmp_path / "adapter", seed=0, std=0.1, r=2, target_modules=["q_proj"])
    merge(base_of(), adapter, 1.0, tmp_path / "merged")
    assert prepare_base(tmp_path / "merged", tmp_path / "base").architecture == "llama"


def test_files_like_smollm2_s(source, tmp_path):
    directory = source()
    added = json.loads((directory / "tokenizer.json").read_text())["added_tokens"]
    edit(
        directory / "tokenizer_config.json",
        tokenizer_class="GPT2Tokenizer",
        add_prefix_space=False,
        added_tokens_decoder={str(one["id"]): {k: v for k, v in one.items() if k != "id"} for one in added},
        additional_special_tokens=["<|im_start|>", "<|im_end|>"],
        model_max_length=8192,
        unk_token="<|endoftext|>",
        add_bos_token=...,
        vocab_size=320,
    )
    special = {"bos_token": {"content": "<|im_start|>", "lstrip": False}, "pad_token": "<|endoftext|>"}
    edit(directory / "special_tokens_map.json", **special, additional_special_tokens=["<|im_start|>"])
    edit(directory / "generation_config.json", _from_model_config=True, bos_token_id=1, eos_token_id=2)
    edit(
        directory / "config.json",
        **{"transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16"}}},
        is_llama_config=True,
        rope_interleaved=False,
        torch_dtype="bfloat16",
        rope_parameters=...,
        rope_theta=10000.0,
        rope_scaling=None,
    )
    assert proved(directory, tmp_path / "base")


@pytest.mark.parametrize("kind", [torch.float32, torch.float16])
def test_weights_that_are_rounded_to_bf16(source, tmp_path, kind):
    directory = source()
    torch.manual_seed(0)
    weights = {
        name: (weight.float() * (1 + torch.randn(weight.shape) * 2e-3)).to(kind)
        for name, weight in load_file(directory / "model.safetensors").items()
    }
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    assert proved(directory, tmp_path / "base")


@pytest.mark.parametrize(
    "rope",
    [
        {"rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 2.0}},
        {
            "rope_theta": 500000.0,
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 32.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            },
        },
    ],
    ids=["linear", "llama3"],
)
def test_scaled_positions_as_transformers_4_wrote_them(source, tmp_path, rope):
    directory = source()
    edit(directory / "config.json", rope_parameters=..., **rope)
    assert proved(directory, tmp_path / "base")
