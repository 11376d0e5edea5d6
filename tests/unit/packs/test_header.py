"""Whatever bytes a file holds, reading its header gives a Header or a BadFile."""

import struct
from pathlib import Path

import pytest
from draws import cases
from hypothesis import example, given
from hypothesis import strategies as st

from suture.core.errors import BadFile
from suture.files.gguf_header import read_header


@pytest.fixture(scope="module")
def gguf(base_of) -> bytes:
    return (base_of() / "base.gguf").read_bytes()


def bad(tmp_path: Path, data: bytes) -> str:
    file = tmp_path / "broken.gguf"
    file.write_bytes(data)
    with pytest.raises(BadFile) as caught:
        read_header(file)
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_missing(tmp_path):
    with pytest.raises(BadFile, match="no such GGUF file"):
        read_header(tmp_path / "none.gguf")


def test_empty(tmp_path):
    assert "empty" in bad(tmp_path, b"")


def test_another_format(tmp_path):
    assert "not a GGUF file" in bad(tmp_path, b"PK\x03\x04" + bytes(100))


def test_big_endian(tmp_path):
    assert "version" in bad(tmp_path, b"GGUF" + struct.pack(">IQQ", 3, 0, 0))


def test_absurd_counts_are_refused_at_once(tmp_path):
    assert "absurd" in bad(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0))
    assert "absurd" in bad(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60))


def test_absurd_array_is_refused_at_once(tmp_path):
    key = struct.pack("<Q", 1) + b"k"
    for item in (8, 4):  # strings, numbers
        entry = key + struct.pack("<IIQ", 9, item, 1 << 60)
        bad(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + entry)


def test_cut_inside_the_weights(tmp_path, gguf):
    assert "cut off" in bad(tmp_path, gguf[:-1000])


@cases(60)
@given(share=st.floats(0, 0.999))
def test_cut_anywhere(tmp_path, gguf, share):
    bad(tmp_path, gguf[: int(share * len(gguf))])


@cases(150)
@given(at=st.integers(0, 20_000), new=st.binary(min_size=1, max_size=12))
@example(at=8, new=b"\xff" * 8)
def test_mutated_header(tmp_path, gguf, at, new):
    file = tmp_path / "mutated.gguf"
    file.write_bytes(gguf[:at] + new + gguf[at + len(new) :])
    try:
        header = read_header(file)
    except BadFile:
        return
    for place in header.tensors.values():
        assert place.start + place.nbytes <= len(gguf)
