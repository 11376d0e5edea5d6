"""LiveCodeBench's ``private_test_cases``: base64 of zlib of a pickle of one text, read without unpickling.

A pickle is a program. This reads the few instructions by which ``pickle.dumps`` writes a single
``str`` (the opcodes of ``pickletools``) and refuses every other, so a hostile payload is a clear
error and nothing else. Format: https://huggingface.co/datasets/livecodebench/code_generation_lite
"""

import base64
import binascii
import zlib

from suture.core.errors import BadFile

SIZE_CAP = 512 << 20
"""Bytes after decompression; the largest official row has about a quarter of that."""

_PROTO, _FRAME, _MEMOIZE, _STOP = 0x80, 0x95, 0x94, ord(".")
_BINPUT, _LONG_BINPUT = ord("q"), ord("r")
_TEXT = {0x8C: 1, ord("X"): 4, 0x8D: 8}
"""SHORT_BINUNICODE, BINUNICODE, BINUNICODE8: how many bytes of length follow."""
_SKIPPED = {_PROTO: 1, _FRAME: 8, _MEMOIZE: 0, _BINPUT: 1, _LONG_BINPUT: 4}
"""Instructions without effect on a single text: how many bytes of argument follow."""


def decode_private_tests(text: str) -> str:
    """The JSON text of a task's private tests.

    Raises:
        BadFile: not base64, not zlib, too large, or a pickle of anything but one text.
    """
    try:
        packed = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadFile(f"private_test_cases is not base64: {error}") from None
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(packed, SIZE_CAP)
    except zlib.error as error:
        raise BadFile(f"private_test_cases is not zlib data: {error}") from None
    if stream.unconsumed_tail:
        raise BadFile(f"private_test_cases is larger than {SIZE_CAP} bytes")
    if not stream.eof:
        raise BadFile("private_test_cases is cut off")
    return _one_text(data)


def _one_text(data: bytes) -> str:
    found: str | None = None
    at = 0
    while at < len(data):
        instruction = data[at]
        at += 1
        if instruction == _STOP and found is not None and at == len(data):
            return found
        if instruction in _SKIPPED:
            at += _SKIPPED[instruction]
        elif instruction in _TEXT and found is None:
            width = _TEXT[instruction]
            size = int.from_bytes(data[at : at + width], "little")
            at += width + size
            if at > len(data):
                break
            found = _decoded(data[at - size : at])
        else:
            raise BadFile(f"private_test_cases holds more than one text (pickle instruction {instruction:#04x})")
    raise BadFile("private_test_cases is cut off")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise BadFile(f"private_test_cases is not UTF-8 text: {error}") from None
