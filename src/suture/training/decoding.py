"""A model's passes over a batch: over its prompts, then over one token of each row that still speaks.

``Growing`` keeps what was read, and no more; rows that are done leave it. ``Fixed`` makes room for hundreds of tokens
at a time, so many steps have the same shapes, and a GPU starts all kernels of a step at once (a CUDA graph): up to
about 0.5B parameters it would otherwise wait for each of them. Attention then reads the whole room, the empty part
behind a mask, which rounds differently: two instruments, told apart by the engine's identity.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import DynamicCache, StaticCache
from transformers.cache_utils import StaticLayer

from suture.training.graphs import Graphs, Replay
from suture.training.load import parameters_of

MOST_PROMPT_TOKENS = 1 << 16
"""Of one pass over prompts, padding among them: what lies between layers is thrown away, but takes memory while it is
there (over 100 GB for 512 prompts of some 1,200 tokens)."""
MOST_FIXED = 600_000_000
"""Parameters of a model whose kernels are over sooner than they are started, one at a time."""
FIXED_NUMBERS = "CUDA graphs up to 0.6B parameters"
BLOCK, ALIGNED = 256, 128
"""Tokens: room is made for so many more at once, in multiples of the second."""
FEW = 8
"""Rows that take a GPU as long as one does."""
WORTH = 16
"""Steps that a graph of them pays for at least."""
Beside = Callable[[], AbstractContextManager[object]]


class Steps(Protocol):
    """B rows, of which some leave; V entries of the vocabulary."""

    def next(self, token: Tensor) -> Tensor:
        """Logits (B, V) after one more ``token`` (B, 1) of each row."""
        ...

    def keep(self, chosen: Tensor) -> None:
        """Only the rows at these places (B',) go on, in this order."""
        ...


def fixed_room_pays(model: Any, device: str) -> bool:
    """On a GPU, for a small model each of whose layers looks at everything that was read."""
    if device != "cuda" or parameters_of(model) > MOST_FIXED or model.config._attn_implementation != "sdpa":
        return False
    return all(type(layer) is StaticLayer for layer in StaticCache(config=model.config, max_cache_len=1).layers)


class Growing:
    def __init__(self, model: Any, beside: Beside, ids: Tensor, mask: Tensor, places: Tensor) -> None:
        """``ids``, ``mask`` and ``places`` (B, T): the prompts, padded on the left. They are read at once, so many rows
        a pass as memory allows. ``beside``: switches on what adapter every pass is made with."""
        self.model, self.beside, self.mask, self.places = model, beside, mask, places
        rows = max(1, MOST_PROMPT_TOKENS // ids.shape[1])
        parts = [slice(start, start + rows) for start in range(0, len(ids), rows)]
        caches = [DynamicCache() for _ in parts]
        logits = [
            self._read(ids[part], mask[part], places[part], cache) for part, cache in zip(parts, caches, strict=True)
        ]
        self.first = torch.cat(logits)
        """Logits (B, V) after the prompts."""
        self.cache = _together(caches)

    def next(self, token: Tensor) -> Tensor:
        self.places = self.places[:, -1:] + 1
        self.mask = torch.cat([self.mask, torch.ones_like(token)], dim=1)
        return self._read(token, self.mask, self.places, self.cache)

    def keep(self, chosen: Tensor) -> None:
        self.cache.batch_select_indices(chosen)
        self.mask, self.places = self.mask[chosen], self.places[chosen]

    @torch.inference_mode()
    def _read(self, ids: Tensor, mask: Tensor, places: Tensor, cache: DynamicCache) -> Tensor:
        """(B, V), after the last of ``ids`` (B, T); ``cache`` is made longer by them."""
        with self.beside():
            return self.model(
                input_ids=ids, attention_mask=mask, position_ids=places, cache=cache, logits_to_keep=1
            ).logits[:, -1]


def room_for(length: int, more: int) -> int:
    """Tokens of room where ``more`` may follow ``length``: of few sizes, because kernels are planned for each."""
    return -(-(length + min(more, BLOCK)) // ALIGNED) * ALIGNED


class Fixed:
    @torch.inference_mode()
    def __init__(self, read: Growing, tokens: int, graphs: Graphs) -> None:
        """Goes on after ``read``, whose cache it takes, for at most so many ``tokens`` more of each row."""
        self._model, self._beside, self._graphs = read.model, read.beside, graphs
        rows, self._length = read.mask.shape
        self._most = self._length + tokens
        self._room = room_for(self._length, tokens)
        self._cache = _with_room(read.cache, read.model, self._room)
        self._token = read.mask.new_zeros(rows, 1)
        self._places = read.places[:, -1:].clone()
        self._layers: list[Any] = self._cache.layers
        dtype = self._layers[0].keys.dtype
        nowhere = torch.full((rows, 1, 1, self._room), -torch.inf, dtype=dtype, device=read.mask.device)
        self._bias = nowhere  # (B, 1, 1, room): 0 where attention may look
        self._bias[:, 0, 0, : self._length].masked_fill_(read.mask.bool(), 0)
        self._speaking = torch.arange(rows, device=read.mask.device)
        self._replay: Replay | None = None

    @torch.inference_mode()
    def next(self, token: Tensor) -> Tensor:
        if self._length == self._room:
            self._move(room_for(self._length, self._most - self._length))
        self._token.index_copy_(0, self._speaking, token)
        self._places += 1
        self._bias[..., self._length] = 0
        logits = self._replay() if self._replay else self._first_time()
        self._length += 1
        return logits[self._speaking]

    @torch.inference_mode()
    def keep(self, chosen: Tensor) -> None:
        """A row that is done is computed further until half of them are, or room is made; then it is captured anew."""
        self._speaking = self._speaking[chosen]
        if len(self._token) > FEW and 2 * len(self._speaking) <= len(self._token):
            self._move(self._room)

    def _move(self, room: int) -> None:
        """The rows that still speak to other tensors, with this much room."""
        more, self._room, self._replay = room - self._room, room, None
        rows, self._speaking = self._speaking, torch.arange(len(self._speaking), device=self._token.device)
        for layer in self._layers:
            layer.keys = pad(layer.keys[rows], (0, 0, 0, more))
            layer.values = pad(layer.values[rows], (0, 0, 0, more))
            layer.max_cache_len = room
        self._token, self._places = self._token[rows], self._places[rows]
        self._bias = pad(self._bias[rows], (0, more), value=-torch.inf)

    def _step(self) -> Tensor:
        with self._beside():
            return self._model(
                input_ids=self._token,
                attention_mask=self._bias,
                position_ids=self._places,
                cache=self._cache,
                logits_to_keep=1,
            ).logits[:, -1]

    def _first_time(self) -> Tensor:
        """One step as it is, and a graph of it, if that says the same."""
        logits = self._step()
        replay = None
        if min(self._room, self._most) - self._length > WORTH:
            replay = self._graphs.capture(self._step, self._token.device)
        if replay is None:
            return logits
        self._cache.crop(-1)  # the same step again
        if torch.equal(replay(), logits):
            self._replay = replay
            return logits
        self._graphs.refuse("it says something else than the step")
        self._cache.crop(-1)
        return self._step()  # what the graph kept of this token is not kept


def _with_room(read: DynamicCache, model: Any, length: int) -> StaticCache:
    """What was read, (B, heads, T, width) a layer, at the beginning of so much room."""
    cache = StaticCache(config=model.config, max_cache_len=length)
    rooms: list[Any] = cache.layers
    layers: list[Any] = read.layers
    for room, layer in zip(rooms, layers, strict=True):
        room.update(layer.keys, layer.values)
        layer.keys = layer.values = None  # both at once would be twice the memory
    return cache


def _together(caches: list[DynamicCache]) -> DynamicCache:
    """What is kept of the rows of all passes, in the first one's cache."""
    if len(caches) > 1:
        layers: list[Any] = caches[0].layers
        for at, layer in enumerate(layers):
            same: list[Any] = [cache.layers[at] for cache in caches]
            layer.keys = torch.cat([one.keys for one in same])
            layer.values = torch.cat([one.values for one in same])
    return caches[0]
