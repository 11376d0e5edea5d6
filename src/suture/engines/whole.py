"""Refuses a cut off or garbled GGUF file before a library that trusts it is let near.

OpenVINO 2026.4 believes every length in the file and crashes the process on a false one. Nothing is kept here: the
header is walked once and every length in it is held against the file's size.
"""

import mmap
import struct
from pathlib import Path

from suture.core.errors import BadFile

_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a metadata value by GGUF type number; 8 is text and 9 an array."""


def require_whole(pack: Path) -> None:
    """Raises BadFile: missing, not GGUF, or shorter than its header says."""
    try:
        with pack.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            if end_of_data(view) <= len(view):
                return
    except OSError as error:
        raise BadFile(f"{pack}: {error.strerror}") from None
    except (ValueError, KeyError, ArithmeticError, struct.error):
        raise BadFile(f"{pack}: no readable GGUF file", mend="download or build it again") from None
    raise BadFile(f"{pack}: the GGUF file is cut off", mend="download or build it again")


def end_of_data(view: mmap.mmap | bytes) -> int:
    """Byte at which the last tensor ends (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).

    Raises:
        ValueError, KeyError, ArithmeticError, struct.error: the header is none, or does not end inside ``view``.
    """
    from gguf import GGML_QUANT_SIZES

    at, alignment = 24, 32

    def text() -> bytes:
        nonlocal at
        start = at + 8
        at = start + struct.unpack_from("<Q", view, at)[0]
        return view[start:at]

    def skip(kind: int) -> None:
        nonlocal at
        if kind == 8:
            text()
        elif kind == 9:
            item, length = struct.unpack_from("<IQ", view, at)
            at += 12
            if item == 8:
                for _ in range(length):
                    text()
            else:
                at += _WIDTHS[item] * length
        else:
            at += _WIDTHS[kind]

    magic, version, tensors, entries = struct.unpack_from("<4sIQQ", view, 0)
    if magic != b"GGUF" or version not in (2, 3):
        raise ValueError("not GGUF of version 2 or 3")
    for _ in range(entries):
        key = text()
        (kind,) = struct.unpack_from("<I", view, at)
        at += 4
        if key == b"general.alignment":
            (alignment,) = struct.unpack_from("<I", view, at)
        skip(kind)
    ends = [0]
    for _ in range(tensors):
        text()
        (dimensions,) = struct.unpack_from("<I", view, at)
        if dimensions > 4:
            raise ValueError("no tensor has so many dimensions")
        *sizes, kind, start = struct.unpack_from(f"<{dimensions}QIQ", view, at + 4)
        at += 16 + 8 * dimensions
        block, block_bytes = GGML_QUANT_SIZES[kind]
        elements = 1
        for size in sizes:
            elements *= size
        ends.append(start + elements // block * block_bytes)
    return -(-at // alignment) * alignment + max(ends)
