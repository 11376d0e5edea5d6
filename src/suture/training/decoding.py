"""A model's passes over a batch: over its prompts, then over one token of each row that still speaks.

``Growing`` keeps what was read, and no more; rows that are done leave it. ``Fixed`` has room for the longest answer
from the start, so every step has the same shapes, and a GPU starts all kernels of a step at once (a CUDA graph): up to
about 0.5B parameters it would otherwise wait for each of them. Attention then reads the whole room, the empty part
behind a mask, which rounds differently: two instruments, told apart by the engine's identity.
"""

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import DynamicCache, StaticCache
from transformers.cache_utils import StaticLayer

from suture.training.load import parameters_of

MOST_PROMPT_TOKENS = 1 << 16
"""Of one pass over prompts, padding among them: what lies between layers is thrown away, but takes memory while it is
there (over 100 GB for 512 prompts of some 1,200 tokens)."""
MOST_FIXED = 600_000_000
"""Parameters of a model whose kernels are over sooner than they are started, one at a time."""
FIXED_NUMBERS = "CUDA graphs up to 0.6B parameters"


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
    def __init__(self, model: Any, ids: Tensor, mask: Tensor, places: Tensor) -> None:
        """``ids``, ``mask`` and ``places`` (B, T): the prompts, padded on the left. They are read at once, so many rows
        a pass as memory allows."""
        self.model, self.mask, self.places = model, mask, places
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
        return self.model(
            input_ids=ids, attention_mask=mask, position_ids=places, cache=cache, logits_to_keep=1
        ).logits[:, -1]


class Fixed:
    @torch.inference_mode()
    def __init__(self, read: Growing, tokens: int) -> None:
        """Goes on after ``read`` with room for so many ``tokens`` more of each row."""
        self._model = read.model
        rows, self._length = read.mask.shape
        self._cache = _with_room(read.cache, read.model, self._length + tokens)
        self._token = read.mask.new_zeros(rows, 1)
        self._places = read.places[:, -1:].clone()
        self._seen = torch.nn.functional.pad(read.mask.bool(), (0, tokens))[:, None, None]  # (B, 1, 1, T + tokens)
        self._speaking = torch.arange(rows, device=read.mask.device)
        self._replay: Callable[[], Tensor] | None = None
        self._may_capture = True

    @torch.inference_mode()
    def next(self, token: Tensor) -> Tensor:
        self._token.index_copy_(0, self._speaking, token)
        self._places += 1
        self._seen[..., self._length] = True
        logits = self._replay() if self._replay else self._first_time()
        self._length += 1
        return logits[self._speaking]

    @torch.inference_mode()
    def keep(self, chosen: Tensor) -> None:
        """A row that is done is computed further until half of them are: other shapes are captured anew."""
        self._speaking = self._speaking[chosen]
        if 2 * len(self._speaking) > len(self._token):
            return
        stay, self._replay = self._speaking, None
        layers: list[Any] = self._cache.layers
        for layer in layers:
            layer.keys, layer.values = layer.keys[stay], layer.values[stay]
        self._token, self._places, self._seen = self._token[stay], self._places[stay], self._seen[stay]
        self._speaking = torch.arange(len(stay), device=stay.device)

    def _step(self) -> Tensor:
        return self._model(
            input_ids=self._token,
            attention_mask=self._seen,
            position_ids=self._places,
            cache=self._cache,
            logits_to_keep=1,
        ).logits[:, -1]

    def _first_time(self) -> Tensor:
        """One step as it is; what is captured has to say the same, or every step is taken as it is."""
        logits = self._step()
        replay = captured(self._step, self._token.device) if self._may_capture else None
        if replay is not None:
            layers: list[Any] = self._cache.layers
            for layer in layers:
                layer.cumulative_length.fill_(self._length)  # the same step again
            self._replay = replay if torch.equal(replay(), logits) else None
        self._may_capture = self._replay is not None
        return logits


def captured(step: Callable[[], Tensor], device: torch.device) -> Callable[[], Tensor] | None:
    """``step`` as one CUDA graph, which computes with what lies where it lay when it was captured, and gives the same
    tensor each time. None: this device has none, or the step cannot be captured.

    See https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs; ``step`` has run before.
    """
    if device.type != "cuda":
        return None
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            out = step()
    except RuntimeError:
        return None

    def replay() -> Tensor:
        graph.replay()
        return out

    return replay


def _with_room(read: DynamicCache, model: Any, length: int) -> StaticCache:
    """What was read, (B, heads, T, width) a layer, at the beginning of so much room."""
    cache = StaticCache(config=model.config, max_cache_len=length)
    rooms: list[Any] = cache.layers
    layers: list[Any] = read.layers
    for room, layer in zip(rooms, layers, strict=True):
        room.lazy_initialization(layer.keys, layer.values)
        width = layer.keys.shape[-2]
        room.keys[:, :, :width], room.values[:, :, :width] = layer.keys, layer.values
        room.cumulative_length.fill_(width)
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
