"""Counts looks at held-out tasks, and what each spends of alpha.

The chance of a wrong statement about one held-out set is ``alpha`` over all candidates ever shown to it. Look k spends
``alpha / (k (k + 1))`` of it, so that after k looks ``alpha / (k + 1)`` is left and the sum never exceeds ``alpha``
(alpha spending with a union bound: no independence between looks is needed).
"""

from collections.abc import Iterable, Sequence

from pydantic import Field

from suture.core.errors import StaleEvidence
from suture.core.frozen import Frozen


class HeldOutShowing(Frozen):
    """A candidate shown to a held-out set.

    Attributes:
        holdout: digest of the held-out tasks.
        candidate: what was shown: SHA-256 of a pack, or of another harness's file.
        evidence: names the measurement. The same one is the same look; another one is another look.
        model: the name it is to be registered under, or None.
        tasks: how many are held out.
        at: UTC, ISO 8601. For people; the order of trials is their sequence.
    """

    holdout: str
    candidate: str
    evidence: str
    model: str | None = None
    tasks: int = Field(ge=0)
    at: str


class Look(Frozen):
    """Attributes:
    number: of this look at this set, from 1.
    again: this candidate had been shown to it before.
    alpha: what this look may spend.
    left: what it leaves for all later ones.
    """

    holdout: str
    number: int = Field(ge=1)
    again: bool = False
    alpha: float
    left: float


def price(alpha: float, number: int) -> float:
    """Return the part of ``alpha`` that look ``number`` (from 1) spends."""
    return alpha / (number * (number + 1))


def first_look(holdout: str, alpha: float) -> Look:
    return next_look((), holdout, alpha)


def next_look(trials: Sequence[HeldOutShowing], holdout: str, alpha: float) -> Look:
    """The look that a candidate nobody has shown to ``holdout`` yet would be."""
    return _priced(holdout, len(_shown(trials, holdout)) + 1, alpha)


def look_at(trials: Sequence[HeldOutShowing], trial: HeldOutShowing, alpha: float) -> Look:
    """The look that ``trial`` is, among all ``trials`` in order, of which it is one.

    One measurement under two models is one look.
    """
    shown = _shown(trials, trial.holdout)
    position = shown.index((trial.candidate, trial.evidence))
    again = any(candidate == trial.candidate for candidate, _ in shown[:position])
    return _priced(trial.holdout, position + 1, alpha, again=again)


def _shown(trials: Sequence[HeldOutShowing], holdout: str) -> list[tuple[str, str]]:
    """Candidate and evidence of each look at one set, in order."""
    return list(dict.fromkeys((t.candidate, t.evidence) for t in trials if t.holdout == holdout))


def _priced(holdout: str, number: int, alpha: float, *, again: bool = False) -> Look:
    return Look(holdout=holdout, number=number, again=again, alpha=price(alpha, number), left=alpha / (number + 1))


def renamed(trials: Iterable[HeldOutShowing], holdout: str, *, earlier: str | None) -> tuple[HeldOutShowing, ...]:
    """Trials with ``earlier``, another digest of the same held-out tasks, written as ``holdout``."""
    return tuple(t.model_copy(update={"holdout": holdout}) if t.holdout == earlier else t for t in trials)


def already_recorded(trials: Sequence[HeldOutShowing], trial: HeldOutShowing) -> bool:
    """Tell whether ``trials`` say all that ``trial`` does: that it was shown, and what its model is held to."""
    named = (trial.holdout, trial.candidate, trial.evidence)
    held_to = next((t.holdout for t in reversed(trials) if t.model == trial.model), None)
    known = any((t.holdout, t.candidate, t.evidence) == named for t in trials)
    return known and (trial.model is None or held_to == trial.holdout)


def require_pinned(trials: Sequence[HeldOutShowing], model: str, holdout: str | None, *, fresh: bool) -> None:
    """Check that a model's held-out tasks are those its earlier candidates were shown to.

    Raises:
        StaleEvidence: they are not, and nobody said that they are meant to be others.
    """
    shown = [trial for trial in trials if trial.model == model]
    if shown and shown[-1].holdout != holdout and not fresh:
        now = f"another set ({holdout[:12]})" if holdout else "none"
        raise StaleEvidence(
            f"model {model!r} is pinned to {shown[-1].tasks} held-out tasks ({shown[-1].holdout[:12]}), and here it is "
            f"{now}: what earlier candidates were held to would no longer be checked",
            mend="keep the splits of the earlier repair, or say that others are meant: gate: {fresh_holdout: true} "
            "in a recipe, or suture gate --fresh-holdout",
        )
