"""``suture pack show`` and ``suture pack diff``, on files of Suture and of others."""

import json
import shutil

import pytest

from suture.core.model.pack_manifest import PackManifest, Quantisation
from suture.core.model.proof import Parity
from suture.files.small_files import sha256_of
from suture.packs.gguf.write_gguf import write_pack


@pytest.fixture
def packed(base_of, tmp_path):
    base = base_of()
    lineage = {"adapter": "a1", "base": "b1", "base_name": "Tiny", "dataset": "d1", "scale": "0.5"}
    write_pack(base, base, Quantisation.Q8_0, tmp_path / "p.gguf", lineage=lineage)
    return base, tmp_path / "p.gguf"


@pytest.mark.parametrize("verb", ["show", "diff"])
def test_both_have_an_example(suture, verb):
    assert f"Example: suture pack {verb}" in suture("pack", verb, "--help").out


def test_show_tells_a_file_s_lineage_without_its_manifest(suture, packed):
    said = suture("pack", "show", str(packed[1]))
    assert said.code == 0
    for words in ("Tiny", "suture.scale", "0.5", "llama", "no proof to show"):
        assert words in said.out


def test_show_tells_who_puts_tools_into_a_prompt(suture, packed):
    assert "rendered by Suture, as text in the system message" in suture("pack", "show", str(packed[1])).out
    assert json.loads(suture("pack", "show", str(packed[1]), "--json").out)["tools"] == "chat"


def test_show_tells_the_proof_of_the_manifest(suture, packed):
    pack = packed[1]
    manifest = PackManifest(
        sha256=sha256_of(pack),
        bytes=pack.stat().st_size,
        base="b1",
        adapter="a1",
        scale=0.5,
        quantisation=Quantisation.Q8_0,
        architecture="llama",
        chat_template_digest="t",
        dataset="d1",
        plan=None,
        parity=Parity(tensors_checked=3, tensors_failed=1, tensors=()),
    )
    beside = pack.with_name("p.gguf.json")
    beside.write_text(json.dumps(manifest.to_json()))
    assert "FAILS: 1 of 3 tensors out of bounds" in suture("pack", "show", str(pack)).out
    assert json.loads(suture("pack", "show", str(pack), "--json").out)["manifest"]["adapter"] == "a1"
    beside.write_text(json.dumps(manifest.model_copy(update={"sha256": "0" * 64}).to_json()))
    refused = suture("pack", "show", str(pack))
    assert refused.code == 2
    assert "manifest of another file" in refused.err


def test_show_reads_files_of_architectures_that_cannot_be_packed(suture, packed, tmp_path):
    data = packed[1].read_bytes()
    (tmp_path / "other.gguf").write_bytes(data.replace(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0mamba", 1))
    said = suture("pack", "show", str(tmp_path / "other.gguf"), "--json")
    assert said.code == 0
    assert json.loads(said.out)["architecture"] == "mamba"


def test_diff(suture, packed):
    base, pack = packed
    said = suture("pack", "diff", str(base / "base.gguf"), str(pack), "--top", "2")
    assert said.code == 0
    assert "tensors moved" in said.out
    assert "suture.scale: - -> 0.5" in said.out
    found = json.loads(suture("pack", "diff", str(base / "base.gguf"), str(pack), "--json").out)
    assert len(found["moved"]) > 2
    shutil.copy(pack, pack.with_name("same.gguf"))
    assert "0 of" in suture("pack", "diff", str(pack), str(pack.with_name("same.gguf"))).out
