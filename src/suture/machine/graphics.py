"""Names the GPU of this machine and its driver: an engine's results depend on both."""

import shutil
import subprocess
from functools import cache

from suture.machine.processor import processor_class


def gpu_class() -> str:
    """Such as ``NVIDIA H100 80GB HBM3, driver 570.86.15``; "" where there is none."""
    return class_in(_said())


def computing_class() -> str:
    """Of what trains here: the GPU, or the processor where there is none."""
    return gpu_class() or processor_class()


def gpu_driver() -> str | None:
    """The driver's version; None where there is no GPU, or no one can say."""
    return driver_in(_said())


@cache
def _said() -> str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    asked = [program, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout if said.returncode == 0 else ""


def class_in(said: str) -> str:
    """Read the class from nvidia-smi's lines, one a GPU. Pure."""
    return "; ".join(f"{name}, driver {driver}" for name, driver in sorted(_kinds(said)))


def driver_in(said: str) -> str | None:
    """Read the driver's version from the same lines. Pure."""
    return next((driver for _, driver in sorted(_kinds(said))), None)


def _kinds(said: str) -> set[tuple[str, str]]:
    lines = (line.split(",") for line in said.splitlines() if line.count(",") == 1)
    return {(name.strip(), driver.strip()) for name, driver in lines}
