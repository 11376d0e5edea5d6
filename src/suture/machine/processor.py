"""Names the class of this processor: an engine's results depend on the CPU."""

import platform
from functools import cache
from pathlib import Path

X86_FEATURES = frozenset(
    {"avx", "avx2", "fma", "f16c", "bmi2", "avx_vnni", "avx_vnni_int8", "avx_ifma", "avx_ne_convert"}
    | {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd", "avx512vbmi", "avx512_vbmi2", "avx512_vnni"}
    | {"avx512_bf16", "avx512_fp16", "avx512_vpopcntdq", "avx512_bitalg"}
    | {"amx_tile", "amx_int8", "amx_bf16", "amx_fp16"}
)
ARM_FEATURES = frozenset(
    {"asimd", "asimdhp", "asimddp", "fphp", "i8mm", "bf16", "sve", "sve2", "svei8mm", "svebf16", "sme", "sme2"}
)
"""As /proc/cpuinfo names them: those that kernels of matrix products are chosen by (oneDNN, ggml, MKL)."""


@cache
def processor_class() -> str:
    """Name this machine's vendor, family, and the features that engines choose their kernels by."""
    cpuinfo = Path("/proc/cpuinfo")
    said = cpuinfo.read_text(encoding="utf-8", errors="replace") if cpuinfo.exists() else ""
    return class_in(said) or " ".join(filter(None, (platform.machine(), platform.processor())))


def class_in(cpuinfo: str) -> str:
    """Read the class from the words of /proc/cpuinfo; "" where they do not say. Pure.

    Two processors of one class may differ in their model, clock and caches.
    """
    lines = [line.partition(":") for line in cpuinfo.strip().partition("\n\n")[0].splitlines()]
    first = {name.strip(): value.strip() for name, _, value in lines}
    if "vendor_id" in first:
        features = X86_FEATURES & set(first.get("flags", "").split())
        kind = f"{first['vendor_id']} family {first.get('cpu family', '?')}"
    elif "CPU implementer" in first:
        features = ARM_FEATURES & set(first.get("Features", "").split())
        kind = f"ARM implementer {first['CPU implementer']}"
    else:
        return ""
    return f"{kind}: {' '.join(sorted(features)) or 'no vector features'}"
