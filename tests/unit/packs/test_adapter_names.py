"""Names of an adapter's tensors: other tools' spellings of the same matrices, and tensors that are none."""

import json
import shutil

import pytest
import torch
from peft_adapters import save_adapter
from safetensors.torch import load_file, save_file

from suture.core.errors import BadFile, UsageError
from suture.packs.adapters.importing import import_adapter

PREFIX = "base_model.model."
TARGETS = ["q_proj", "down_proj"]


@pytest.fixture(scope="module")
def base(base_of):
    return base_of()


@pytest.fixture(scope="module")
def plain(base, tmp_path_factory):
    return save_adapter(base, tmp_path_factory.mktemp("plain") / "plain", seed=0, std=0.1, r=4, target_modules=TARGETS)


RENAMED = {
    "without-prefix": lambda key: key.removeprefix(PREFIX),
    "with-its-name": lambda key: key.replace(".weight", ".default.weight"),
    "with-another-name": lambda key: key.replace(".weight", ".my-adapter.weight"),
    "compiled": lambda key: f"_orig_mod.{key}",
    "compiled-inside": lambda key: key.replace(PREFIX, f"{PREFIX}_orig_mod."),
    "ddp": lambda key: f"module.{key}",
    "fsdp": lambda key: key.replace(".layers.", "._fsdp_wrapped_module.layers."),
    "checkpointed": lambda key: key.replace(".self_attn.", "._checkpoint_wrapped_module.self_attn."),
    "no-output-matrix": lambda key: key.replace(f"{PREFIX}model.", PREFIX),
    "beside-pictures": lambda key: key.replace(f"{PREFIX}model.", f"{PREFIX}model.language_model."),
    "beside-pictures-older": lambda key: key.replace(f"{PREFIX}model.", f"{PREFIX}language_model.model."),
    "without-weight": lambda key: key.removesuffix(".weight"),
}


@pytest.mark.parametrize("how", RENAMED)
def test_other_names_of_the_same_matrices(base, plain, tmp_path, how):
    wanted = import_adapter(plain, base, tmp_path / "wanted", any_name=True)
    theirs = shutil.copytree(plain, tmp_path / "theirs")
    weights = load_file(plain / "adapter_model.safetensors")
    save_file({RENAMED[how](key): weight for key, weight in weights.items()}, theirs / "adapter_model.safetensors")
    found = import_adapter(theirs, base, tmp_path / "in", any_name=True)
    assert (found.sha256, found.settings) == (wanted.sha256, wanted.settings)
    assert load_file(tmp_path / "in/adapter_model.safetensors").keys() == weights.keys()


@pytest.mark.parametrize(
    ("how", "pattern"),
    [
        ("beside-pictures", "model.language_model.layers.0.self_attn.q_proj"),
        ("beside-pictures-older", "language_model.model.layers.0.self_attn.q_proj"),
        ("no-output-matrix", "^layers.0.self_attn.q_proj"),
        ("compiled-inside", "_orig_mod.model.layers.0.self_attn.q_proj"),
        ("compiled-inside", "layers.0.self_attn.q_proj"),
        ("ddp", "model.layers.0.self_attn.q_proj"),
    ],
)
def test_a_pattern_names_modules_as_they_were_trained(base, plain, tmp_path, how, pattern):
    theirs = shutil.copytree(plain, tmp_path / "theirs")
    weights = load_file(plain / "adapter_model.safetensors")
    save_file({RENAMED[how](key): weight for key, weight in weights.items()}, theirs / "adapter_model.safetensors")
    config = json.loads((theirs / "adapter_config.json").read_text())
    (theirs / "adapter_config.json").write_text(json.dumps({**config, "alpha_pattern": {pattern: 32}}))
    found = import_adapter(theirs, base, tmp_path / "in", any_name=True)
    assert found.settings.alpha_pattern == {"model.layers.0.self_attn.q_proj": 32}


def test_embeddings_saved_as_the_output_matrix_they_are_tied_to_are_the_base_s(base, plain, tmp_path):
    theirs = shutil.copytree(plain, tmp_path / "theirs")
    weights = load_file(plain / "adapter_model.safetensors")
    embeddings = load_file(base / "model.safetensors")["model.embed_tokens.weight"]
    save_file(weights | {f"{PREFIX}lm_head.weight": embeddings}, theirs / "adapter_model.safetensors")
    wanted = import_adapter(plain, base, tmp_path / "wanted", any_name=True)
    assert import_adapter(theirs, base, tmp_path / "in", any_name=True).sha256 == wanted.sha256


def test_the_same_adapter_has_the_same_digest_every_time(base, plain, tmp_path):
    digests = {import_adapter(plain, base, tmp_path / str(time), any_name=True).sha256 for time in range(8)}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda w: w | {f"{PREFIX}model.layers.0.self_attn.q_proj.lora_magnitude_vector": torch.ones(64)}, "DoRA"),
        (lambda w: w | {f"{PREFIX}model.layers.0.self_attn.q_proj.lora_B.bias": torch.ones(64)}, "trained bias"),
        (lambda w: w | {f"{PREFIX}lm_head.modules_to_save.weight": torch.ones(2, 2)}, "whole module"),
        (lambda w: w | {f"{PREFIX}model.layers.0.something": torch.ones(2)}, "a part that is not known"),
        (lambda w: w | {k.replace(".weight", ".b.weight"): v.clone() for k, v in w.items()}, "twice"),
        (lambda w: {k.replace("layers.1", "layers.7"): v for k, v in w.items()}, "layers.7"),
        (lambda w: {k: v for k, v in w.items() if "lora_B" not in k}, "only one of the two"),
        (
            lambda w: {k.replace(".weight", ".b.weight" if ".1." in k else ".a.weight"): v for k, v in w.items()},
            "several adapters: a, b",
        ),
    ],
)
def test_tensors_that_are_not_one_plain_adapter(base, plain, tmp_path, changed, words):
    theirs = shutil.copytree(plain, tmp_path / "theirs")
    save_file(changed(load_file(plain / "adapter_model.safetensors")), theirs / "adapter_model.safetensors")
    with pytest.raises(UsageError, match=words):
        import_adapter(theirs, base, tmp_path / "in", any_name=True)


def test_the_same_matrices_at_another_alpha_are_another_adapter(base, plain, tmp_path):
    """What was measured is kept by an adapter's digest."""
    first = import_adapter(plain, base, tmp_path / "first", any_name=True)
    theirs = shutil.copytree(plain, tmp_path / "theirs")
    config = json.loads((theirs / "adapter_config.json").read_text())
    (theirs / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": 2 * config["lora_alpha"]}))
    assert import_adapter(theirs, base, tmp_path / "second", any_name=True).sha256 != first.sha256


def test_another_tool_s_files(base, plain, tmp_path):
    theirs = shutil.copytree(plain, tmp_path / "theirs")
    (theirs / "adapter_model.safetensors").rename(theirs / "adapters.safetensors")
    with pytest.raises(BadFile, match=r"adapters\.safetensors is another tool's"):
        import_adapter(theirs, base, tmp_path / "in", any_name=True)
