"""A small GGUF file that is sound, to be damaged, and a tiny pack that llama.cpp reads."""

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Every kind of metadata value, and tensors of three types; no engine would know its architecture."""
    from gguf import GGMLQuantizationType, GGUFWriter

    path = tmp_path_factory.mktemp("gguf") / "sound.gguf"
    writer = GGUFWriter(path, "none")
    writer.add_string("text", "é")
    writer.add_bool("flag", True)
    writer.add_uint8("byte", 1)
    writer.add_int16("short", -1)
    writer.add_float64("double", 0.5)
    writer.add_array("words", ["a", "", "bc"])
    writer.add_array("numbers", [1, 2, 3])
    writer.add_tensor("one", np.ones((3, 5), dtype=np.float32))
    writer.add_tensor("two", np.ones((2, 34), dtype=np.uint8), raw_dtype=GGMLQuantizationType.Q8_0)
    writer.add_tensor("three", np.ones(7, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Path(path).read_bytes()


@pytest.fixture(scope="module")
def pack(base_of, tmp_path_factory):
    pytest.importorskip("xllamacpp")
    from suture.core.model.pack_manifest import Quantisation
    from suture.packs.gguf.write_gguf import write_pack

    file = tmp_path_factory.mktemp("pack") / "p.gguf"
    write_pack(base_of(), base_of(), Quantisation.F16, file, lineage={})
    return file
