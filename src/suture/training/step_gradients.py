"""The gradients of one optimiser step, from the packs that its rows are shared out over."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from suture.training.examples import Example
from suture.training.frozen_base import FrozenBase
from suture.training.objective import Objective
from suture.training.pack_losses import PackLosses, pack_gradients
from suture.training.packing import Pack, pack, share_out_alike, taught_tokens
from suture.training.shared_prefixes import Sharing, shared_out
from suture.training.trained_weights import add_gradients, trained_weights

_Result = TypeVar("_Result")
_FILLING = Example((0, 0), 1, anchor=False, key=0)
"""The shortest row that there is."""


class Passes(NamedTuple):
    """How often the model is computed in a step: as its base, and with its adapter, there and back."""

    base: int
    adapted: int


NO_PASSES = Passes(0, 0)


class StepGradients:
    """Computes each pack of a step on a thread of its own, as many at once as there are ``workers``.

    On a CPU every row is a pack (``most_tokens`` 0), or a few that share a long beginning, and there is a worker for
    each processor: threads that have nothing to do sleep, whereas OpenMP's wait for the slowest by spinning, which on a
    busy machine costs more than it brings. On a GPU packs are as large as memory lets them be, and follow each other.

    Gradients are added in the order of the packs, so they are the same for any number of workers.
    """

    def __init__(
        self,
        model: Any,
        base: FrozenBase,
        objective: Objective,
        *,
        workers: int = 1,
        most_tokens: int = 0,
        most_shared: int = 0,
    ) -> None:
        """``most_shared``: tokens of a pack whose rows share their beginning; 0: rows share nothing."""
        self._model, self._base, self._objective = model, base, objective
        self._most_tokens, self._most_shared = most_tokens, most_shared
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="pack")
        self._parameters = trained_weights(model)

    def add(
        self, examples: Sequence[Example], *, of: int | None = None, at_least: Passes = NO_PASSES
    ) -> list[PackLosses]:
        """Adds the step's gradients to those of the parameters; losses come pack by pack.

        Args:
            of: tokens that the whole step teaches, where these examples are only a part of it.
            at_least: what other processes compute, that need this one for every pass; what it does not need itself is
                computed and dropped.
        """
        taught = of or max(1, taught_tokens(examples))
        shared = self._shared_out(examples)
        rows = [[examples[row] for row in one.rows] for one in shared]
        packs = [pack(some, self._base.device, prefix=one.prefix) for some, one in zip(rows, shared, strict=True)]
        held = [self._is_held(some[0]) for some in rows]
        # The base is the model with its adapter switched off, for all threads at once: so the base goes first.
        with self._base.alone():
            hidden = list(self.each(self._said_by_base, held, rows, packs))
            for _ in range(at_least.base - self._passes(examples, shared).base):
                pass_along(self._base)
        found: list[PackLosses] = []
        for losses, gradients in self.each(self._gradients, packs, hidden, repeat(taught)):
            found.append(losses)
            add_gradients(self._parameters, gradients)
        for _ in range(at_least.adapted - len(packs)):
            self._gradients(pack([_FILLING], self._base.device), None, taught)
        return found

    def passes(self, examples: Sequence[Example]) -> Passes:
        """What ``add`` computes for these examples."""
        return self._passes(examples, self._shared_out(examples))

    def _passes(self, examples: Sequence[Example], shared: Sequence[Sharing]) -> Passes:
        held = [one for one in shared if self._is_held(examples[one.rows[0]])]
        return Passes(sum(len(one.rows) if one.prefix else 1 for one in held), len(shared))

    def _said_by_base(self, held: bool, rows: Sequence[Example], together: Pack) -> Tensor | None:
        """The base's last hidden states (A, H) of a pack. Those of rows that share a beginning are of each row alone:
        they are kept, and must be the same bits whatever a row lies beside."""
        if not held:
            return None
        if not together.prefix:
            return self._base.hidden(together)
        return torch.cat([self._base.hidden(pack([row], self._base.device)) for row in rows])

    def _shared_out(self, examples: Sequence[Example]) -> list[Sharing]:
        if self._most_shared:
            return shared_out(examples, self._is_held, self._most_shared)
        return [Sharing(rows=tuple(rows)) for rows in share_out_alike(examples, self._most_tokens, self._is_held)]

    def _is_held(self, row: Example) -> bool:
        return is_held(self._objective, row.anchor)

    def _gradients(self, pack: Pack, hidden: Tensor | None, taught: int) -> tuple[PackLosses, list[Tensor]]:
        return pack_gradients(
            self._model, self._base, self._objective, pack, hidden, taught=taught, parameters=self._parameters
        )

    def each(self, work: Callable[..., _Result], *arguments: Any) -> Iterator[_Result]:
        """``map``, several at once; one item needs no other thread."""
        if len(arguments[0]) == 1:
            return map(work, *arguments)
        return self._pool.map(work, *arguments)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def is_held(objective: Objective, anchor: bool) -> bool:
    """Tell whether a row is held to what the base says."""
    return bool(objective.kl_anchor if anchor else objective.kl_new)


def pass_along(base: FrozenBase) -> None:
    """Compute the model once, forward alone, for nothing: another process does, and needs the part that lies here."""
    base.hidden(pack([_FILLING], base.device))
