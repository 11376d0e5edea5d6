"""Joined mappings hold what they held, and there are fewer of them."""

import subprocess
import sys

import pytest

from suture.judge.confined.mappings import own_mappings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PROGRAM = """
import ctypes, math, sys, zlib
from suture.judge.confined import mappings

def contents():
    parts = [part for part in mappings.own_mappings() if b"w" not in part.rights and part.path.endswith(b".so")]
    return {part.start: ctypes.string_at(part.start, part.end - part.start) for part in parts}

before, count = contents(), len(list(mappings.own_mappings()))
mappings.join()
for start, content in before.items():
    assert ctypes.string_at(start, len(content)) == content
files = [part.path for part in mappings.own_mappings() if part.path.endswith(b".so")]
assert max(map(files.count, files)) <= 2, files
assert len(list(mappings.own_mappings())) < count
mappings.join()
import decimal
print(sum(decimal.Decimal(n) for n in range(10)), math.sqrt(4), zlib.crc32(b""))
"""


def test_libraries_go_on_with_the_same_bytes_in_two_mappings_each():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "45 2.0 0\n"), run.stderr


def test_every_mapping_of_this_process_is_read():
    found = list(own_mappings())
    assert all(part.start < part.end for part in found)
    assert any(part.path.endswith(b"[stack]") for part in found)
    assert any(b"w" in part.rights and not part.path for part in found)
