"""Computes the two terms of the loss: cross-entropy on what is taught, and divergence from the frozen base."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from suture.training.packing import Pack, seen
from suture.training.precision import in_its_precision


def answer_hidden(model: Any, pack: Pack) -> Tensor:
    """The last hidden states (A, H) from which the answer tokens of a pack are predicted."""
    plain = plain_model(model)
    apart: dict[str, Any] = {}
    if pack.prefix:
        apart = {"position_ids": pack.positions[None], "attention_mask": _mask(pack, plain.dtype)}
    elif len(pack.rows) > 1:
        apart = {
            "position_ids": pack.positions[None],
            "cu_seq_lens_q": pack.bounds,
            "max_length_q": pack.longest,
        }
    with in_its_precision(plain):
        hidden = plain.get_decoder()(input_ids=pack.ids[None], use_cache=False, **apart).last_hidden_state
    return hidden[0, pack.places]


def _mask(pack: Pack, dtype: torch.dtype) -> Tensor:
    """What is added to the scores of attention (1, 1, T, T): nothing where a token is seen."""
    unseen = torch.finfo(dtype).min
    return torch.where(seen(pack), 0.0, unseen).to(dtype)[None, None]


def head_logits(model: Any, hidden: Tensor) -> Tensor:
    """Logits (..., V) of hidden states (..., H), float32."""
    return plain_model(model).get_output_embeddings()(hidden).float()


def answer_logits(model: Any, pack: Pack) -> Tensor:
    """Logits (A, V) that predict the answer tokens, float32; the head is never run on the prompts' other places."""
    return head_logits(model, answer_hidden(model, pack))


def plain_model(model: Any) -> Any:
    """The model that an adapter was put into; a model without one is its own."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def token_losses(logits: Tensor, labels: Tensor, taught: Tensor) -> Tensor:
    """Cross-entropy (A,) of each token in nats, 0 where it is not ``taught`` (A,): logits (A, V)."""
    each = functional.cross_entropy(logits, labels, reduction="none")
    return torch.where(taught, each, torch.zeros_like(each))


def own_probability(losses: Tensor, anchor: Tensor) -> Tensor:
    """Weights (A,): a token's probability under the model, as a constant; 1 for the tokens of anchor rows (A,).

    An anchor that begins to slip away has to weigh more, not less.
    """
    return torch.where(anchor, torch.ones_like(losses), torch.exp(-losses.detach()))


def divergences(base_logits: Tensor, logits: Tensor) -> Tensor:
    """KL(base || model) over the whole vocabulary (V) in nats, of each token: (A,)."""
    base, model = torch.log_softmax(base_logits, dim=-1), torch.log_softmax(logits, dim=-1)
    return functional.kl_div(model, base, log_target=True, reduction="none").sum(dim=-1)
