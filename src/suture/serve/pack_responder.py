"""One pack behind the door: chats are rendered as benches render them, and answers are given as they were asked for."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace

from suture.core.measure.chat import ChatTemplate
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.speech import Load
from suture.core.measure.task import AnswerForm
from suture.core.plan.policy_settings import PACK
from suture.core.plan.speaker import Speaker
from suture.serve.api_error import no_such_model
from suture.serve.promises import shaped
from suture.serve.responder import Begun, Ended, Event, Inquiry, ServedModel
from suture.serve.voice import Voice


class PackResponder:
    """Attributes:
    form: how a chat's answer is opened, closed and stopped: as it was measured, or not at all.
    """

    def __init__(
        self, speaker: Speaker, template: ChatTemplate, served: ServedModel, *, form: AnswerForm | None = None
    ) -> None:
        self._voice, self._served = Voice(served.name, served.pack, speaker, template), served
        self._form = form or AnswerForm()

    def models(self) -> tuple[ServedModel, ...]:
        return (self._served,)

    def load(self) -> Load:
        return self._voice.speaker.load()

    def troubles(self) -> Mapping[str, str]:
        """None: it was loaded, or there would be no door."""
        return {}

    def shadow_counts(self) -> Mapping[tuple[str, str], int]:
        """None: nothing answers beside it."""
        return {}

    async def respond(self, asked: Inquiry) -> AsyncGenerator[Event]:
        """See the port."""
        if asked.model != self._served.name:
            raise no_such_model(asked.model)
        question, began = self._voice.question(asked, self._form, tier=PACK), time.monotonic()
        since = self._served.about.get("event")
        how = ServedAnswer(
            policy=self._served.pack, event=since if isinstance(since, int) else None, tiers=(question.tried,)
        )
        yield Begun(self._served.name, self._served.pack, self._voice.fingerprint, how)
        async with aclosing(question.answer()) as said, aclosing(shaped(said, asked, question.form)) as events:
            async for event in events:
                if isinstance(event, Ended):
                    yield replace(event, how=_ended(how, event, time.monotonic() - began))
                else:
                    yield event


def _ended(how: ServedAnswer, ended: Ended, seconds: float) -> ServedAnswer:
    spent = {"prompt_tokens": ended.prompt_tokens, "tokens": ended.tokens, "seconds": seconds}
    return how.model_copy(update={"tiers": (how.tiers[0].model_copy(update=spent),)})
