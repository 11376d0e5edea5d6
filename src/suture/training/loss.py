"""Computes the two terms of the loss: cross-entropy on what is taught, and divergence from the frozen base."""

from contextlib import AbstractContextManager
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from suture.training.examples import IGNORED, on_device
from suture.training.precision import in_its_precision


def answer_logits(model: Any, inputs: dict[str, Any]) -> Tensor:
    """Logits (B, A, V) that predict the last A tokens, float32; the head is never run on the prompt's other places."""
    return head_logits(model, answer_hidden(model, inputs))


def answer_hidden(model: Any, inputs: dict[str, Any]) -> Tensor:
    """The last hidden states (B, A, H), from which the last A tokens are predicted."""
    answer = inputs["labels"].shape[1]
    plain = _plain(model)
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    padding = {} if len(ids) == 1 else {"attention_mask": mask}  # without padding the mask says nothing
    with in_its_precision(plain):
        hidden = plain.get_decoder()(input_ids=ids, use_cache=False, **padding).last_hidden_state
    return hidden[:, -answer - 1 : -1]


def head_logits(model: Any, hidden: Tensor) -> Tensor:
    return _plain(model).get_output_embeddings()(hidden).float()


def _plain(model: Any) -> Any:
    """The model that an adapter was put into; a model without one is its own."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def token_losses(logits: Tensor, taught: Tensor) -> Tensor:
    """Cross-entropy (B, A) of each token in nats, 0 where ``taught`` (B, A) is IGNORED: logits (B, A, V)."""
    flat = functional.cross_entropy(logits.flatten(0, 1), taught.flatten(), ignore_index=IGNORED, reduction="none")
    return flat.view_as(taught)


def own_probability(losses: Tensor, anchor: Tensor) -> Tensor:
    """Weights (B, A): on failure rows the token's probability under the model, as a constant; 1 on anchor rows.

    An anchor that begins to slip away has to weigh more, not less.
    """
    return torch.where(anchor[:, None], torch.ones_like(losses), torch.exp(-losses.detach()))


def divergences(base_logits: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
    """KL(base || model) over the whole vocabulary in nats, summed over the answer tokens of each row: (B,)."""
    base, model = torch.log_softmax(base_logits, dim=-1), torch.log_softmax(logits, dim=-1)
    each = functional.kl_div(model, base, log_target=True, reduction="none").sum(dim=-1)  # (B, A)
    return (each * (labels != IGNORED)).sum(dim=-1)


class FrozenBase:
    """The base's logits for rows: the same model with its adapter switched off.

    What is kept between steps is the last hidden state (A, H), not the logits (A, V): V / H times smaller, and one
    matrix product away, because the output head is not adapted. A row replayed again costs no second forward pass.
    """

    def __init__(self, model: Any, *, most_bytes: int = 1 << 30) -> None:
        self._adapted = model
        self._kept: dict[tuple[int, int], Tensor] = {}
        self._room = most_bytes
        self._lock = Lock()

    def on_device(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Move what ``collate`` made to the model's device."""
        return on_device(inputs, self._adapted.device)

    def alone(self) -> AbstractContextManager[Any]:
        """While it is open, the model is its base."""
        return self._adapted.disable_adapter()

    def logits(self, inputs: dict[str, Any]) -> Tensor:
        """(B, A, V) for the rows of ``inputs``, float32."""
        with self.alone():
            return self.logits_of(self.hidden(inputs))

    @torch.no_grad()
    def hidden(self, inputs: dict[str, Any]) -> Tensor:
        """The last hidden states (B, A, H) for the rows of ``inputs``, to be asked for while the model is its base."""
        answer = inputs["labels"].shape[1]
        keys = [(int(key), answer) for key in inputs["keys"].tolist()]
        if all(key in self._kept for key in keys):
            return torch.stack([self._kept[key] for key in keys])
        hidden = answer_hidden(self._adapted, inputs).clone()
        self._keep(keys, hidden)
        return hidden

    @torch.no_grad()
    def logits_of(self, hidden: Tensor) -> Tensor:
        """By the base's own head, which an adapter may have been put around."""
        head = _plain(self._adapted).get_output_embeddings()
        return getattr(head, "base_layer", head)(hidden).float()

    def _keep(self, keys: list[tuple[int, int]], hidden: Tensor) -> None:
        size = hidden.numel() * hidden.element_size()
        with self._lock:  # several threads may ask for one row at once
            if size <= self._room and not all(key in self._kept for key in keys):
                self._room -= size
                self._kept.update(zip(keys, hidden, strict=True))
