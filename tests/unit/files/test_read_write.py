"""Files that are read back: what is missing or wrong is named."""

import hashlib

import pytest

from suture.core.errors import BadFile
from suture.core.measure.attempt import Sampling
from suture.files.small_files import read_model, sha256_of, write_json


def test_a_value_comes_back(tmp_path):
    write_json(tmp_path / "s.json", Sampling(seed=3).to_json())
    assert read_model(tmp_path / "s.json", Sampling, what="sampling") == Sampling(seed=3)


def test_a_missing_file_says_what_was_looked_for_and_what_makes_it(tmp_path):
    with pytest.raises(BadFile, match=r"s\.json: no scoreboard here \(No such file") as caught:
        read_model(tmp_path / "s.json", Sampling, what="scoreboard", mend="suture bench")
    assert caught.value.mend == "suture bench"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "an empty file"),
        ('{"seed": 1', "not JSON"),
        ("[]", "it is a list, not an object"),
        ('{"seed": "x"}', "seed is text, not a whole number"),
        ('{"sead": 1}', "unknown field 'sead'"),
    ],
)
def test_a_wrong_file_names_the_field(tmp_path, content, complaint):
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(BadFile, match=r"s\.json: (not a|an empty file, and no) sampling") as caught:
        read_model(tmp_path / "s.json", Sampling, what="sampling")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_a_wrong_file(tmp_path):
    (tmp_path / "s.json").write_bytes(b"\xff\x00{")
    with pytest.raises(BadFile, match="no sampling"):
        read_model(tmp_path / "s.json", Sampling, what="sampling")


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_sha256_is_of_all_bytes(tmp_path, size):
    (tmp_path / "a").write_bytes(b"x" * size)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"x" * size).hexdigest()


def test_sha256_of_what_cannot_be_read_is_a_bad_file(tmp_path):
    with pytest.raises(BadFile, match="No such file"):
        sha256_of(tmp_path / "missing")
    with pytest.raises(BadFile, match="directory"):
        sha256_of(tmp_path)
