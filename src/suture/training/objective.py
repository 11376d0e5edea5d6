"""What the loss of each strategy is made of. Pure: no model, no tensors."""

from suture.core.frozen import Frozen
from suture.core.model.strategies import spec_of
from suture.core.model.train_settings import TrainSettings


class Objective(Frozen):
    """Attributes:
    kl_anchor: weight of KL(base || model) on the answers of anchor rows.
    kl_new: the same on those of failure rows.
    mask_below: reference tokens that the base gives a smaller probability are not taught (selective token masking,
        Wu et al., 2025, arXiv 2501.14315); 0 teaches all.
    weighted: each reference token weighs its own probability under the model as it is now, held constant (dynamic
        fine-tuning, Wu et al., 2025, arXiv 2508.05629).
    """

    kl_anchor: float = 0.0
    kl_new: float = 0.0
    mask_below: float = 0.0
    weighted: bool = False


def objective_of(settings: TrainSettings) -> Objective:
    """The strategy's row, filled in with the settings' weights. A strategy without any KL has none, whatever is set."""
    spec = spec_of(settings)
    if not spec.kl_on_anchors:
        return Objective(weighted=spec.weighs, mask_below=settings.mask_below if spec.masks else 0.0)
    own_kl_new = settings.kl_weight if spec.kl_on_failures else 0.0
    return Objective(
        kl_anchor=settings.kl_weight,
        kl_new=own_kl_new if settings.kl_new_weight is None else settings.kl_new_weight,
        mask_below=settings.mask_below if spec.masks else 0.0,
        weighted=spec.weighs,
    )
