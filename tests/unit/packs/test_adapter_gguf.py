"""An adapter beside its base says what the merged model says."""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from suture.core.errors import BadFile, UsageError
from suture.core.model.pack_manifest import Quantisation
from suture.packs.adapters.gguf_file import write_adapter
from suture.packs.gguf.write_gguf import write_pack

PROMPTS = tuple(f"<|im_start|>user\nadd {n}<|im_end|>\n<|im_start|>assistant\ndef" for n in range(12))


def make_adapter(base: Path, out: Path, **settings: object) -> Path:
    """A PEFT directory whose update is no longer zero."""
    pytest.importorskip("torch")
    from peft_adapters import save_adapter

    every = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    defaults = {"r": 4, "lora_alpha": 8, "target_modules": every, "task_type": "CAUSAL_LM"}
    return save_adapter(base, out, seed=5, std=0.1, **{**defaults, **settings})


def difference(here, there):
    """Mean, in nats, over the likeliest tokens of the prompts where both show any; see ``LlamaCpp.next_token``."""
    pairs = [(one, other) for one, other in zip(here, there, strict=True) if one and other]
    assert len(pairs) >= 3, "too few prompts to say anything"
    found = [
        abs(one[token] - other[token])
        for one, other in pairs
        for token in sorted(one, key=lambda token: -one[token])[:10]
        if token in other
    ]
    return sum(found) / len(found)


@pytest.mark.parametrize(
    ("architecture", "settings"),
    [
        ("llama", {}),
        ("llama", {"use_rslora": True}),
        ("llama", {"use_rslora": True, "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.mlp.up_proj": 3}}),
        ("qwen2", {}),
        ("qwen3", {"target_modules": ["q_proj", "up_proj"]}),
    ],
)
def test_beside_its_base_it_says_what_the_merged_pack_says(base_of, tmp_path, architecture, settings):
    pytest.importorskip("xllamacpp")
    from llamacpp import LlamaCpp

    from suture.training.merged_directory import merge

    base = base_of(architecture)
    adapter = make_adapter(base, tmp_path / "adapter", **settings)
    pack, beside = tmp_path / "base.gguf", tmp_path / "adapter.gguf"
    write_pack(base, base, Quantisation.F16, pack, lineage={})
    write_adapter(adapter, pack, beside)
    hot, plain = LlamaCpp(pack, beside), LlamaCpp(pack)
    before = [plain.next_token(prompt) for prompt in PROMPTS]
    assert [hot.next_token(prompt) for prompt in PROMPTS] == before
    for scale in (0.5, 1.0):
        merged = tmp_path / f"merged-{scale}"
        merge(base, adapter, scale, merged)
        write_pack(merged, base, Quantisation.F16, tmp_path / "merged.gguf", lineage={})
        other = LlamaCpp(tmp_path / "merged.gguf")
        wanted = [other.next_token(prompt) for prompt in PROMPTS]
        found = [hot.next_token(prompt, scale=scale) for prompt in PROMPTS]
        moved, apart = difference(wanted, before), difference(wanted, found)
        assert moved > 0.1, "the adapter changes too little for this test to say anything"
        assert apart < moved / 4  # BF16 rounds what was merged, not what lies beside


@pytest.fixture(scope="module")
def sound(base_of, tmp_path_factory):
    base = base_of("llama")
    return base, make_adapter(base, tmp_path_factory.mktemp("sound") / "adapter")


@pytest.fixture
def copied(sound, tmp_path):
    """(base, a copy of the sound adapter that may be damaged)."""
    shutil.copytree(sound[1], tmp_path / "adapter")
    return sound[0], tmp_path / "adapter"


def write(base, adapter):
    out = adapter.with_suffix(".gguf")
    try:
        return write_adapter(adapter, base / "base.gguf", out)
    finally:
        assert out.exists() or not list(adapter.parent.glob("*.gguf*")), "something half-written is left"


def change(adapter, **settings):
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(config | settings))


def test_the_same_adapter_gives_the_same_bytes(copied):
    base, adapter = copied
    assert write(base, adapter) == write(base, adapter)


@pytest.mark.parametrize("odd", [{"use_dora": True}, {"modules_to_save": ["lm_head"]}, {"init_lora_weights": "pissa"}])
def test_what_llama_cpp_cannot_load_is_refused(copied, odd):
    base, adapter = copied
    change(adapter, **odd)
    with pytest.raises(UsageError, match=next(iter(odd))):
        write(base, adapter)


def test_an_adapted_embedding_is_refused(copied):
    base, adapter = copied
    tensors = load_file(adapter / "adapter_model.safetensors")
    tensors["base_model.model.model.embed_tokens.lora_embedding_A"] = next(iter(tensors.values()))
    save_file(tensors, adapter / "adapter_model.safetensors")
    with pytest.raises(UsageError, match="embed_tokens"):
        write(base, adapter)


def test_another_base_is_refused(copied, base_of):
    _, adapter = copied
    with pytest.raises(UsageError, match="does not fit the base"):
        write(base_of("llama", hidden_size=128), adapter)


def test_not_a_number_is_refused(copied):
    base, adapter = copied
    tensors = load_file(adapter / "adapter_model.safetensors")
    next(iter(tensors.values()))[0, 0] = float("nan")
    save_file(tensors, adapter / "adapter_model.safetensors")
    with pytest.raises(BadFile, match="not-a-number"):
        write(base, adapter)


@pytest.mark.parametrize("missing", ["adapter_config.json", "adapter_model.safetensors"])
def test_half_an_adapter_is_refused(copied, missing):
    base, adapter = copied
    (adapter / missing).unlink()
    with pytest.raises(BadFile, match=missing.split(".")[0]):
        write(base, adapter)


def test_an_alpha_of_nothing_is_nothing_beside_the_base(copied):
    """llama.cpp takes a file whose alpha is 0 to mean a factor of 1."""
    base, adapter = copied
    change(adapter, lora_alpha=0)
    write(base, adapter)
    from gguf import GGUFReader

    tensors = GGUFReader(adapter.with_suffix(".gguf")).tensors
    assert not any(tensor.data.any() for tensor in tensors if tensor.name.endswith("lora_b"))


def test_what_llamacpp_reads_is_made_of_the_named_bytes_each_time(base_of, tmp_path):
    from suture.files.small_files import sha256_of
    from suture.store.home import Home
    from suture.wiring.adapter_files import adapter_for_llamacpp

    base, home = base_of("llama"), Home(tmp_path / "home")
    adapter, pack = make_adapter(base, tmp_path / "adapter"), tmp_path / "base.gguf"
    write_pack(base, base, Quantisation.F16, pack, lineage={})
    weights = sha256_of(adapter / "adapter_model.safetensors")
    made = adapter_for_llamacpp(home, adapter, weights, pack)
    honest = made.read_bytes()
    made.write_bytes(b"GGUF any other adapter")
    assert adapter_for_llamacpp(home, adapter, weights, pack).read_bytes() == honest
    with pytest.raises(BadFile, match="should be 0000"):
        adapter_for_llamacpp(home, adapter, "0" * 64, pack)
