"""Series of samples: several answers to one prompt, each with a seed of its own."""

from suture.core.measure.attempt import Sampling

SEEDS_APART = 1000
"""Between two samples' seeds: an engine may add a prompt's place in its batch to the seed."""


def sampled(number: int, *, temperature: float, top_p: float = 1.0, seed: int = 0) -> Sampling:
    """The ``number``-th sampling of a series, which ``seed`` names."""
    return Sampling(temperature=temperature, top_p=top_p, seed=seed + SEEDS_APART * number)
