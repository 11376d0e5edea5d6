"""The gradients that a step should have, computed as the strategies' page writes the loss."""

import torch

from suture.training.loss import answer_logits
from suture.training.objective import Objective
from suture.training.packing import pack
from suture.training.trained_weights import trained_weights

OBJECTIVES = [
    Objective(),
    Objective(kl_anchor=0.5),
    Objective(kl_new=0.3),
    Objective(kl_anchor=0.5, kl_new=0.3, weighted=True),
]


def plainly(model, examples, objective):
    """The gradients of the loss as the strategies' page writes it, row by row, with all logits at once."""
    total, taught = torch.zeros(()), 0
    for example in examples:
        alone = pack([example])
        with model.disable_adapter(), torch.no_grad():
            base = torch.log_softmax(answer_logits(model, alone), -1)
        said = torch.log_softmax(answer_logits(model, alone), -1)
        for at, label in enumerate(alone.labels.tolist()):
            weight = objective.kl_anchor if example.anchor else objective.kl_new
            total = total + weight * (base[at].exp() * (base[at] - said[at])).sum()
            if alone.taught[at]:
                own = said[at, label].detach().exp() if objective.weighted and not example.anchor else 1.0
                total, taught = total - own * said[at, label], taught + 1
    return torch.autograd.grad(total / taught, trained_weights(model))
