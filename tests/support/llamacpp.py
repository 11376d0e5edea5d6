"""The serving engine, asked directly."""

import json
from pathlib import Path
from typing import Any

from suture.engines.llamacpp_server import LlamaServer


class LlamaCpp:
    """One GGUF file in llama.cpp's own server, one thread."""

    def __init__(self, gguf: Path, *adapters: Path) -> None:
        self._server = LlamaServer(gguf, threads=1, context=512, adapters=adapters)

    def token_ids(self, text: str) -> tuple[int, ...]:
        asked = {"content": text, "add_special": True, "parse_special": True}
        return tuple(self._server.ask("/tokenize", asked)["tokens"])

    def next_token(self, text: str, top: int = 20, *, scale: float = 0.0) -> dict[int, float]:
        """Log-probabilities, with the first adapter at ``scale``.

        Empty where the likeliest token is part of a character, which llama.cpp does not show.
        """
        choice = self._complete(text, n_predict=1, n_probs=top, lora=[{"id": 0, "scale": scale}] if scale else [])
        if choice["logprobs"] is None:
            return {}
        return {entry["id"]: entry["logprob"] for entry in choice["logprobs"]["content"][0]["top_logprobs"]}

    def generate(self, text: str, tokens: int) -> str:
        return self._complete(text, n_predict=tokens)["text"]

    def _complete(self, text: str, **options: Any) -> Any:
        answer = self._server.complete({"prompt": text, "temperature": 0, "ignore_eos": True, **options})
        return (json.loads(answer) if isinstance(answer, str | bytes) else answer)["choices"][0]
