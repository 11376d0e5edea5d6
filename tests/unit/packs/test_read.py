import subprocess
import sys

import pytest
from gguf import GGUFWriter
from tiny_models import TEMPLATE

from suture.core.errors import BadFile, UsageError
from suture.core.model.pack_manifest import Quantisation
from suture.packs.gguf.pack_info import read_info
from suture.packs.gguf.write_gguf import write_pack


def test_says_what_was_written(base_of, tmp_path):
    base = base_of()
    write_pack(base, base, Quantisation.Q8_0, tmp_path / "pack.gguf", lineage={"adapter": "abc", "scale": "0.75"})
    info = read_info(tmp_path / "pack.gguf")
    assert info.architecture == "llama"
    assert info.chat_template == TEMPLATE
    assert (info.bos, info.eos, info.add_bos) == ("<|im_start|>", "<|im_end|>", False)
    assert info.quantisation == "q8_0"
    assert info.lineage == {"adapter": "abc", "scale": "0.75"}
    assert info.bytes == (tmp_path / "pack.gguf").stat().st_size
    assert info.parameters == read_info(base / "base.gguf").parameters


def write_empty(path, architecture):
    writer = GGUFWriter(path, architecture)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()


def test_unsupported_architecture_lists_the_supported(tmp_path):
    write_empty(tmp_path / "other.gguf", "mamba")
    with pytest.raises(UsageError, match="'mamba'") as caught:
        read_info(tmp_path / "other.gguf")
    assert "llama, qwen2, qwen3" in (caught.value.mend or "")


@pytest.mark.parametrize(
    ("model", "pre", "expected"),
    [("llama", "default", True), ("gpt2", "llama-bpe", True), ("gpt2", "qwen2", False), ("gpt2", "unheard-of", False)],
)
def test_what_llama_cpp_assumes_when_the_file_is_silent(tmp_path, model, pre, expected):
    writer = GGUFWriter(tmp_path / "silent.gguf", "llama")
    writer.add_tokenizer_model(model)
    writer.add_tokenizer_pre(pre)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    assert read_info(tmp_path / "silent.gguf").add_bos is expected


def test_missing(tmp_path):
    with pytest.raises(BadFile):
        read_info(tmp_path / "none.gguf")


def test_reads_without_torch():
    modules = "suture.packs.gguf.pack_info, suture.packs.gguf.write_gguf, suture.packs.gguf.tensor_proof"
    code = f"import sys, {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
