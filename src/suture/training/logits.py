"""What the merged model says next, in float32: the numerical reference for a pack's proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suture.training.extra import require_train_extra


@dataclass(frozen=True, slots=True)
class NextToken:
    """After one prompt: its token ids, and natural log-probabilities of the likeliest next tokens, likeliest first."""

    ids: tuple[int, ...]
    logprobs: dict[int, float]


def next_token_logprobs(model_dir: Path, prompts: Sequence[str], *, top: int = 20) -> list[NextToken]:
    """One entry a prompt, in order.

    Prompts are rendered already (special tokens as text); the tokenizer adds what the GGUF's ``add_bos`` flag says.

    Raises:
        MissingTool: the extra ``[train]`` is not installed.
        BadFile: ``model_dir`` cannot be loaded.
    """
    require_train_extra()
    import torch

    from suture.training.model import load_model, load_tokenizer

    model, tokenizer = load_model(model_dir, torch.float32).eval(), load_tokenizer(model_dir)
    answers = []
    for prompt in prompts:
        ids = tokenizer(prompt)["input_ids"]
        with torch.no_grad():
            logits = model(torch.tensor([ids]), logits_to_keep=1, use_cache=False).logits[0, -1]  # (V,)
        best = torch.log_softmax(logits.float(), dim=-1).topk(min(top, logits.shape[-1]))
        answers.append(NextToken(tuple(ids), dict(zip(best.indices.tolist(), best.values.tolist(), strict=True))))
    return answers
