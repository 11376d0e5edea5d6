"""Computes how likely an answer is under the base."""

from collections.abc import Sequence
from pathlib import Path

from suture.core.model.train_settings import Precision
from suture.core.plan.ports import Progress
from suture.training.extra import require_train_extra


def target_logliks(model_dir: Path, pairs: Sequence[tuple[str, str]], progress: Progress) -> list[float]:
    """Log-likelihood in nats of each ``(prompt, target)``'s target after its prompt, summed over its tokens.

    Prompt and target are cut into tokens apart, as in training.

    Raises:
        MissingTool: the extra ``[train]`` is not installed.
        BadFile: ``model_dir`` cannot be loaded.
    """
    if not pairs:
        return []
    require_train_extra()
    import torch

    from suture.training.deterministic import deterministic
    from suture.training.examples import encode_pair
    from suture.training.load import load_tokenizer, usual_device
    from suture.training.loss import answer_logits, token_losses
    from suture.training.packing import pack
    from suture.training.precision import choose_precision, load_to_compute

    model = load_to_compute(model_dir, choose_precision(Precision.AUTO)).to(usual_device()).eval()
    tokenizer = load_tokenizer(model_dir)
    found: dict[tuple[str, str], float] = {}
    different = dict.fromkeys(pairs)
    progress.start("likelihood", len(different))
    with deterministic(), torch.no_grad():
        for pair in different:
            alone = pack([encode_pair(*pair, tokenizer)], model.device)
            found[pair] = -float(token_losses(answer_logits(model, alone), alone.labels, alone.taught).sum())
            progress.advance(tokens=alone.tokens)
    progress.finish()
    return [found[pair] for pair in pairs]
