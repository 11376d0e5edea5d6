import numpy as np
import pytest
from gguf import GGMLQuantizationType
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from suture.core.pack import Quantisation
from suture.packs.quantise import decode, encode, nbytes, type_of, worst_error
from suture.packs.weights import Weight

BF16_PATTERNS = arrays(np.uint16, (2, 64), elements=st.integers(0, 0xFFFF))


def weight(patterns) -> Weight:
    # Finite and within float16's range, as weights are.
    exponent = (patterns >> 7) & 0xFF
    return Weight("w", "BF16", np.where(exponent > 141, patterns & 0x80FF, patterns).astype(np.uint16))


@settings(max_examples=200, deadline=None)
@given(patterns=BF16_PATTERNS)
@pytest.mark.parametrize("quantisation", Quantisation)
def test_bound_holds_for_any_weights(quantisation, patterns):
    made = weight(patterns)
    kind = type_of(made.stored.shape, quantisation)
    data = np.ascontiguousarray(encode(made, kind)).view(np.uint8).reshape(-1)
    assert len(data) == nbytes(made.stored.shape, kind)
    error = worst_error(decode(data, kind, made.stored.shape), made.as_float32(), kind)
    assert error.largest <= error.bound


def test_vectors_stay_whole_and_odd_rows_fall_back():
    assert type_of((64,), Quantisation.Q8_0) is GGMLQuantizationType.F32
    assert type_of((4, 64), Quantisation.Q8_0) is GGMLQuantizationType.Q8_0
    assert type_of((4, 48), Quantisation.Q8_0) is GGMLQuantizationType.F16


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
