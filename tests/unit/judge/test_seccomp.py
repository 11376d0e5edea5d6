"""The filters, run by a small interpreter of classic BPF: what a program may and may not ask of the kernel."""

import struct

import pytest

from suture.judge.confined.seccomp import for_child, for_worker
from suture.judge.confined.syscalls import CLONE3, MACHINES

ALLOW, EPERM, ENOSYS, ENOTTY, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x00050019, 0x80000000
OWN = 4242


def verdict(code: bytes, number: int, arch: int, *arguments: int) -> int:
    data = struct.pack("<IIQ6Q", number, arch, 0, *(list(arguments) + [0] * 6)[:6])
    accumulator, at = 0, 0
    while True:
        operation, yes, no, k = struct.unpack_from("<HBBI", code, at * 8)
        at += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", data, k)[0]
        elif operation == 0x54:
            accumulator &= k
        elif operation == 0x15:
            at += yes if accumulator == k else no
        elif operation == 0x35:
            at += yes if accumulator >= k else no
        elif operation == 0x06:
            return k
        else:
            raise AssertionError(hex(operation))


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request):
    arch, table, own = MACHINES[request.param]
    worker = for_worker(request.param, read_only_open=True)
    child = for_child(request.param, OWN)

    def ask(name, *arguments, arch=arch, child_too=True):
        number = (table | own)[name] if isinstance(name, str) else name
        asked = verdict(worker, number, arch, *arguments)
        return verdict(child, number, arch, *arguments) if child_too and asked == ALLOW else asked

    return ask


def test_what_a_program_needs(machine):
    for name in ("read", "write", "mmap", "futex", "exit_group", "getrandom", "close"):
        assert machine(name) == ALLOW


def test_threads_but_no_processes(machine):
    thread = 0x3D0F00
    assert machine("clone", thread) == ALLOW
    assert machine("clone", 17) == EPERM
    assert machine("clone", 0x10000000 | 17) == EPERM
    assert machine(CLONE3) == ENOSYS
    assert machine("clone", 17, child_too=False) == ALLOW


def test_signals_only_to_itself_and_none_that_stop(machine):
    assert machine("kill", OWN, 15) == ALLOW
    assert machine("kill", OWN, 19) == EPERM
    for target in (1, OWN + 1, 0, 2**32 - 1):
        assert machine("kill", target, 9) == EPERM
    assert machine("tgkill", OWN, OWN, 6) == ALLOW
    assert machine("tgkill", 1, 1, 9) == EPERM


def test_the_workers_own_calls_are_taken_away(machine):
    for name in ("wait4", "setsid", "seccomp", "pidfd_open", "landlock_restrict_self"):
        assert machine(name, child_too=False) == ALLOW
        assert machine(name) == EPERM
    assert machine("prctl", 4) == EPERM
    assert machine("prctl", 15) == ALLOW


def test_sockets_only_as_stream_pairs(machine):
    assert machine("socketpair", 1, 1 | 0x80000) == ALLOW
    assert machine("socketpair", 1, 2) == EPERM
    assert machine("socketpair", 2, 1) == EPERM


def test_files_open_for_reading_only(machine):
    at = "openat"
    assert machine(at, 0, 0, 0x80000) == ALLOW
    for flags in (1, 2, 0x40, 0x200, 0x400):
        assert machine(at, 0, 0, flags) == EPERM


def test_device_controls(machine):
    assert machine("ioctl", 0, 0x5401) == ALLOW
    assert machine("ioctl", 0, 0x5412) == ENOTTY


@pytest.mark.parametrize("name", ["socket", "connect", "ptrace", "execve", "mount", "bpf", "io_uring_setup"])
def test_everything_else_is_refused_on_x86(name):
    numbers = {
        "socket": 41,
        "connect": 42,
        "ptrace": 101,
        "execve": 59,
        "mount": 165,
        "bpf": 321,
        "io_uring_setup": 425,
    }
    arch = MACHINES["x86_64"][0]
    assert verdict(for_worker("x86_64", read_only_open=False), numbers[name], arch) == EPERM


def test_another_calling_convention_kills(machine):
    assert machine("read", arch=0x40000003) == KILL
    assert machine(0x40000000 | 1) == KILL


def test_jumps_stay_inside():
    for name in MACHINES:
        for code in (for_worker(name, read_only_open=True), for_child(name, OWN)):
            count = len(code) // 8
            for at in range(count):
                operation, yes, no, _ = struct.unpack_from("<HBBI", code, at * 8)
                if operation in (0x15, 0x35):
                    assert at + 1 + max(yes, no) < count
