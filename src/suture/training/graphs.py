"""CUDA graphs: all kernels of a step are started at once, with what lies where it lay when they were captured.

See https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs.
"""

import logging
from collections.abc import Callable

import torch
from torch import Tensor

Replay = Callable[[], Tensor]
"""The captured step once more; the same tensor each time."""


class Graphs:
    """Of one engine. What was refused once is not tried again: a failed capture may keep its memory."""

    def __init__(self) -> None:
        self._refused = False
        self._stream: torch.cuda.Stream | None = None

    def capture(self, step: Callable[[], Tensor], device: torch.device) -> Replay | None:
        """``step``, which has run before, as a graph. None: there is no GPU, or it cannot be captured.

        Not with ``torch.cuda.graph``, which gives all cached memory back each time and, when a capture fails, leaves
        the thread on the stream of the capture.
        """
        if device.type != "cuda" or self._refused:
            return None
        self._stream = self._stream or torch.cuda.Stream(device)
        torch.cuda.synchronize(device)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.stream(self._stream):
                graph.capture_begin(capture_error_mode="thread_local")  # other threads may use the GPU meanwhile
                try:
                    out = step()
                finally:
                    graph.capture_end()
        except RuntimeError as error:
            self.refuse(" ".join(str(error).split())[:200])
            return None

        def replay() -> Tensor:
            graph.replay()
            return out

        return replay

    def refuse(self, why: str) -> None:
        logging.getLogger(__name__).warning("steps are not started as one CUDA graph here: %s", why)
        self._refused = True
