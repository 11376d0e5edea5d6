"""An engine that answers from a script: for tests of everything around a model. Deterministic, needs no file."""

from collections.abc import Callable, Iterator, Sequence

from suture.core.errors import Fault
from suture.core.measure.attempt import Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.engines.stop_strings import cut_at_stop


class ScriptedEngine:
    """``answer(prompt)`` gives the text; a word counts as a token, so budgets and stops can be tested.

    ``adapted(prompt, scale)`` gives it where a request asks for an adapter.
    """

    def __init__(
        self, answer: Callable[[str], str], *, batch: int = 4, adapted: Callable[[str, float], str] | None = None
    ) -> None:
        self._answer, self._adapted = answer, adapted
        self.identity = EngineIdentity(name="scripted", version="1", threads=1, batch=batch)
        self.asked: list[str] = []

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        for index, request in enumerate(requests):
            self.asked.append(request.prompt)
            text, _ = cut_at_stop(self._text_of(request), request.stop)
            words = text.split(" ")
            ran_out = len(words) > request.max_tokens
            yield (
                index,
                Completion(
                    text=" ".join(words[: request.max_tokens]),
                    finish=FinishReason.LENGTH if ran_out else FinishReason.STOP,
                    prompt_tokens=len(request.prompt.split()),
                    tokens=min(len(words), request.max_tokens),
                ),
            )

    def _text_of(self, request: Request) -> str:
        if request.adapter is None:
            return self._answer(request.prompt)
        if self._adapted is None:
            raise Fault("no adapter is loaded")
        return self._adapted(request.prompt, request.adapter.scale)

    def close(self) -> None:
        pass
