"""The interpreter's code on huge pages: the same code, at the same place."""

import ctypes
import subprocess
import sys

import pytest

from suture.judge.confined import large_pages
from suture.judge.confined.mappings import own_mappings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PROGRAM = """
import ctypes, sys
from suture.judge.confined import large_pages
start, end = large_pages._read_only_around(ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value)
before = ctypes.string_at(start, end - start)
large_pages.share_code()
assert ctypes.string_at(start, end - start) == before
import decimal
print(sum(decimal.Decimal(n) for n in range(10)))
"""


def test_the_interpreter_goes_on_with_the_same_bytes():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "45\n"), run.stderr


def test_the_run_around_an_address_is_read_only_and_of_one_file():
    address = ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value or 0
    start, end = large_pages._read_only_around(address)
    assert start <= address < end
    inside = [part for part in own_mappings() if start <= part.start < end]
    assert {b"w" in part.rights for part in inside} == {False}
    assert len({part.path for part in inside}) == 1


def test_no_run_around_no_address():
    assert large_pages._read_only_around(0) == (0, 0)


REFUSED = """
import ctypes
from suture.judge.confined import kernel, large_pages
from suture.judge.confined.mappings import own_mappings
def refuse(*_): raise OSError("no huge pages")
large_pages.kernel.{name} = refuse
list(own_mappings())
before = [part[:3] for part in own_mappings() if part.path.startswith(b"/")]
size = sum(part.end - part.start for part in own_mappings())
large_pages.share_code()
assert [part[:3] for part in own_mappings() if part.path.startswith(b"/")] == before
print((sum(part.end - part.start for part in own_mappings()) - size) < large_pages._HUGE)
"""


@pytest.mark.parametrize("name", ["map_memory", "advise", "protect"])
def test_where_it_is_refused_all_stays_as_it_was(name):
    run = subprocess.run([sys.executable, "-c", REFUSED.format(name=name)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "True\n"), run.stderr


def test_no_huge_pages_at_a_place_that_is_not_mapped():
    assert large_pages._huge_bytes(4096) == 0
