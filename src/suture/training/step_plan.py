"""How the steps of a training run are computed on this machine."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from peft.helpers import disable_input_dtype_casting

from suture.machine.cores import usable_cores
from suture.training.examples import Example
from suture.training.fast_products import onednn_is_faster
from suture.training.frozen_base import FrozenBase
from suture.training.grouped_attention import BY_GROUPS
from suture.training.memory import kept_by, recompute_activations, room
from suture.training.objective import Objective
from suture.training.pack_losses import CHUNK_LOGITS
from suture.training.precision import computes_in_bf16
from suture.training.prefix_proof import PROOF_TOKENS, row_gradients, sharing_is_proved
from suture.training.proved_attention import EXACT, MOST_DIFFERENCE, WRITTEN_OUT, fastest_proved
from suture.training.row_attention import BY_ROWS
from suture.training.sharding import agreed, gathered_bytes, is_sharded, may_fail
from suture.training.shared_prefixes import begin_alike
from suture.training.step_gradients import StepGradients, is_held
from suture.training.trained_weights import trained_weights

_LOGITS = 10 * 4 * CHUNK_LOGITS
"""Bytes of a chunk's logits, the base's, and what their losses make of them."""
_MOST_SHARED = 1024
_MOST_WRITTEN_OUT = 1024
"""Tokens of a pack whose attention is written out: T x T weights a head are kept, most of them across rows."""


class PlanOfPacks(NamedTuple):
    """What says as much as all rows of an epoch for a plan of its packs; the same for every process.

    Attributes:
        examples: two rows to prove attention on, and the longest.
        alike: some rows begin so much alike that they may share their beginning.
    """

    examples: Sequence[Example]
    alike: bool


def planned_from(examples: Sequence[Example], objective: Objective) -> PlanOfPacks:
    """Pure."""
    longest = max(examples, key=lambda example: len(example.ids))
    alike = begin_alike(examples, lambda row: is_held(objective, row.anchor), most_shared(longest))
    return PlanOfPacks((*examples[:2], longest), alike)


def most_shared(longest: Example) -> int:
    """Tokens that a pack of several rows may compute: weights for each pair of them are kept, so that for long packs
    activations would have to be computed twice."""
    return min(2 * len(longest.ids), _MOST_SHARED)


@contextmanager
def gradients_here(model: Any, base: FrozenBase, objective: Objective, planned: PlanOfPacks) -> Iterator[StepGradients]:
    """On a CPU each row is computed alone, or beside rows that share a long beginning, one on each processor; on a GPU
    rows are packed as memory allows.

    Where the longest row does not fit into memory, activations are computed twice.
    """
    longest_row = max(planned.examples, key=lambda example: len(example.ids))
    longest = len(longest_row.ids)
    two = [example.shortened(PROOF_TOKENS) for example in planned.examples[:2]]
    with ExitStack() as stack:
        if computes_in_bf16(model):
            # Casts an adapter's input to float32, which autocast casts back: the same bits, for a fifth of the memory.
            stack.enter_context(disable_input_dtype_casting(model))
        if model.device.type == "cpu":
            workers = 1 if is_sharded(model) else processors_to_use()
            if onednn_is_faster() and not computes_in_bf16(model) and not is_sharded(model):
                fastest_proved(model, lambda: row_gradients(model, base, two), BY_GROUPS, EXACT)
            shares = planned.alike and not is_sharded(model)
            proved = shares and sharing_is_proved(model, base, planned.examples[0], longest)
            shared = most_shared(longest_row) if proved else 0
            plan = room(kept_by(model), _memory() / 2 / workers, max(longest, shared), most=0)
            gradients = StepGradients(model, base, objective, workers=workers, most_shared=shared)
        else:
            attention = WRITTEN_OUT
            if may_fail(model):
                attention = fastest_proved(model, lambda: row_gradients(model, base, two), BY_ROWS, MOST_DIFFERENCE)
            most = {"most": _MOST_WRITTEN_OUT} if attention == WRITTEN_OUT else {}
            plan = room(kept_by(model), _left_on_gpu(model, base), longest, **most)
            if is_sharded(model):
                plan = agreed(plan)
            gradients = StepGradients(model, base, objective, most_tokens=plan.most_tokens)
        if plan.recompute:
            recompute_activations(model)
        stack.callback(gradients.close)
        yield gradients


def processors_to_use() -> int:
    """Count the processors to train on: all usable ones, or fewer where ``OMP_NUM_THREADS`` says so."""
    mine = usable_cores()
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(mine, int(wanted)) if wanted.isdigit() and int(wanted) else mine


def _left_on_gpu(model: Any, base: FrozenBase) -> float:
    """Bytes for activations: all but the model, its optimiser and gradients, the base's states and logits. Of the whole
    device, so that it is the same whoever else is there."""
    trained = sum(weight.nbytes for weight in trained_weights(model))
    total = torch.cuda.get_device_properties(model.device).total_memory
    gathered = gathered_bytes(model) if is_sharded(model) else 0
    return total - torch.cuda.memory_allocated() - gathered - 3 * trained - base.most_bytes - _LOGITS


def _memory() -> int:
    """Bytes that this process may use: of the machine, or of its control group."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = Path("/sys/fs/cgroup/memory.max")
    said = limit.read_text().strip() if limit.is_file() else ""
    return min(machine, int(said)) if said.isdigit() else machine
