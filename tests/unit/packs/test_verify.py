import pytest
from draws import cases
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import UsageError
from suture.core.model.pack_manifest import Quantisation
from suture.core.model.proof import Parity
from suture.files.gguf_header import read_header
from suture.packs.gguf.tensor_proof import compare_tensors
from suture.packs.gguf.write_gguf import write_pack


@pytest.fixture(scope="module")
def packed(base_of, tmp_path_factory):
    base, folder = base_of(), tmp_path_factory.mktemp("packs")
    packs = {}
    for quantisation in Quantisation:
        packs[quantisation] = folder / f"{quantisation}.gguf"
        write_pack(base, base, quantisation, packs[quantisation], lineage={})
    return base, packs


def flipped(tmp_path, pack, at, bit):
    data = bytearray(pack.read_bytes())
    data[at] ^= 1 << bit
    (tmp_path / "flipped.gguf").write_bytes(data)
    return tmp_path / "flipped.gguf"


@cases(40)
@given(data=st.data())
def test_any_flipped_bit_of_an_exact_pack_is_found(tmp_path, packed, data):
    base, packs = packed
    pack = packs[Quantisation.BF16]
    place = data.draw(st.sampled_from(list(read_header(pack).tensors.values())), label="tensor")
    at = place.start + data.draw(st.integers(0, place.nbytes - 1), label="byte")
    broken = flipped(tmp_path, pack, at, data.draw(st.integers(0, 7), label="bit"))
    _, failed, worst = compare_tensors(broken, base)
    assert (failed, worst[0].name) == (1, place.name)


def test_flipped_sign_of_a_quantised_weight_is_found(tmp_path, packed):
    base, packs = packed
    place = read_header(packs[Quantisation.Q8_0]).tensors["blk.0.ffn_up.weight"]
    broken = flipped(tmp_path, packs[Quantisation.Q8_0], place.start + 2 + 5, 7)
    _, failed, worst = compare_tensors(broken, base)
    assert (failed, worst[0].name) == (1, place.name)
    assert worst[0].max_error > worst[0].bound


def test_not_a_number_is_an_endless_error_that_json_can_hold(tmp_path, packed):
    base, packs = packed
    place = read_header(packs[Quantisation.F16]).tensors["blk.1.ffn_up.weight"]
    data = bytearray(packs[Quantisation.F16].read_bytes())
    data[place.start : place.start + 2] = b"\xff\x7f"
    (tmp_path / "nan.gguf").write_bytes(data)
    checked, failed, worst = compare_tensors(tmp_path / "nan.gguf", base)
    assert failed == 1
    assert Parity(tensors_checked=checked, tensors_failed=failed, tensors=worst).digest


def test_another_model_fails(base_of, packed):
    _, packs = packed
    checked, failed, _ = compare_tensors(packs[Quantisation.BF16], base_of("llama", initializer_range=0.1))
    assert failed > checked / 2


def test_more_layers_than_packed(base_of, packed):
    _, packs = packed
    other = base_of("llama", num_hidden_layers=3)
    with pytest.raises(UsageError, match="no place in a GGUF file"):
        compare_tensors(packs[Quantisation.BF16], other)
    checked, failed, worst = compare_tensors(other / "base.gguf", packed[0])
    assert checked == 29
    assert failed >= 9
    assert "not in the merged model" in worst[0].type
