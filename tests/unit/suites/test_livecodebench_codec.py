import base64
import contextlib
import json
import os
import pickle
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import BadFile
from suture.suites import livecodebench_codec
from suture.suites.livecodebench_codec import decode_private_tests


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(range(1, 6)))
def test_a_single_text_of_any_protocol_that_is_binary(text, protocol):
    assert decode_private_tests(packed(pickle.dumps(text, protocol))) == text


def test_an_official_row():
    tests = json.dumps([{"input": "1\n", "output": "2\n", "testtype": "stdin"}])
    assert decode_private_tests(packed(pickle.dumps(tests))) == tests


class Hostile:
    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Hostile()),
        pickle.dumps(["a", "b"]),
        pickle.dumps({"a": 1}),
        pickle.dumps(7),
        pickle.dumps("a")[:-1],
        pickle.dumps("a" * 300)[:40],
        pickle.dumps("a") + pickle.dumps(Hostile()),
        b"",
        b".",
        b"\x8c\x01\xff.",
        b"cos\nsystem\n(S'exit 1'\ntR.",
    ],
)
def test_anything_else_is_refused(data):
    with pytest.raises(BadFile, match="private_test_cases"):
        decode_private_tests(packed(data))


@pytest.mark.parametrize("text", ["not base64!", "é", base64.b64encode(b"not zlib").decode(), packed(b"x" * 99)[:20]])
def test_broken_wrappings_are_refused(text):
    with pytest.raises(BadFile, match="private_test_cases"):
        decode_private_tests(text)


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(livecodebench_codec, "SIZE_CAP", 1000)
    with pytest.raises(BadFile, match="larger than"):
        decode_private_tests(packed(pickle.dumps("a" * 2000)))


@given(st.binary(max_size=60))
def test_no_bytes_do_anything_but_decode_or_fail(data):
    with contextlib.suppress(BadFile):
        assert isinstance(decode_private_tests(packed(data)), str)
