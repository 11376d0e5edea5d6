"""Memory is limited as it is used: address space costs nothing, what was given back counts, stacks may be large."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

WATCHED = """
import mmap, os, socket, sys, threading, time
from suture.judge.confined import control, limits
from suture.judge.confined.supervisor import ChildSupervisor

def map_much(): mmap.mmap(-1, 2 << 30)
def touch(mb): mmap.mmap(-1, mb << 20).write(b"x" * (mb << 20))
def touch_and_stay(): kept = b"x" * (200 << 20); time.sleep(60)
def spin():
    while True: pass

ours, theirs = socket.socketpair()
supervisor = ChildSupervisor(theirs.fileno())
child = os.fork()
if child == 0:
    {action}
    os._exit(7)
report = control.unpack_report(supervisor.until_ended(child, {cpu_s}, 100))
print(report.kind.decode(), report.exit, report.peak_kb > 100 << 10)
"""


def watched(action, cpu_s=30):
    script = WATCHED.format(action=action, cpu_s=cpu_s)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


def test_memory_that_is_mapped_and_not_touched_is_not_used():
    assert watched("map_much()") == ["0", "7", "False"]


def test_what_is_used_is_counted_though_it_was_given_back():
    assert watched("touch(10)") == ["0", "7", "False"]
    assert watched("touch(150)")[2] == "True"


def test_a_program_that_holds_too_much_is_ended():
    assert watched("touch_and_stay()") == ["m", "-9", "True"]


def test_cpu_time_ends_a_program():
    assert watched("spin()", cpu_s=0.2) == ["c", "-9", "False"]


LIMITED = """
import resource, threading
from suture.judge.confined import limits
limits.apply_common(processes=None)
own = limits.ProgramLimits(limits.address_space_now())
own.prepare(10, 64)
own.put_on()
threading.stack_size(512 << 20)
done = []
thread = threading.Thread(target=lambda: done.append("ran"))
thread.start()
thread.join()
hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
resource.setrlimit(resource.RLIMIT_STACK, (limits.STACK * 2, hard))
try:
    bytearray(8 << 30)
except MemoryError:
    done.append("bounded")
try:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))
except (ValueError, PermissionError):
    done.append("for good")
print(*done, resource.getrlimit(resource.RLIMIT_CPU))
"""


def test_a_program_of_64_mb_may_have_a_stack_of_512():
    run = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=False)
    assert run.stdout.startswith("ran bounded"), run.stderr
    assert "(11, 12)" in run.stdout
