"""No GGUF file that is cut off or garbled comes past the guard, and every sound one does."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import BadFile
from suture.engines.whole import end_of_data, require_whole

ERRORS = (ValueError, KeyError, ArithmeticError, struct.error)


def is_whole(data):
    try:
        return end_of_data(data) <= len(data)
    except ERRORS:
        return False


def test_a_sound_file_passes(sound, tmp_path):
    path = tmp_path / "sound.gguf"
    path.write_bytes(sound)
    require_whole(path)


def test_the_end_is_where_the_last_tensor_ends(sound):
    padding = -(7 * 2) % 32
    assert end_of_data(sound) == len(sound) - padding


@given(st.data())
def test_cut_off_anywhere_it_is_refused(sound, data):
    size = data.draw(st.integers(0, end_of_data(sound) - 1))
    assert not is_whole(sound[:size])


@given(st.data())
def test_whatever_stands_in_the_header_the_guard_itself_never_breaks(sound, data):
    garbled = bytearray(sound)
    at = data.draw(st.integers(0, len(sound) - 8))
    garbled[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8) | st.just(b"\xff" * 8) | st.just(b"\0" * 8))
    is_whole(bytes(garbled))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_gguf_are_refused(rubbish):
    assert not is_whole(rubbish)
    assert not is_whole(b"GGUF\x03\0\0\0" + b"\xff" + rubbish)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no gguf at all, but some bytes", b"GGUF" + b"\xff" * 60])
def test_what_is_no_gguf_is_one_clear_error(tmp_path, content):
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"bad\.gguf: no readable GGUF file"):
        require_whole(path)


def test_a_file_that_is_too_short_is_said_to_be_cut_off(sound, tmp_path):
    path = tmp_path / "short.gguf"
    path.write_bytes(sound[: end_of_data(sound) - 1])
    with pytest.raises(BadFile, match=r"short\.gguf: the GGUF file is cut off"):
        require_whole(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(BadFile, match=r"gone\.gguf: No such file"):
        require_whole(tmp_path / "gone.gguf")
