"""One pack behind the door: chats are rendered as benches render them, and answers are given as they were asked for."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from suture.core.measure.chat import ChatTemplate
from suture.core.measure.prompts import Prompt, prompt_of_chat
from suture.core.measure.speech import Load, Speech
from suture.core.measure.task import AnswerForm
from suture.core.plan.speaker import Speaker
from suture.serve.api_error import ApiError
from suture.serve.promises import calls_schema, shaped
from suture.serve.responder import Begun, Event, Inquiry, ServedModel


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
        engine = self._speaker.identity
        yield Begun(self._served.name, self._served.pack, f"{self._served.pack[:12]}-{engine.name}-{engine.version}")
        speech = Speech(
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
        async with aclosing(self._speaker.speak(speech)) as said, aclosing(shaped(said, asked, form)) as events:
            async for event in events:
                yield event

    def _prompt(self, asked: Inquiry) -> tuple[str | tuple[int, ...], AnswerForm]:
        """The prompt, and the form that the answer then has."""
        if asked.messages is None:
            return asked.prompt or "", AnswerForm()
        form = AnswerForm() if asked.schema_text is not None or asked.tools else self._form
        return Prompt(*prompt_of_chat(asked.messages, asked.tools, form, self._template))


def no_such_model(name: str) -> ApiError:
    return ApiError(404, f"The model {name!r} is not served here.", param="model", code="model_not_found")
