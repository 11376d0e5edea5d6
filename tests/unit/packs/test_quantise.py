import numpy as np
import pytest
from draws import cases
from gguf import GGMLQuantizationType
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from suture.core.model.pack_manifest import Quantisation
from suture.packs.gguf.quantise import decode, encode, nbytes, type_of, worst_error
from suture.packs.hugging_face.weights import Weight

BF16_PATTERNS = arrays(np.uint16, (1, 256), elements=st.integers(0, 0xFFFF))


def chosen(shape, quantisation, name="blk.0.attn_q.weight", blocks=2, tied=True):
    return type_of(name, shape, quantisation, blocks=blocks, tied=tied)


def weight(patterns) -> Weight:
    # Finite and within float16's range, as weights are.
    exponent = (patterns >> 7) & 0xFF
    return Weight("w", "BF16", np.where(exponent > 141, patterns & 0x80FF, patterns).astype(np.uint16))


@cases(200)
@given(patterns=BF16_PATTERNS)
@pytest.mark.parametrize("quantisation", Quantisation)
def test_bound_holds_for_any_weights(quantisation, patterns):
    made = weight(patterns)
    kind = chosen(made.stored.shape, quantisation)
    data = np.ascontiguousarray(encode(made, kind)).view(np.uint8).reshape(-1)
    assert len(data) == nbytes(made.stored.shape, kind)
    error = worst_error(decode(data, kind, made.stored.shape), made.as_float32(), kind)
    assert error.largest <= error.bound


def test_vectors_stay_whole_and_odd_rows_fall_back():
    assert chosen((64,), Quantisation.Q8_0) is GGMLQuantizationType.F32
    assert chosen((4, 64), Quantisation.Q8_0) is GGMLQuantizationType.Q8_0
    assert chosen((4, 48), Quantisation.Q8_0) is GGMLQuantizationType.F16


def test_error_beyond_the_bound_is_seen():
    wanted = np.linspace(-1, 1, 64, dtype=np.float32).reshape(2, 32)
    packed = wanted.copy()
    packed[1, 3] += 0.02
    error = worst_error(packed, wanted, GGMLQuantizationType.Q8_0)
    assert error.largest == pytest.approx(0.02, rel=1e-3)
    assert error.largest > error.bound


def test_a_zero_of_the_other_sign_is_not_exact():
    zero = np.zeros(4, np.float32)
    assert worst_error(-zero, zero, GGMLQuantizationType.BF16).largest > 0
    assert worst_error(zero, zero, GGMLQuantizationType.BF16).largest == 0


# What makes least squares and clamping go wrong: near-constant parts, one outlier, levels on the edge of rounding.
SHAPES = st.sampled_from(
    [
        lambda rng: rng.normal(0, 1, 256),
        lambda rng: rng.uniform(0.9, 1, 256) * rng.choice([-1, 1]),
        lambda rng: np.where(np.arange(256) == rng.integers(256), 100, rng.normal(0, 0.01, 256)),
        lambda rng: np.repeat(10.0 ** rng.uniform(-6, 3, 16), 16) * rng.normal(0, 1, 256),
        lambda rng: rng.integers(-31, 32, 256) / 2,
        lambda rng: rng.choice([-1.0, 1.0, 0.0], 256) * 10.0 ** rng.integers(-4, 4),
        lambda rng: rng.standard_cauchy(256),
    ]
)


@cases(300)
@given(shape=SHAPES, seed=st.integers(0, 1 << 32))
@pytest.mark.parametrize("kind", [GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q6_K, GGMLQuantizationType.Q5_0])
def test_bounds_of_the_engine_s_formats_hold(kind, shape, seed):
    pytest.importorskip("xllamacpp")
    numbers = np.clip(shape(np.random.default_rng(seed)), -3e4, 3e4).astype(np.float32).reshape(1, 256)
    data = encode(Weight("w", "F32", numbers), kind).reshape(-1)
    error = worst_error(decode(data, kind, numbers.shape), numbers, kind)
    assert error.largest <= error.bound


@pytest.mark.parametrize("kind", [GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q6_K, GGMLQuantizationType.Q5_0])
def test_other_weights_are_beyond_the_bounds(kind):
    pytest.importorskip("xllamacpp")
    numbers, others = np.random.default_rng(0).normal(0, 1, (2, 1, 256)).astype(np.float32)
    data = encode(Weight("w", "F32", numbers), kind).reshape(-1)
    for wrong in (others, numbers[:, ::-1].copy(), numbers * np.float32(0.5), -numbers):
        error = worst_error(decode(data, kind, numbers.shape), wrong, kind)
        assert error.largest > 2 * error.bound


def q4_k_m(blocks, tied=True, columns=256):
    names = ["token_embd", *(f"blk.{i}.{part}" for i in range(blocks) for part in ("attn_v", "ffn_down", "attn_q"))]
    names += [] if tied else ["output"]
    kinds = {n: chosen((4, columns), Quantisation.Q4_K_M, f"{n}.weight", blocks, tied) for n in names}
    return {name for name, kind in kinds.items() if kind is not GGMLQuantizationType.Q4_K}, kinds


def test_q4_k_m_is_llama_cpp_s_mixture():
    """Layers of 30 as `llama-quantize` leaves them: the first and last eighth and every third between in Q6_K."""
    better, kinds = q4_k_m(30)
    layers = {0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 26, 27, 28, 29}
    assert better == {"token_embd", *(f"blk.{i}.{part}" for i in layers for part in ("attn_v", "ffn_down"))}
    assert {kinds[name] for name in better} == {GGMLQuantizationType.Q6_K}
    untied, _ = q4_k_m(2, tied=False)
    assert "output" in untied
    assert "token_embd" not in untied


@pytest.mark.parametrize(
    ("columns", "plain", "better"), [(576, "Q5_0", "Q8_0"), (96, "Q5_0", "Q8_0"), (48, "F16", "F16")]
)
def test_rows_that_fill_no_block_of_256_fall_back_as_llama_cpp_s_do(columns, plain, better):
    _, kinds = q4_k_m(2, columns=columns)
    assert (kinds["blk.0.attn_q"].name, kinds["token_embd"].name) == (plain, better)
