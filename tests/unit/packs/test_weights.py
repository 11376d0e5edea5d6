import json
import struct

import numpy as np
import pytest
from draws import cases
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from suture.core.errors import BadFile
from suture.packs.hugging_face.weights import open_weights


def test_reads_what_safetensors_wrote(tmp_path):
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(4, dtype=np.float16)}
    save_file(tensors, tmp_path / "model.safetensors")
    read = open_weights(tmp_path)
    assert read.keys() == tensors.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(read[name].as_float32(), tensor)


def test_bf16_is_exact(tmp_path):
    patterns = np.array([0x3F80, 0xBF80, 0x0000, 0x4049], dtype="<u2")
    header = json.dumps({"w": {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}}).encode()
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + patterns.tobytes())
    assert open_weights(tmp_path)["w"].as_float32().tolist() == [1.0, -1.0, 0.0, 3.140625]


def test_none(tmp_path):
    with pytest.raises(BadFile, match="no safetensors"):
        open_weights(tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        {"w": {"dtype": "BF16", "shape": [4], "data_offsets": [0, 1 << 60]}},
        {"w": {"dtype": "BF16", "shape": [1 << 60], "data_offsets": [0, 8]}},
        {"w": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}},
        {"w": {"dtype": "BF16"}},
        {"w": 3},
        [1, 2],
    ],
)
def test_absurd_header(tmp_path, header):
    encoded = json.dumps(header).encode()
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(encoded)) + encoded + bytes(8))
    with pytest.raises(BadFile):
        open_weights(tmp_path)


@cases(100)
@given(data=st.binary(max_size=60), length=st.integers(0, 1 << 63))
def test_any_bytes(tmp_path, data, length):
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", length) + data)
    with pytest.raises(BadFile):
        open_weights(tmp_path)
