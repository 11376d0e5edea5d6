"""The header of a GGUF file, read with every length checked against the file before it is believed.

Format: GGUF version 2 and 3, little-endian
(https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Tensor data is never touched: only its place is computed.
"""

import mmap
import re
import struct
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from suture.core.errors import BadFile
from suture.files.remembered import Remembered

MOST_ENTRIES = 1 << 16
"""More key-value pairs or tensors than any real model has: such a count is refused, not looped over."""
MOST_ITEMS = 1 << 23
"""More array elements, all together, than any vocabulary and its merges have: each becomes an object in memory."""
LONGEST_HEADER = 1 << 28
"""Bytes of metadata and tensor places."""

_SCALARS = {
    GGUFValueType.UINT8: "<B",
    GGUFValueType.INT8: "<b",
    GGUFValueType.UINT16: "<H",
    GGUFValueType.INT16: "<h",
    GGUFValueType.UINT32: "<I",
    GGUFValueType.INT32: "<i",
    GGUFValueType.FLOAT32: "<f",
    GGUFValueType.BOOL: "<?",
    GGUFValueType.UINT64: "<Q",
    GGUFValueType.INT64: "<q",
    GGUFValueType.FLOAT64: "<d",
}

_SIZE = struct.Struct("<Q")


class Entry(NamedTuple):
    """One metadata value; ``item`` is the element type of an array."""

    value: Any
    type: GGUFValueType
    item: GGUFValueType | None = None


class TensorPlace(NamedTuple):
    """Where a tensor lies: ``shape`` outermost first (rows, columns), ``start`` in bytes from the file's beginning."""

    name: str
    shape: tuple[int, ...]
    type: GGMLQuantizationType
    start: int
    nbytes: int


class Header(NamedTuple):
    """Shared by all who read the same file: nobody changes it."""

    entries: Mapping[str, Entry]
    tensors: Mapping[str, TensorPlace]

    def get(self, key: str, default: Any = None) -> Any:
        entry = self.entries.get(key)
        return default if entry is None else entry.value

    @property
    def matrix_types(self) -> frozenset[str]:
        """GGUF types that the matrices are written in, by name: ``Q8_0``."""
        return frozenset(place.type.name for place in self.tensors.values() if len(place.shape) > 1)


def read_header(path: Path) -> Header:
    """Read metadata and tensor places of the GGUF file at ``path``.

    Raises:
        BadFile: missing, not GGUF, cut off, one part of several, or a count or length in it cannot be true.
    """
    if not path.is_file():
        raise BadFile(f"no such GGUF file: {path}", mend="check the path")
    return _headers(path)


def _read(path: Path, file: BufferedReader) -> Header:
    try:
        view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:
        raise BadFile(f"{path} is empty, not a GGUF file", mend="download or build it again") from None
    with view:
        return _Cursor(view, path).header()


_headers = Remembered(_read, most=2)
"""A vocabulary and its merges take some 20 MB of memory; a repair reads those of the base and of its pack in turn."""


class _Cursor:
    def __init__(self, view: mmap.mmap, path: Path) -> None:
        self.view, self.path, self.at, self.items = view, path, 0, 0

    def bad(self, what: str) -> BadFile:
        return BadFile(f"{self.path} {what}", mend="download or build it again")

    def header(self) -> Header:
        if self.take(4) != b"GGUF":
            raise self.bad("is not a GGUF file (it does not begin with 'GGUF')")
        version = self.number("<I")
        if version not in {2, 3}:
            raise self.bad(f"is GGUF of version {version}, big-endian or broken; versions 2 and 3 can be read")
        tensor_count, entry_count = self.count("tensors"), self.count("metadata entries")
        entries: dict[str, Entry] = {}
        for _ in range(entry_count):
            key = self.text()
            if key in entries:
                raise self.bad(f"has the metadata key {key!r} twice")
            entries[key] = self.entry()
        self.refuse_part(entries)
        alignment = entries["general.alignment"].value if "general.alignment" in entries else 32
        if not isinstance(alignment, int) or alignment <= 0 or alignment > 1 << 20:
            raise self.bad(f"has an absurd alignment: {alignment!r}")
        raw = [self.tensor() for _ in range(tensor_count)]
        data_start = -(-self.at // alignment) * alignment
        tensors: dict[str, TensorPlace] = {}
        for place in raw:
            if place.name in tensors:
                raise self.bad(f"has the tensor {place.name!r} twice")
            if data_start + place.start + place.nbytes > len(self.view):
                raise self.bad(f"is cut off: tensor {place.name!r} ends beyond the end of the file")
            tensors[place.name] = place._replace(start=data_start + place.start)
        return Header(MappingProxyType(entries), MappingProxyType(tensors))

    def refuse_part(self, entries: dict[str, Entry]) -> None:
        """A part alone is no model, and its digest would say nothing of the other parts."""
        parts, number = (entries[key].value if key in entries else 0 for key in ("split.count", "split.no"))
        if isinstance(parts, int) and parts > 1:
            first = re.sub(r"-\d{5}-of-(\d{5})", r"-00001-of-\1", str(self.path))
            whole = re.sub(r"-\d{5}-of-\d{5}", "", str(self.path))
            raise BadFile(
                f"{self.path} is part {number + 1} of {parts} of a split GGUF file, and only a whole one is read",
                mend=f"llama-gguf-split --merge {first} {whole if whole != str(self.path) else 'WHOLE.gguf'}",
            )

    def take(self, size: int) -> bytes:
        if size > len(self.view) - self.at:
            raise self.bad(f"is cut off: it ends at byte {len(self.view)}, inside its header")
        if self.at + size > LONGEST_HEADER:
            raise self.bad(f"has an absurd header: longer than {LONGEST_HEADER} bytes")
        self.at += size
        return self.view[self.at - size : self.at]

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def count(self, what: str) -> int:
        count = self.number("<Q")
        if count > MOST_ENTRIES:
            raise self.bad(f"has an absurd header: {count} {what}")
        return count

    def text(self) -> str:
        # llama.cpp does not ask for valid UTF-8 in values; a vocabulary may hold cut characters.
        return self.take(self.number("<Q")).decode("utf-8", "surrogateescape")

    def texts(self, count: int) -> list[str]:
        """As ``text``, ``count`` times: vocabularies are most of a header, and are read each time a pack is opened."""
        view, at, end = self.view, self.at, min(len(self.view), LONGEST_HEADER)
        found: list[str] = []
        for _ in range(count):
            start = at + _SIZE.size
            stop = start + _SIZE.unpack_from(view, at)[0] if start <= end else end + 1
            if stop > end:
                self.at = at
                self.text()  # raises, and says what is wrong
            found.append(view[start:stop].decode("utf-8", "surrogateescape"))
            at = stop
        self.at = at
        return found

    def value_type(self) -> GGUFValueType:
        code = self.number("<I")
        try:
            return GGUFValueType(code)
        except ValueError:
            raise self.bad(f"has a metadata value of unknown type {code}") from None

    def entry(self) -> Entry:
        kind = self.value_type()
        if kind == GGUFValueType.STRING:
            return Entry(self.text(), kind)
        if kind != GGUFValueType.ARRAY:
            return Entry(self.number(_SCALARS[kind]), kind)
        item, length = self.value_type(), self.number("<Q")
        if item == GGUFValueType.ARRAY:
            raise self.bad("has an array of arrays in its metadata, which no model needs")
        self.items += length
        if self.items > MOST_ITEMS:
            raise self.bad(f"has an absurd header: arrays of {self.items} elements")
        if item == GGUFValueType.STRING:
            if length * 8 > len(self.view) - self.at:
                raise self.bad(f"has an absurd header: an array of {length} strings")
            return Entry(self.texts(length), kind, item)
        form = _SCALARS[item]
        data = self.take(length * struct.calcsize(form))
        return Entry([value for (value,) in struct.iter_unpack(form, data)], kind, item)

    def tensor(self) -> TensorPlace:
        name = self.text()
        dimensions = self.number("<I")
        if not 1 <= dimensions <= 4:
            raise self.bad(f"has an absurd header: tensor {name!r} of {dimensions} dimensions")
        sizes = [self.number("<Q") for _ in range(dimensions)]
        code, start = self.number("<I"), self.number("<Q")
        try:
            kind = GGMLQuantizationType(code)
        except ValueError:
            raise self.bad(f"has tensor {name!r} of unknown type {code}") from None
        block, block_bytes = GGML_QUANT_SIZES[kind]
        elements = 1
        for size in sizes:
            elements *= size
        if elements == 0 or sizes[0] % block:
            raise self.bad(f"has tensor {name!r} of impossible shape {sizes} for type {kind.name}")
        return TensorPlace(name, tuple(reversed(sizes)), kind, start, elements // block * block_bytes)
