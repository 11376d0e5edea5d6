import errno

import pytest
from gguf import GGUFWriter

from suture.core.errors import BadFile, DiskFull
from suture.core.model.pack_manifest import Quantisation
from suture.files.gguf_header import read_header
from suture.packs.gguf.pack_info import read_info
from suture.packs.gguf.tensor_proof import compare_tensors
from suture.packs.gguf.write_gguf import write_pack

LINEAGE = {"scale": "1"}


@pytest.mark.parametrize("quantisation", Quantisation)
@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3", "gemma3"])
def test_every_tensor_is_packed_within_its_bound(base_of, tmp_path, architecture, quantisation):
    base = base_of(architecture)
    write_pack(base, base, quantisation, tmp_path / "p.gguf", lineage=LINEAGE)
    checked, failed, worst = compare_tensors(tmp_path / "p.gguf", base)
    assert failed == 0
    assert checked == len(read_header(tmp_path / "p.gguf").tensors)
    assert len(worst) == 10
    if quantisation is Quantisation.BF16:
        assert all(proof.max_error == 0 for proof in worst)
    else:
        assert 0 < worst[0].max_error <= worst[0].bound


def test_same_inputs_same_bytes(base_of, tmp_path):
    base = base_of()
    digests = [
        write_pack(base, base, Quantisation.Q8_0, tmp_path / f"{i}.gguf", lineage={"b": "2", "a": "1"}) for i in (1, 2)
    ]
    assert digests[0] == digests[1]
    assert (tmp_path / "1.gguf").read_bytes() == (tmp_path / "2.gguf").read_bytes()


def test_metadata_is_the_base_s(base_of, tmp_path):
    base = base_of("qwen3")
    write_pack(base, base, Quantisation.F16, tmp_path / "p.gguf", lineage=LINEAGE)
    ours, theirs = read_header(tmp_path / "p.gguf").entries, read_header(base / "base.gguf").entries
    changed = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
    assert changed == {"general.file_type", "suture.scale"}


def test_a_repaired_model_tells_its_lineage_to_every_reader_of_gguf(base_of, tmp_path):
    base = base_of()
    lineage = {"adapter": "a1", "base": "b1", "base_name": "Tiny", "dataset": "d1", "licence": "mit"}
    write_pack(base, base, Quantisation.BF16, tmp_path / "p.gguf", lineage=lineage)
    said = {key: entry.value for key, entry in read_header(tmp_path / "p.gguf").entries.items()}
    assert said["general.base_model.count"] == said["general.dataset.count"] == 1
    assert said["general.base_model.0.name"] == "Tiny"
    assert said["general.base_model.0.version"] == "sha256:b1"
    assert said["general.dataset.0.version"] == "sha256:d1"
    assert said["general.license"] == "mit"
    info = read_info(tmp_path / "p.gguf")
    assert (info.base_models, info.datasets, info.licence) == (("Tiny",), ("suture repair rows",), "mit")
    assert info.lineage == lineage


def test_llama3_divisors_are_kept(base_of, tmp_path):
    base = base_of(
        "llama",
        pre="llama-bpe",
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 10000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        },
    )
    write_pack(base, base, Quantisation.Q8_0, tmp_path / "p.gguf", lineage=LINEAGE)
    assert read_header(tmp_path / "p.gguf").tensors["rope_freqs.weight"].shape == (8,)
    assert compare_tensors(tmp_path / "p.gguf", base)[1] == 0


def fail_with(monkeypatch, number):
    def full(self, tensor, tensor_endianess=None):
        raise OSError(number, "no")

    monkeypatch.setattr(GGUFWriter, "write_tensor_data", full)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_disk_full_leaves_nothing(base_of, tmp_path, monkeypatch, number):
    out = tmp_path / "p.gguf"
    fail_with(monkeypatch, number)
    with pytest.raises(DiskFull, match="disk is full") as caught:
        write_pack(base_of(), base_of(), Quantisation.BF16, out, lineage=LINEAGE)
    assert str(out) in str(caught.value)
    assert caught.value.mend
    assert list(tmp_path.iterdir()) == []


def test_disk_full_keeps_the_older_pack(base_of, tmp_path, monkeypatch):
    out = tmp_path / "p.gguf"
    out.write_bytes(b"older")
    fail_with(monkeypatch, errno.ENOSPC)
    with pytest.raises(DiskFull):
        write_pack(base_of(), base_of(), Quantisation.BF16, out, lineage=LINEAGE)
    assert out.read_bytes() == b"older"


def test_interrupt_leaves_nothing(base_of, tmp_path, monkeypatch):
    def stop(self, tensor, tensor_endianess=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(GGUFWriter, "write_tensor_data", stop)
    with pytest.raises(KeyboardInterrupt):
        write_pack(base_of(), base_of(), Quantisation.BF16, tmp_path / "p.gguf", lineage=LINEAGE)
    assert list(tmp_path.iterdir()) == []


def test_no_weights(base_of, tmp_path):
    (tmp_path / "merged").mkdir()
    with pytest.raises(BadFile, match="no safetensors"):
        write_pack(tmp_path / "merged", base_of(), Quantisation.BF16, tmp_path / "p.gguf", lineage=LINEAGE)
