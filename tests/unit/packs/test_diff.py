import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter

from suture.core.errors import UsageError
from suture.core.model.pack_manifest import Quantisation
from suture.packs.gguf.diff import diff_packs
from suture.packs.gguf.write_gguf import write_pack


def gguf(path, tensors, name="tiny"):
    writer = GGUFWriter(path, "llama")
    writer.add_name(name)
    for key, tensor in tensors.items():
        if tensor.dtype == np.uint8:
            writer.add_tensor(key, tensor, raw_dtype=GGMLQuantizationType.IQ4_XS)
        else:
            writer.add_tensor(key, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_file_and_itself_do_not_differ(base_of):
    base = base_of() / "base.gguf"
    found = diff_packs(base, base)
    assert (found.moved, found.metadata, found.only_before, found.only_after) == ((), (), (), ())
    assert found.tensors > 10


def test_the_largest_move_comes_first_with_its_size(tmp_path):
    ones = np.ones((4, 8), np.float32)
    before = gguf(tmp_path / "a.gguf", {"a": ones, "b": ones, "c": ones, "gone": ones})
    after = gguf(tmp_path / "b.gguf", {"a": ones, "b": ones + 0.25, "c": ones * 2, "new": ones}, name="other")
    found = diff_packs(before, after)
    assert [(move.name, move.relative, move.largest) for move in found.moved] == [("c", 1, 1), ("b", 0.25, 0.25)]
    assert (found.only_before, found.only_after) == (("gone",), ("new",))
    assert [(c.key, c.before, c.after) for c in found.metadata] == [("general.name", "tiny", "other")]


def test_one_model_in_two_formats_moves_by_what_the_format_rounds(base_of, tmp_path):
    base = base_of()
    write_pack(base, base, Quantisation.Q8_0, tmp_path / "q.gguf", lineage={})
    found = diff_packs(base / "base.gguf", tmp_path / "q.gguf")
    assert found.moved
    assert all(move.relative and 1e-4 < move.relative < 0.02 for move in found.moved)
    assert all(move.after.startswith("Q8_0") for move in found.moved)


def test_another_shape_and_an_unknown_type_are_told_without_a_number(tmp_path):
    ones, blocks = np.ones((4, 8), np.float32), np.ones((1, 136), np.uint8)
    before = gguf(tmp_path / "a.gguf", {"a": ones, "b": blocks})
    after = gguf(tmp_path / "b.gguf", {"a": ones[:2], "b": blocks * 2})
    assert {move.name: move.before for move in diff_packs(before, after).moved}["a"] == "F32 4x8"
    assert all(move.relative is None or move.name == "b" for move in diff_packs(before, after).moved)


def test_nothing_in_common(base_of, tmp_path):
    other = gguf(tmp_path / "a.gguf", {"a": np.ones((4, 8), np.float32)})
    with pytest.raises(UsageError, match="no tensor in common"):
        diff_packs(base_of() / "base.gguf", other)
