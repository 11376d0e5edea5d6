"""A base whose layers lie in parts on several GPUs, for one that does not fit on a single GPU.

torch's ``fully_shard`` (FSDP2) keeps a part of each layer in each process and gathers a layer for as long as it is
computed, so every pass through the model needs all of the processes at the same time. Only the base's layers are
shared out: an adapter, embeddings, the last norm and the head lie whole in each process, and what is trained stays as
plain as where nothing is sharded.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import distributed
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor

from suture.training.load import usual_device
from suture.training.loss import plain_model
from suture.training.memory import Room
from suture.training.trained_weights import trained_weights


class Meeting(NamedTuple):
    """Where the processes that share a base find one another.

    Attributes:
        file: which is not there before the first of them comes.
        processes: how many they are.
        number: of this process; the one that trains has 0.
    """

    file: Path
    processes: int
    number: int = 0


def join(meeting: Meeting) -> None:
    """Be one of a group of processes, as soon as all have come. They speak by this machine's loopback alone.

    Raises:
        RuntimeError: another process did not come, or left.
    """
    on_gpu = usual_device() == "cuda"
    with _loopback_alone():
        distributed.init_process_group(
            "nccl" if on_gpu else "gloo",
            init_method=f"file://{meeting.file}",  # torch decodes no escapes
            rank=meeting.number,
            world_size=meeting.processes,
            device_id=torch.device("cuda", 0) if on_gpu else None,
        )


def leave() -> None:
    """Leave the group, if there is one, without waiting for the others, who may be gone: a farewell of NCCL's waits for
    all of them."""
    if not distributed.is_initialized():
        return
    everyone: Any = distributed.group.WORLD
    everyone.abort()
    distributed.destroy_process_group()


@contextmanager
def _loopback_alone() -> Iterator[None]:
    names = ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "lo"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def shard(model: Any) -> Any:
    """Keep this process's part of every layer, on its GPU, and all else whole. The process must have joined."""
    everyone: Any = distributed.group.WORLD
    mesh = DeviceMesh.from_group(everyone, usual_device())
    decoder, trained = plain_model(model).get_decoder(), set(trained_weights(model))
    for layer in decoder.layers:
        fully_shard(layer, mesh=mesh, ignored_params=trained)
    whole = {weight for weight in decoder.parameters() if not isinstance(weight, DTensor)}
    fully_shard(decoder, mesh=mesh, ignored_params=whole)  # so that a layer is gathered while another is computed
    return model.to(usual_device())


def is_sharded(model: Any) -> bool:
    return isinstance(plain_model(model).get_decoder(), FSDPModule)


def may_fail(model: Any) -> bool:
    """Whether a pass may end with an error: older versions of torch have no way back for a sharded model."""
    return not is_sharded(model) or hasattr(FSDPModule, "reset_iter_state")


def after_failed_pass(model: Any) -> None:
    """Let a sharded model forget a backward pass that ended with an error; it would keep its layers gathered."""
    if is_sharded(model):
        plain_model(model).get_decoder().reset_iter_state()


def gathered_bytes(model: Any) -> int:
    """Bytes of the layers that lie whole at one time: the one that is computed and the next."""
    layers = plain_model(model).get_decoder().layers
    sizes = [sum(one.nbytes for one in layer.parameters() if isinstance(one, DTensor)) for layer in layers]
    return 2 * max(sizes)


def agreed(plan: Room) -> Room:
    """The plan of all processes: as each has to compute as many packs, none may make larger ones than another."""
    plans: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(plans, plan)
    return Room(min(one.most_tokens for one in plans), any(one.recompute for one in plans))
