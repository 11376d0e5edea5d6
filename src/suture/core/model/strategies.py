"""The strategies, one row each: which rows they replay, which tokens they weigh, which rows carry KL."""

from collections.abc import Mapping

from suture.core.frozen import Frozen
from suture.core.model.train_settings import Strategy, TrainSettings


class StrategySpec(Frozen):
    """What a strategy is made of. How much of each is in ``TrainSettings``.

    Attributes:
        replays: anchors are trained on beside the failures.
        kl_on_anchors, kl_on_failures: these rows carry KL(base || model).
        masks: reference tokens that the base finds very unlikely are not taught (selective token masking,
            Wu et al., 2025, arXiv 2501.14315).
        weighs: each reference token weighs its own probability under the model as it is now (dynamic fine-tuning,
            Wu et al., 2025, arXiv 2508.05629).
        own_answers: failures are taught the model's own passing answers; a matter of the dataset, not of the loss.
    """

    replays: bool = True
    kl_on_anchors: bool = True
    kl_on_failures: bool = False
    masks: bool = False
    weighs: bool = False
    own_answers: bool = False


STRATEGIES: Mapping[Strategy, StrategySpec] = {
    Strategy.NAIVE: StrategySpec(replays=False, kl_on_anchors=False),
    Strategy.REPLAY: StrategySpec(kl_on_anchors=False),
    Strategy.REPLAY_KL: StrategySpec(),
    Strategy.MASKED: StrategySpec(masks=True),
    Strategy.ASFT: StrategySpec(kl_on_failures=True, weighs=True),
    Strategy.SELF_VERIFIED: StrategySpec(own_answers=True),
}


def spec_of(settings: TrainSettings) -> StrategySpec:
    return STRATEGIES[settings.strategy]
