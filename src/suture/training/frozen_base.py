"""What the base says to the rows that are trained on: the same model with its adapter switched off."""

from contextlib import AbstractContextManager
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from suture.training.loss import answer_hidden, plain_model
from suture.training.packing import Pack
from suture.training.sharding import is_sharded


class FrozenBase:
    """The base's logits for the answers of packs.

    What is kept between steps is a row's last hidden states (A, H), not the logits (A, V): V / H times smaller, and one
    matrix product away, because the base's output head is not adapted. A row that is replayed costs no second forward
    pass, whatever rows it is packed with.
    """

    def __init__(self, model: Any, *, most_bytes: int = 1 << 30) -> None:
        self._adapted = model
        self._kept: dict[tuple[int, int], Tensor] = {}
        # Nothing is kept of a sharded base: who knows a row already would leave the others waiting for a pass.
        self.most_bytes = self._room = 0 if is_sharded(model) else most_bytes
        self._lock = Lock()

    @property
    def device(self) -> torch.device:
        return self._adapted.device

    def alone(self) -> AbstractContextManager[Any]:
        """While it is open, the model is its base."""
        return self._adapted.disable_adapter()

    def logits(self, pack: Pack) -> Tensor:
        """(A, V), float32."""
        with self.alone():
            return self.logits_of(self.hidden(pack))

    @torch.no_grad()
    def hidden(self, pack: Pack) -> Tensor:
        """The last hidden states (A, H), to be asked for while the model is its base."""
        keys = [(row.key, row.stop - row.start) for row in pack.rows]
        if all(key in self._kept for key in keys):
            return torch.cat([self._kept[key] for key in keys])
        hidden = answer_hidden(self._adapted, pack)
        for key, row in zip(keys, pack.rows, strict=True):
            self._keep(key, hidden[row.start : row.stop])
        return hidden

    @torch.no_grad()
    def logits_of(self, hidden: Tensor) -> Tensor:
        """By the base's own head, which an adapter may have been put around."""
        head = plain_model(self._adapted).get_output_embeddings()
        return getattr(head, "base_layer", head)(hidden).float()

    def _keep(self, key: tuple[int, int], hidden: Tensor) -> None:
        size = hidden.numel() * hidden.element_size()
        with self._lock:  # several threads may ask for one row at once
            if size <= self._room and key not in self._kept:
                self._room -= size
                self._kept[key] = hidden.clone()
