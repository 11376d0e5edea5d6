"""llama.cpp's own rounding: ``ggml_quantize_chunk`` of the engine that will serve the pack.

xllamacpp's compiled module carries ggml and exports its C interface (ggml.h), but neither llama.cpp's
``llama_model_quantize`` nor its rules of which tensor gets which type: those are in ``mixture``.
"""

import ctypes
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from numpy.typing import NDArray

from suture.core.errors import Fault, MissingTool
from suture.machine.installing import install_extra


def quantise_rows(numbers: NDArray[np.float32], kind: GGMLQuantizationType) -> NDArray[np.uint8]:
    """Rows of ``numbers`` (rows, columns) as ``kind``: (rows, bytes a row). Without importance weights.

    Raises:
        MissingTool: xllamacpp is not installed.
        Fault: the engine gave another number of bytes than the format has.
    """
    rows, columns = numbers.shape
    block, block_bytes = GGML_QUANT_SIZES[kind]
    numbers = np.ascontiguousarray(numbers, dtype=np.float32)
    out = np.empty((rows, columns // block * block_bytes), dtype=np.uint8)
    written = _chunk()(int(kind), numbers.ctypes.data, out.ctypes.data, 0, rows, columns, None)
    if written != out.nbytes:
        raise Fault(f"llama.cpp wrote {written} bytes of {kind.name} instead of {out.nbytes}")
    return out


@cache
def _chunk() -> Any:
    spec = find_spec("xllamacpp")
    if spec is None:
        raise MissingTool("this quantisation is llama.cpp's own", mend=install_extra("llamacpp"))
    library = ctypes.CDLL(import_module("xllamacpp.xllamacpp").__file__)
    chunk = library.ggml_quantize_chunk
    chunk.restype = ctypes.c_size_t
    chunk.argtypes = [ctypes.c_int, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 3, ctypes.c_void_p]
    return chunk
