"""A speaker that answers from a script, word by word: for tests of everything between a client and an engine."""

import asyncio
from collections.abc import AsyncGenerator, Callable, MutableSequence

from suture.core.errors import SutureError
from suture.core.measure.attempt import EngineIdentity, FinishReason
from suture.core.measure.speech import (
    Ending,
    Load,
    Piece,
    PromptTooLong,
    RefusedByEngine,
    Scored,
    Speech,
    Token,
)
from suture.engines.slot_queue import SlotQueue


class FakeSpeaker:
    """``answer(speech)`` gives the text; a word with the space behind it is a token.

    Attributes:
        pause: waited for before each piece; the first stands for reading the prompt.
        failing: raised after so many pieces, where it is set.
        heard: every speech that got a slot.
    """

    def __init__(
        self, answer: Callable[[Speech], str] = lambda _: "one two three", *, slots: int = 2, context: int = 4096
    ) -> None:
        self._answer = answer
        self.identity = EngineIdentity(name="fake", version="1", threads=1, batch=slots)
        self.slots, self.context = slots, context
        self._queue = SlotQueue(slots)
        self.pause: Callable[[], object] = lambda: asyncio.sleep(0)
        self.failing: tuple[int, SutureError] | None = None
        self.heard: MutableSequence[Speech] = []

    def load(self) -> Load:
        return self._queue.load()

    async def speak(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        await self._queue.take()
        self.heard.append(speech)
        try:
            async for part in self._parts(speech):
                yield part
        finally:
            self._queue.give_back()

    async def _parts(self, speech: Speech) -> AsyncGenerator[Piece | Ending]:
        length = len(speech.prompt.split()) if isinstance(speech.prompt, str) else len(speech.prompt)
        if length >= self.context:
            raise PromptTooLong(length, self.context)
        if not isinstance(speech.prompt, str) and any(token >= 1000 for token in speech.prompt):
            raise RefusedByEngine("Prompt contains invalid tokens")
        text = self._answer(speech)
        ends = [at for mark in speech.stop if (at := text.find(mark)) >= 0]
        text = text[: min(ends)] if ends else text
        words = text.split(" ")
        most = min(speech.max_tokens or self.context, self.context - length)
        for number, word in enumerate(words[:most]):
            await self.pause()
            if self.failing is not None and self.failing[0] == number:
                raise self.failing[1]
            said = word if number == len(words) - 1 else word + " "
            yield Piece(said, () if speech.alternatives is None else (_token(said, speech.alternatives),))
        finish = FinishReason.LENGTH if len(words) > most else FinishReason.STOP
        yield Ending(finish, length, min(len(words), most))

    def close(self) -> None:
        pass


def _token(text: str, alternatives: int) -> Token:
    others = [Scored(f"{text}{n}", -1.0 - n, tuple(f"{text}{n}".encode())) for n in range(alternatives)]
    return Token(Scored(text, -0.5, tuple(text.encode())), tuple(others))
