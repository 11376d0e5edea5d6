"""A Hugging Face directory is prepared as its framework computes it, or refused by the name of what is in the way."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from sources import edit, refused

from suture.files.gguf_header import read_header
from suture.packs.bases.prepare_base import prepare_base


@pytest.mark.parametrize(
    ("family", "key", "value"),
    [
        ("llama", "hidden_act", "gelu"),
        ("qwen2", "hidden_act", "relu"),
        ("gemma3", "hidden_activation", "silu"),
        ("llama", "mlp_bias", True),
        ("qwen3", "attention_bias", True),
        ("gemma3", "attention_bias", True),
        ("llama", "rope_interleaved", True),
        ("llama", "partial_rotary_factor", 0.5),
        ("llama", "rope_scaling", {"type": "dynamic", "factor": 2.0}),
        ("qwen2", "rope_scaling", {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}),
        ("qwen2", "layer_types", ["full_attention", "sliding_attention"]),
        ("gemma3", "sliding_window_pattern", 2),
        ("gemma3", "attn_logit_softcapping", 50.0),
        ("llama", "architectures", ["LlamaForSequenceClassification"]),
        ("llama", "auto_map", {"AutoModelForCausalLM": "modeling.Model"}),
        ("llama", "quantization_config", {"quant_method": "gptq"}),
        ("llama", "logit_scale", 0.0625),
        ("llama", "residual_multiplier", 0.22),
        ("llama", "no_rope_layers", [1, 0]),
        ("llama", "is_encoder_decoder", True),
        ("llama", "a_key_of_next_year", False),
    ],
)
def test_a_setting_that_is_not_carried_over_is_refused_by_name(source, tmp_path, family, key, value):
    directory = source(family)
    edit(directory / "config.json", **{key: value})
    named = "quantised" if key == "quantization_config" else key
    refused(directory, tmp_path / "base", named)


@pytest.mark.parametrize("family", ["qwen2", "qwen3"])
def test_a_window_that_some_layers_would_see_is_refused(source, tmp_path, family):
    directory = source(family)
    edit(directory / "config.json", use_sliding_window=True, sliding_window=16, max_window_layers=1, layer_types=...)
    refused(directory, tmp_path / "base", "use_sliding_window")


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("llama", {"rope_parameters": ..., "rope_theta": 10000.0, "rope_scaling": None, "torch_dtype": "bfloat16"}),
        ("llama", {"is_llama_config": True, "rope_interleaved": False, "pretraining_tp": 1, "unsloth_fixed": True}),
        ("qwen2", {"use_sliding_window": False, "sliding_window": 32768, "max_window_layers": 1, "use_mrope": False}),
        ("qwen2", {"layer_types": ..., "use_sliding_window": True, "sliding_window": 16, "max_window_layers": 28}),
        ("qwen3", {"rope_parameters": ..., "rope_theta": 1e6, "a_key_of_next_year": None}),
        (
            "gemma3",
            {
                "rope_parameters": ...,
                "layer_types": ...,
                "tie_word_embeddings": ...,
                "rope_theta": 1000000,
                "rope_local_base_freq": 10000,
                "rope_scaling": None,
                "sliding_window_pattern": 6,
                "cache_implementation": "hybrid",
                "transformers_version": "4.50.0.dev0",
            },
        ),
        (
            "gemma3",
            {"rope_parameters": ..., "rope_theta": 1e6, "rope_local_base_freq": 1e4, "_sliding_window_pattern": 6},
        ),
    ],
)
def test_what_transformers_4_wrote_means_the_same(source, tmp_path, family, changes):
    directory = source(family)
    before = prepare_base(directory, tmp_path / "before")
    edit(directory / "config.json", **changes)
    after = prepare_base(directory, tmp_path / "after")
    assert after.weights_sha256 == before.weights_sha256
    was, now = (json.loads((tmp_path / name / "config.json").read_text()) for name in ("before", "after"))
    bases = {"rope_theta", "rope_parameters"} & changes.keys()
    assert {k: v for k, v in now.items() if not bases or k != "rope_parameters"} == {
        k: v for k, v in was.items() if not bases or k != "rope_parameters"
    }
    key = {"llama": "llama", "qwen3": "qwen3", "gemma3": "gemma3"}.get(family)
    if bases and key:
        said = read_header(tmp_path / "after" / "base.gguf").get(f"{key}.rope.freq_base")
        assert said == changes.get("rope_theta", 10000.0)


def test_two_rotary_bases_that_disagree(source, tmp_path):
    directory = source()
    edit(directory / "config.json", rope_theta=500000.0)
    refused(directory, tmp_path / "base", "rope_theta", "rope_parameters has 10000")


def test_a_head_that_is_not_the_embeddings_it_is_tied_to(source, tmp_path):
    directory = source()
    weights = load_file(directory / "model.safetensors")
    weights["lm_head.weight"] = weights["model.embed_tokens.weight"].clone()
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    assert prepare_base(directory, tmp_path / "copy").architecture == "llama"
    weights["lm_head.weight"][3, 3] += 1
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    refused(directory, tmp_path / "base", "lm_head.weight", "tie_word_embeddings")


def test_a_head_of_its_own_that_is_missing(source, tmp_path):
    directory = source("qwen2")
    weights = load_file(directory / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    refused(directory, tmp_path / "base", "lm_head.weight", "tie_word_embeddings")


def test_biases_that_the_configuration_does_not_mention(source, tmp_path):
    directory = source()
    weights = load_file(directory / "model.safetensors")
    weights["model.layers.0.self_attn.q_proj.bias"] = torch.zeros(64, dtype=torch.bfloat16)
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})
    refused(directory, tmp_path / "base", "q_proj.bias", "attention_bias")


def test_a_tensor_of_another_shape_than_the_configuration_calls_for(source, tmp_path):
    directory = source()
    edit(directory / "config.json", intermediate_size=128)
    refused(directory, tmp_path / "base", "mlp.gate_proj.weight", "config.json calls for (128, 64)")


def in_shards(directory):
    weights = load_file(directory / "model.safetensors")
    (directory / "model.safetensors").unlink()
    names = sorted(weights)
    places = {name: f"model-0000{1 + (i % 2)}-of-00002.safetensors" for i, name in enumerate(names)}
    for file in set(places.values()):
        save_file({name: weights[name] for name in names if places[name] == file}, directory / file)
    (directory / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))


def test_shards_are_read_whole_or_the_missing_one_is_named(source, tmp_path):
    directory = source("qwen2")
    whole = prepare_base(directory, tmp_path / "whole")
    in_shards(directory)
    assert prepare_base(directory, tmp_path / "shards").weights_sha256 == whole.weights_sha256
    (directory / "model-00002-of-00002.safetensors").unlink()
    refused(directory, tmp_path / "base", "model-00002-of-00002.safetensors")


@pytest.mark.parametrize("prefix", ["_orig_mod.", "module."])
def test_weights_below_a_wrapper_s_name(source, tmp_path, prefix):
    directory = source()
    weights = load_file(directory / "model.safetensors")
    save_file({prefix + key: weight for key, weight in weights.items()}, directory / "model.safetensors")
    refused(directory, tmp_path / "base", "model.embed_tokens.weight", "without a wrapper", prefix)


def test_weights_of_a_model_without_its_output_matrix(source, tmp_path):
    directory = source()
    weights = load_file(directory / "model.safetensors")
    save_file({key.removeprefix("model."): weight for key, weight in weights.items()}, directory / "model.safetensors")
    refused(directory, tmp_path / "base", "'embed_tokens.weight'")


def test_files_that_no_index_names(source, tmp_path):
    directory = source()
    (directory / "model.safetensors").rename(directory / "weights.safetensors")
    refused(directory, tmp_path / "base", "weights.safetensors", "rename it")


def test_other_files_beside_the_model_s_are_not_its_weights(source, tmp_path):
    directory = source()
    before = prepare_base(directory, tmp_path / "before").weights_sha256
    save_file({"model.norm.weight": torch.ones(64)}, directory / "consolidated.safetensors")
    assert prepare_base(directory, tmp_path / "base").weights_sha256 == before


def test_an_adapter_s_directory_is_no_model(source, tmp_path):
    directory = source()
    (directory / "adapter_config.json").write_text("{}")
    refused(directory, tmp_path / "base", "adapter", "suture import adapter")
