"""Which type each tensor of a Q4_K_M file gets: llama.cpp's rules for dense models (llama-quant.cpp).

Attention values and feed-forward outputs of some layers, and the output matrix, are kept in Q6_K, the rest in Q4_K;
rows that do not fill blocks of 256 fall back to a type with blocks of 32. Models of 80 layers, whose rules differ, are
beyond what Suture repairs.
"""

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

_FALLBACK = {GGMLQuantizationType.Q4_K: GGMLQuantizationType.Q5_0, GGMLQuantizationType.Q6_K: GGMLQuantizationType.Q8_0}


def q4_k_m_type(name: str, columns: int, *, blocks: int, tied: bool) -> GGMLQuantizationType:
    """Type of the matrix ``name`` (GGUF's name).

    Args:
        columns: length of its rows.
        blocks: transformer layers of the model.
        tied: the model has no output matrix; then the embeddings are treated as one.
    """
    wanted = GGMLQuantizationType.Q4_K
    if (
        name == "output.weight"
        or (tied and name == "token_embd.weight")
        or (name.endswith((".attn_v.weight", ".ffn_down.weight")) and _more_bits(int(name.split(".")[1]), blocks))
    ):
        wanted = GGMLQuantizationType.Q6_K
    if columns % GGML_QUANT_SIZES[wanted][0]:
        wanted = _FALLBACK[wanted]
    return wanted if columns % GGML_QUANT_SIZES[wanted][0] == 0 else GGMLQuantizationType.F16


def _more_bits(layer: int, layers: int) -> bool:
    """The first and last eighth, and every third layer between."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2
