"""The class of a processor, from what Linux says of it."""

from pathlib import Path

import pytest

from suture.machine.processor import class_in, processor_class

AMD = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 1
model name\t: AMD EPYC 7763 64-Core Processor
cpu MHz\t\t: 2445.404
flags\t\t: fpu vme sse sse2 fma avx f16c avx2 bmi1 bmi2 sha_ni
bugs\t\t: sysret_ss_attrs

processor\t: 1
vendor_id\t: AuthenticAMD
"""
INTEL = """processor : 0
vendor_id : GenuineIntel
cpu family : 6
flags : sse2 avx avx2 fma f16c bmi2 avx512f avx512bw avx512dq avx512vl avx512_vnni amx_tile amx_int8 avx512_bf16
"""
ARM = """processor\t: 0
BogoMIPS\t: 243.75
Features\t: fp asimd evtstrm aes pmull sha1 crc32 atomics fphp asimdhp asimddp sve i8mm bf16
CPU implementer\t: 0x41
CPU architecture: 8
CPU part\t: 0xd40
"""


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        (AMD, "AuthenticAMD family 25: avx avx2 bmi2 f16c fma"),
        (
            INTEL,
            "GenuineIntel family 6: amx_int8 amx_tile avx avx2 avx512_bf16 avx512_vnni avx512bw avx512dq avx512f "
            "avx512vl bmi2 f16c fma",
        ),
        (ARM, "ARM implementer 0x41: asimd asimddp asimdhp bf16 fphp i8mm sve"),
        ("vendor_id : Old\ncpu family : 5\nflags : fpu\n", "Old family 5: no vector features"),
        ("processor : 0\nhart : 1\nisa : rv64imafdc\n", ""),
        ("", ""),
    ],
)
def test_it_is_vendor_family_and_what_kernels_are_chosen_by(cpuinfo, expected):
    assert class_in(cpuinfo) == expected


def test_clock_model_and_number_of_cores_are_no_part_of_it():
    other = AMD.replace("7763", "7713").replace("2445", "1500").partition("\n\n")[0]
    assert class_in(other) == class_in(AMD)


@pytest.mark.parametrize("feature", ["avx2", "f16c", "fma"])
def test_a_feature_less_is_another_class(feature):
    assert class_in(AMD.replace(f" {feature}", "")) != class_in(AMD)


def test_this_machine_has_one():
    assert processor_class()
    if Path("/proc/cpuinfo").exists():
        assert processor_class() == class_in(Path("/proc/cpuinfo").read_text()) or not class_in(
            Path("/proc/cpuinfo").read_text()
        )
