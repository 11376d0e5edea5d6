"""What goes wrong when models are exported elsewhere, one test a fault: the proof must see each of them.

Reported as unsloth #976, #1558, #2142, #2374, #3428 and #3899, llama.cpp #7062, and many more.
"""

import shutil

import numpy as np
import pytest
import torch
from gguf import GGUFValueType
from safetensors.torch import load_file, save_file

from suture.core.model.pack_manifest import Quantisation
from suture.files.gguf_header import Entry, read_header
from suture.loop.workshop import Silent
from suture.packs.gguf.layout import Layout
from suture.packs.gguf.write_gguf import write_gguf, write_pack
from suture.wiring.foundry import TorchFoundry

pytest.importorskip("xllamacpp")

PROMPT = "<|im_start|>user\nadd 1 and 22<|im_end|>\n<|im_start|>assistant\n"


@pytest.fixture(scope="module")
def base(base_of):
    return base_of()


@pytest.fixture
def proof(base, tmp_path):
    """The complaints about a pack of ``weights`` with other metadata, given out as the pack of ``base``."""

    def complaints(*, weights=base, of=base, **metadata):
        template = base / "base.gguf"
        header = read_header(template)
        entries = {k: e for k, e in header.entries.items() if metadata.get(k, "kept") is not None}
        for key, value in metadata.items():
            if value is not None:
                kinds = {bool: GGUFValueType.BOOL, int: GGUFValueType.UINT32, str: GGUFValueType.STRING}
                entries[key] = Entry(value, kinds[type(value)])
        write_gguf(weights, entries, Layout.of(header, template), Quantisation.BF16, tmp_path / "p.gguf")
        return "; ".join(TorchFoundry(Silent()).prove(tmp_path / "p.gguf", of, [PROMPT]).complaints)

    return complaints


def changed(base, out, change):
    """A copy of the base with other weights."""
    shutil.copytree(base, out)
    weights = load_file(out / "model.safetensors")
    change(weights)
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    return out


def test_nothing_wrong(proof):
    assert proof() == ""


def test_wrong_chat_template(proof):
    template = "{% for m in messages %}[INST]{{ m.content }}[/INST]{% endfor %}"
    assert "chat template" in proof(**{"tokenizer.chat_template": template})


def test_template_with_one_newline_more(proof, base):
    template = read_header(base / "base.gguf").get("tokenizer.chat_template")
    assert "chat template" in proof(**{"tokenizer.chat_template": template.replace("assistant\n", "assistant\n\n")})


def test_bos_that_the_model_was_not_trained_with(proof):
    assert "tokenizer" in proof(**{"tokenizer.ggml.add_bos_token": True})


def test_bos_missing(base_of, tmp_path):
    base = base_of("llama", pre="llama-bpe")  # whose tokenizer puts BOS first when llama.cpp is told nothing
    header = read_header(base / "base.gguf")
    entries = {k: e for k, e in header.entries.items() if k != "tokenizer.ggml.add_bos_token"}
    layout = Layout.of(header, base / "base.gguf")
    write_gguf(base, entries, layout, Quantisation.BF16, tmp_path / "p.gguf")
    assert any("tokenizer" in c for c in TorchFoundry(Silent()).prove(tmp_path / "p.gguf", base, [PROMPT]).complaints)


def test_bos_twice():
    from suture.core.model.proof import ChatProof, Parity

    twice = ChatProof(messages_digest="m", tokens=3, same_text=True, same_tokens=True, leading_bos=2)
    parity = Parity(tensors_checked=1, tensors_failed=0, tensors=(), chats=(twice,))
    assert parity.complaints == ("BOS twice before 1 of 1 conversations",)


def test_wrong_end_token(proof):
    assert "EOS" in proof(**{"tokenizer.ggml.eos_token_id": 5})


def test_wrong_pre_tokenizer(proof):
    assert "tokenizer" in proof(**{"tokenizer.ggml.pre": "llama-bpe"})


def test_adapter_not_applied(proof, base, tmp_path):
    def merge(weights):
        weights["model.layers.0.mlp.up_proj.weight"] += 0.1

    merged = changed(base, tmp_path / "merged", merge)
    assert "1 of 20 tensors" in proof(weights=base, of=merged)


@pytest.mark.parametrize("by", [2.0, 0.5], ids=["applied-twice", "at-half-the-scale"])
def test_adapter_applied_otherwise(proof, base, tmp_path, by):
    update = torch.randn(96, 64, generator=torch.Generator().manual_seed(0)) * 0.05

    def merge(scale):
        def change(weights):
            name = "model.layers.0.mlp.up_proj.weight"
            weights[name] = (weights[name].float() + scale * update).to(torch.bfloat16)

        return change

    once = changed(base, tmp_path / "once", merge(1.0))
    other = changed(base, tmp_path / "other", merge(by))
    assert "1 of 20 tensors" in proof(weights=other, of=once)


def test_output_matrix_lost_where_it_is_not_tied(base_of, tmp_path):
    untied = base_of("qwen2")
    write_pack(untied, untied, Quantisation.BF16, tmp_path / "p.gguf", lineage={})
    assert "output.weight" in read_header(tmp_path / "p.gguf").tensors
    without = changed(untied, tmp_path / "without", lambda weights: weights.pop("lm_head.weight"))
    write_pack(without, untied, Quantisation.BF16, tmp_path / "p.gguf", lineage={})
    assert any("tensors" in c for c in TorchFoundry(Silent()).prove(tmp_path / "p.gguf", untied, [PROMPT]).complaints)


def test_vocabulary_resized_after_the_tokenizer_was_written(base, tmp_path):
    def resize(weights):
        more = torch.zeros(8, 64, dtype=torch.bfloat16)
        weights["model.embed_tokens.weight"] = torch.cat([weights["model.embed_tokens.weight"], more])

    from suture.packs.gguf.tensor_proof import compare_tensors

    resized = changed(base, tmp_path / "resized", resize)
    _, failed, worst = compare_tensors(base / "base.gguf", resized)
    assert failed == 1
    assert "of shape" in worst[0].type


def test_query_rows_in_the_other_library_s_order(proof, base, tmp_path):
    """Every number is there and none is where the engine looks for it."""

    def turn(weights):
        name = "model.layers.0.self_attn.q_proj.weight"
        weights[name] = weights[name][torch.from_numpy(np.random.default_rng(0).permutation(64))].contiguous()

    assert "tensors" in proof(weights=changed(base, tmp_path / "turned", turn))
