"""An engine that answers from a script: for tests of everything around a model. Deterministic, needs no file."""

from collections.abc import Callable, Iterator, Sequence

from suture.core.attempt import Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.engines.text import cut_at_stop


class ScriptedEngine:
    """``answer(prompt)`` gives the text; a word counts as a token, so budgets and stops can be tested."""

    def __init__(self, answer: Callable[[str], str], *, batch: int = 4) -> None:
        self._answer = answer
        self.identity = EngineIdentity(name="scripted", version="1", threads=1, batch=batch)
        self.asked: list[str] = []

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        for index, request in enumerate(requests):
            self.asked.append(request.prompt)
            text, _ = cut_at_stop(self._answer(request.prompt), sampling.stop)
            words = text.split(" ")
            ran_out = len(words) > sampling.max_tokens
            yield (
                index,
                Completion(
                    text=" ".join(words[: sampling.max_tokens]),
                    finish=FinishReason.LENGTH if ran_out else FinishReason.STOP,
                    prompt_tokens=len(request.prompt.split()),
                    tokens=min(len(words), sampling.max_tokens),
                ),
            )

    def close(self) -> None:
        pass
