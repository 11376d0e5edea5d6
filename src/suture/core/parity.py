"""Compares what a pack says next with what the merged model says."""

from collections.abc import Mapping, Sequence

from suture.core.digest import digest_of_text
from suture.core.frozen import Frozen
from suture.core.pack import LogitProof


class NextToken(Frozen):
    """After one prompt (``prompt_tokens`` long): the likeliest next tokens by id, as natural log-probabilities."""

    prompt_tokens: int
    logprobs: dict[int, float]

    @property
    def likeliest(self) -> int:
        return max(self.logprobs, key=lambda token: self.logprobs[token])


def compare_next_tokens(
    prompts: Sequence[str], packed: Sequence[NextToken], merged: Sequence[NextToken]
) -> tuple[LogitProof, ...]:
    """One proof a prompt, over the tokens both sides report."""
    return tuple(
        LogitProof(
            prompt_digest=digest_of_text(prompt),
            same_tokens=here.prompt_tokens == there.prompt_tokens,
            same_top_token=here.likeliest == there.likeliest,
            max_difference=_largest_difference(here.logprobs, there.logprobs),
        )
        for prompt, here, there in zip(prompts, packed, merged, strict=True)
    )


def _largest_difference(here: Mapping[int, float], there: Mapping[int, float]) -> float:
    """Over the half of the smaller list that both are surest to report; a tail token may miss either list."""
    shared = sorted(here.keys() & there.keys(), key=lambda token: -there[token])[
        : max(1, min(len(here), len(there)) // 2)
    ]
    if not shared:
        return 1e9
    return max(abs(here[token] - there[token]) for token in shared)
