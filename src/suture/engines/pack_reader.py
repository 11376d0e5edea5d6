"""Reads a pack's logits from the serving engine: one side of a pack's proof.

llama.cpp's own server is asked, so that its tokenizer, its chat template and its kernels are the ones that are proved.
"""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from suture.core.errors import Fault
from suture.core.measure.task import Message
from suture.core.model.parity import ChatReading, PromptReading
from suture.engines.llamacpp_server import LlamaServer


class PackReader:
    """One pack in llama.cpp, asked one prompt at a time. One slot, no cache between prompts.

    Raises:
        MissingTool: xllamacpp is not installed.
        BadFile: it cannot load the pack.
    """

    def __init__(self, pack: Path, *, threads: int | None = None) -> None:
        self._server = LlamaServer(pack, threads=threads)
        self.name = f"llama.cpp (xllamacpp {version('xllamacpp')})"

    @property
    def eos(self) -> str:
        return self._server.ask("/props")["eos_token"]

    @property
    def bos_id(self) -> int | None:
        return next(iter(self.token_ids(self._server.ask("/props")["bos_token"], alone=True)), None)

    def read(self, prompt: str, *, tokens: int = 1, top: int = 20) -> PromptReading:
        """The greedy answer of up to ``tokens`` tokens, and the ``top`` likeliest tokens before each of them.

        Where a token is part of a character, llama.cpp shows no probabilities; the list ends before it.
        """
        asked = {"prompt": prompt, "n_predict": tokens, "temperature": 0.0, "n_probs": top, "return_tokens": True}
        reply = self._server.ask("/completion", {**asked, "cache_prompt": False})
        answer, shown = reply["tokens"], reply.get("completion_probabilities", [])
        if reply["stop_type"] == "eos" and len(shown) > len(answer):
            answer.append(shown[len(answer)]["id"])
        seen = next(
            (i for i, (token, entry) in enumerate(zip(answer, shown, strict=False)) if token != entry["id"]),
            min(len(answer), len(shown)),
        )
        return PromptReading(
            prompt_ids=self.token_ids(prompt),
            answer=tuple(answer),
            text=reply["content"],
            tokens=tuple(self._server.ask("/detokenize", {"tokens": [token]})["content"] for token in answer),
            logprobs=tuple({top["id"]: top["logprob"] for top in entry["top_logprobs"]} for entry in shown[:seen]),
        )

    def read_chat(self, messages: Sequence[Message], ours: str) -> ChatReading:
        """Return what llama.cpp renders by itself, and its token ids of Suture's rendering.

        The text is empty where its reading of the template refuses the conversation.
        """
        try:
            text = self._server.ask("/apply-template", {"messages": [message.model_dump() for message in messages]})
        except Fault:
            text = {"prompt": ""}
        return ChatReading(text=text["prompt"], ids=self.token_ids(ours))

    def close(self) -> None:
        self._server.close()

    def token_ids(self, text: str, *, alone: bool = False) -> tuple[int, ...]:
        """Cut a text as a prompt is cut, with BOS unless ``alone``."""
        asked = {"content": text, "add_special": not alone, "parse_special": True}
        return tuple(self._server.ask("/tokenize", asked)["tokens"])
