"""Keeps transformers' bars and advice off the terminal: progress and words are the command line's business."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from transformers.utils import logging as transformers_logging


@contextmanager
def quiet() -> Iterator[None]:
    """Errors still come through; what was set before is set again after."""
    level = transformers_logging.get_verbosity()
    bars = transformers_logging.is_progress_bar_enabled()
    gguf = logging.getLogger("gguf")
    gguf_level = gguf.level
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    gguf.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        gguf.setLevel(gguf_level)
        transformers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()
