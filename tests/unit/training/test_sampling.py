"""Tokens are drawn as often as the sampling says, and each row by itself."""

import pytest

torch = pytest.importorskip("torch")

from suture.core.measure.attempt import Sampling  # noqa: E402
from suture.training.sampling import choose, sample_tokens  # noqa: E402

LOGITS = torch.log(torch.tensor([0.05, 0.5, 0.15, 0.3]))


def shares(sampling: Sampling, draws: int = 4000) -> list[float]:
    """How often each token is drawn where the lots are spread evenly."""
    lots = (torch.arange(draws)[:, None] + 0.5) / draws
    drawn = choose(LOGITS.expand(draws, -1), sampling, lots)
    return [round((drawn == token).double().mean().item(), 2) for token in range(4)]


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(temperature=1.0), [0.05, 0.5, 0.15, 0.3]),
        (Sampling(temperature=1.0, top_p=0.8), [0.0, 0.62, 0.0, 0.38]),
        (Sampling(temperature=1.0, top_p=0.4), [0.0, 1.0, 0.0, 0.0]),
        (Sampling(temperature=0.5), [0.01, 0.68, 0.06, 0.25]),
        (Sampling(temperature=0.0), [0.0, 1.0, 0.0, 0.0]),
    ],
)
def test_tokens_are_drawn_as_often_as_they_are_likely(sampling, expected):
    assert shares(sampling) == pytest.approx(expected, abs=0.011)


@pytest.mark.parametrize("top_p", [0.4, 0.8, 1.0])
def test_the_highest_lot_stays_in_the_nucleus(top_p):
    highest = torch.nextafter(torch.ones(1, 1), torch.zeros(1, 1))
    drawn = choose(LOGITS[None], Sampling(temperature=1.0, top_p=top_p), highest).item()
    assert shares(Sampling(temperature=1.0, top_p=top_p))[int(drawn)] > 0


def test_a_rows_lots_are_its_own():
    warm = Sampling(temperature=1.0, seed=3)
    together, alone = sample_tokens(warm, [0, 1, 2], 8), sample_tokens(warm, [2], 8)
    assert torch.equal(together[2:], alone)
    assert len(together.unique()) == together.numel()
    assert sample_tokens(Sampling(temperature=0.0), [0, 1], 8).shape == (2, 0)
