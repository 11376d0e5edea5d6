import numpy as np
import pytest

from suture.core.errors import UsageError
from suture.packs.gguf.layout import Layout


def test_names():
    layout = Layout("llama", blocks=2, heads=4, kv_heads=2)
    assert layout.name("model.embed_tokens.weight") == "token_embd.weight"
    assert layout.name("model.layers.1.self_attn.q_proj.weight") == "blk.1.attn_q.weight"
    assert layout.name("model.layers.0.mlp.down_proj.weight") == "blk.0.ffn_down.weight"
    with pytest.raises(UsageError, match="no place"):
        layout.name("model.layers.0.mlp.experts.weight")


def test_halves_of_llama_s_heads_are_interleaved():
    layout = Layout("llama", blocks=1, heads=2, kv_heads=1)
    rows = np.arange(8).reshape(8, 1)
    key = "model.layers.0.self_attn.{}_proj.weight"
    assert layout.reorder(key.format("q"), rows).ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert layout.reorder(key.format("k"), rows).ravel().tolist() == [0, 4, 1, 5, 2, 6, 3, 7]
    assert layout.reorder(key.format("v"), rows).ravel().tolist() == list(range(8))


def test_other_architectures_keep_their_rows():
    layout = Layout("qwen2", blocks=1, heads=2, kv_heads=1)
    rows = np.arange(8).reshape(8, 1)
    assert layout.reorder("model.layers.0.self_attn.q_proj.weight", rows).ravel().tolist() == list(range(8))


def test_unsupported():
    with pytest.raises(UsageError, match="mamba"):
        Layout("mamba", blocks=1, heads=1, kv_heads=1)
