"""One pack behind the door: chats are rendered as benches render them, and answers are given as they were asked for."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from suture.core.digest import digest_of, digest_of_text
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.prompts import Prompt, prompt_of_chat
from suture.core.measure.served_answer import ServedAnswer, TierTried
from suture.core.measure.speech import Load, Speech
from suture.core.measure.task import AnswerForm
from suture.core.plan.speaker import Speaker
from suture.serve.api_error import ApiError
from suture.serve.promises import calls_schema, shaped
from suture.serve.responder import Begun, Ended, Event, Inquiry, ServedModel

ALONE = "pack"
"""The name of the one tier of a pack that is served alone."""


class PackResponder:
    """Attributes:
    form: how a chat's answer is opened, closed and stopped: as it was measured, or not at all.
    """

    def __init__(
        self, speaker: Speaker, template: ChatTemplate, served: ServedModel, *, form: AnswerForm | None = None
    ) -> None:
        self._speaker, self._template, self._served = speaker, template, served
        self._form = form or AnswerForm()

    def models(self) -> tuple[ServedModel, ...]:
        return (self._served,)

    def load(self) -> Load:
        return self._speaker.load()

    async def respond(self, asked: Inquiry) -> AsyncGenerator[Event]:
        """See the port."""
        if asked.model != self._served.name:
            raise no_such_model(asked.model)
        prompt, form = self._prompt(asked)
        speech = speech_of(asked, prompt, form)
        how, began = self._how(speech, form), time.monotonic()
        engine = self._speaker.identity
        fingerprint = f"{self._served.pack[:12]}-{engine.name}-{engine.version}"
        yield Begun(self._served.name, self._served.pack, fingerprint, how)
        async with aclosing(self._speaker.speak(speech)) as said, aclosing(shaped(said, asked, form)) as events:
            async for event in events:
                if isinstance(event, Ended):
                    yield replace(event, how=_ended(how, event, time.monotonic() - began))
                else:
                    yield event

    def _prompt(self, asked: Inquiry) -> tuple[str | tuple[int, ...], AnswerForm]:
        """The prompt, and the form that the answer then has."""
        if asked.messages is None:
            return asked.prompt or "", AnswerForm()
        form = AnswerForm() if asked.schema_text is not None or asked.tools else self._form
        return Prompt(*prompt_of_chat(asked.messages, asked.tools, form, self._template))

    def _how(self, speech: Speech, form: AnswerForm) -> ServedAnswer:
        event = self._served.about.get("event")
        tier = TierTried(
            tier=ALONE,
            pack=self._served.pack,
            engine=self._speaker.identity,
            prompt_digest=prompt_digest(speech.prompt),
            form=form,
            sampling=speech.sampling,
            stop=speech.stop,
            max_tokens=speech.max_tokens,
        )
        return ServedAnswer(policy=self._served.pack, event=event if isinstance(event, int) else None, tiers=(tier,))


def speech_of(asked: Inquiry, prompt: str | tuple[int, ...], form: AnswerForm) -> Speech:
    """What is asked of an engine for a client's question, once its prompt is rendered."""
    return Speech(
        prompt=prompt,
        stop=(*form.stop, *asked.stop),
        max_tokens=asked.max_tokens or form.max_tokens,
        sampling=asked.sampling,
        frequency_penalty=asked.frequency_penalty,
        presence_penalty=asked.presence_penalty,
        logit_bias=asked.logit_bias,
        alternatives=asked.alternatives,
        schema_text=calls_schema(asked) if asked.callable else asked.schema_text,
    )


def prompt_digest(prompt: str | tuple[int, ...]) -> str:
    return digest_of_text(prompt) if isinstance(prompt, str) else digest_of(list(prompt))


def no_such_model(name: str) -> ApiError:
    return ApiError(404, f"The model {name!r} is not served here.", param="model", code="model_not_found")


def _ended(how: ServedAnswer, ended: Ended, seconds: float) -> ServedAnswer:
    spent = {"prompt_tokens": ended.prompt_tokens, "tokens": ended.tokens, "seconds": seconds}
    return how.model_copy(update={"tiers": (how.tiers[0].model_copy(update=spent),)})
