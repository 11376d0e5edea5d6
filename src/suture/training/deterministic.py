"""Makes training deterministic: same inputs, same bytes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from suture.machine.cores import usable_cores


@contextmanager
def deterministic(*, one_thread: bool = False) -> Iterator[None]:
    """Allow only kernels that add in a fixed order, on a fixed number of threads; settings of before return after.

    Sums are split by thread, so another number of threads is another result. Half of the processors this process may
    use, unless ``OMP_NUM_THREADS`` says otherwise: OpenMP threads wait for the slowest, and on a machine that is shared
    the last one costs more than it brings (2 threads on 2 busy cores trained 5 times slower than 1). ``one_thread`` is
    for work whose parts the caller spreads over threads.

    torch would also fill every new tensor, to expose kernels that read what nobody wrote. That costs a kernel each.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled()
    only_warn = torch.is_deterministic_algorithms_warn_only_enabled()
    filling: Any = torch.utils.deterministic
    fills = filling.fill_uninitialized_memory
    threads = torch.get_num_threads()
    torch.use_deterministic_algorithms(True, warn_only=True)
    filling.fill_uninitialized_memory = False
    if one_thread:
        torch.set_num_threads(1)
    elif "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, usable_cores() // 2))
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        filling.fill_uninitialized_memory = fills
        torch.use_deterministic_algorithms(before, warn_only=only_warn)
