"""Several rows as one sequence, without padding: a pack.

A row sees no token of another: positions begin again with each row, and no attention mask is given. transformers tells
the rows of such a sequence apart by their positions, and only where there is no mask; a mask of ones would let every
row see those before it, silently.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from suture.training.examples import Example


@dataclass(frozen=True, slots=True)
class PackedRow:
    """Where a row's answer lies among the answer tokens of its pack. ``key`` names the row."""

    key: int
    anchor: bool
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Pack:
    """T tokens of R rows, A of them answers.

    Attributes:
        ids: token ids (T,).
        positions: of each token within its row (T,).
        bounds: where each row begins, and T at the end (R + 1,), int32.
        places: of the tokens after which each answer token is predicted (A,).
        labels: the answer tokens (A,).
        taught: which of them are in the cross-entropy (A,).
        anchor: which of them belong to an anchor row (A,).
        rows: in the order they lie.
        longest: tokens of the longest row.
        prefix: so many tokens at the start belong to all rows; ``bounds`` begins after them.
    """

    ids: Tensor
    positions: Tensor
    bounds: Tensor
    places: Tensor
    labels: Tensor
    taught: Tensor
    anchor: Tensor
    rows: tuple[PackedRow, ...]
    longest: int
    prefix: int = 0

    @property
    def tokens(self) -> int:
        """Of the rows, each with what it shares."""
        return self.ids.numel() + self.prefix * (len(self.rows) - 1)

    def to(self, device: torch.device | str) -> "Pack":
        return Pack(
            *(part.to(device) for part in (self.ids, self.positions, self.bounds, self.places, self.labels)),
            *(part.to(device) for part in (self.taught, self.anchor)),
            rows=self.rows,
            longest=self.longest,
            prefix=self.prefix,
        )


def pack(examples: Sequence[Example], device: torch.device | str = "cpu", *, prefix: int = 0) -> Pack:
    """One pack of ``examples``, in their order; all of them begin with the same ``prefix`` tokens."""
    lengths = [len(example.ids) for example in examples]
    bounds = [prefix]
    for length in lengths:
        bounds.append(bounds[-1] + length - prefix)
    rows: list[PackedRow] = []
    places: list[int] = []
    taught: list[bool] = []
    for example, end in zip(examples, bounds[1:], strict=True):
        rows.append(PackedRow(example.key, example.anchor, len(places), len(places) + example.answer))
        places += range(end - example.answer - 1, end - 1)
        taught += example.taught or (True,) * example.answer
    own = [token for example in examples for token in example.ids[prefix:]]
    ids = torch.tensor([*examples[0].ids[:prefix], *own])
    at = torch.tensor(places, dtype=torch.long)
    return Pack(
        ids=ids,
        positions=torch.cat([torch.arange(prefix), *(torch.arange(prefix, length) for length in lengths)]),
        bounds=torch.tensor(bounds, dtype=torch.int32),
        places=at,
        labels=ids[at + 1],
        taught=torch.tensor(taught, dtype=torch.bool),
        anchor=torch.tensor([row.anchor for row in rows for _ in range(row.start, row.stop)], dtype=torch.bool),
        rows=tuple(rows),
        longest=max(lengths),
        prefix=prefix,
    ).to(device)


def seen(pack: Pack) -> Tensor:
    """Which tokens (T, T) each token of a pack sees: those before it in its row, and what all rows begin with."""
    places = torch.arange(pack.ids.numel(), dtype=pack.bounds.dtype, device=pack.ids.device)
    own = torch.bucketize(places, pack.bounds, right=True)  # 0 in the prefix, then the number of the row
    before = torch.ones(len(own), len(own), dtype=torch.bool, device=own.device).tril()
    return before & ((own[:, None] == own[None]) | (own == 0)[None])


def share_out(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Rows, by number, shared out over packs of at most ``most`` tokens; a longer row has a pack of its own.

    Best fit, longest row first (Johnson, 1973); rows keep their order within a pack, and packs that of their first
    rows. Pure, and the same every time.
    """
    packs: list[list[int]] = []
    room: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: (-lengths[row], row)):
        fits = [(left - lengths[row], at) for at, left in enumerate(room) if left >= lengths[row]]
        if fits:
            _, at = min(fits)
            packs[at].append(row)
            room[at] -= lengths[row]
        else:
            packs.append([row])
            room.append(most - lengths[row])
    return sorted((sorted(rows) for rows in packs), key=lambda rows: rows[0])


def share_evenly(lengths: Sequence[int], parts: int) -> list[list[int]]:
    """Rows, by number, shared out over so many parts, whose tokens are about equally many.

    The longest row first, each to the part that has the fewest (Graham, 1969); rows keep their order within a part.
    Pure, and the same every time.
    """
    shares: list[list[int]] = [[] for _ in range(parts)]
    loads = [0] * parts
    for row in sorted(range(len(lengths)), key=lambda row: (-lengths[row], row)):
        least = loads.index(min(loads))
        shares[least].append(row)
        loads[least] += lengths[row]
    return [sorted(share) for share in shares]


def share_out_alike(examples: Sequence[Example], most: int, alike: Callable[[Example], bool]) -> list[list[int]]:
    """Rows, by number, shared out over packs of at most ``most`` tokens, of rows for which ``alike`` says the same; 0
    keeps every row apart."""
    found: list[list[int]] = []
    for wanted in (True, False):
        rows = [row for row, example in enumerate(examples) if alike(example) is wanted]
        found += [[rows[one] for one in pack_] for pack_ in share_out([len(examples[row].ids) for row in rows], most)]
    return sorted(found)


def taught_tokens(examples: Iterable[Example]) -> int:
    return sum(sum(one.taught) if one.taught else one.answer for one in examples)
