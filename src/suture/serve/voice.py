"""One model that can be asked: what computes it, how its prompts are rendered, and under which name it answers."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from suture.core.digest import digest_of, digest_of_text
from suture.core.measure.attempt import AdapterUse, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.prompts import Prompt, prompt_of_chat
from suture.core.measure.served_answer import TierTried
from suture.core.measure.speech import Ending, Piece, Speech
from suture.core.measure.task import AnswerForm
from suture.core.plan.speaker import Speaker
from suture.serve.promises import calls_schema
from suture.serve.responder import Inquiry


@dataclass(frozen=True)
class Voice:
    """Attributes:
    name: who answers, for clients.
    pack: SHA-256 of the file; "" where it is a server elsewhere.
    """

    name: str
    pack: str
    speaker: Speaker
    template: ChatTemplate

    @property
    def fingerprint(self) -> str:
        """Return what computes an answer, for clients."""
        engine = self.speaker.identity
        return f"{self.pack[:12] or engine.model}-{engine.name}-{engine.version}"

    def question(
        self,
        asked: Inquiry,
        form: AnswerForm,
        *,
        tier: str,
        sampling: Sampling | None = None,
        adapter: AdapterUse | None = None,
    ) -> "Question":
        """A client's question as this model is asked it: rendered as benches render it.

        Args:
            form: how a chat's answer is opened, closed and stopped; not with a schema or tools, which have their own.
            sampling: in place of what the client asks for.

        Raises:
            UsageError: a chat that the model's template refuses.
        """
        prompt, expected = rendered(asked, form, self.template)
        speech = speech_of(asked, prompt, expected, sampling=sampling, adapter=adapter)
        tried = TierTried(
            tier=tier,
            pack=self.pack,
            adapter=adapter,
            engine=self.speaker.identity,
            prompt_digest=prompt_digest(prompt),
            form=expected,
            sampling=speech.sampling,
            stop=speech.stop,
            max_tokens=speech.max_tokens,
        )
        return Question(self, speech, expected, tried)


@dataclass(frozen=True)
class Question:
    """Attributes:
    form: that the answer then has.
    tried: what is told of it afterwards, as far as it is known before.
    """

    voice: Voice
    speech: Speech
    form: AnswerForm
    tried: TierTried

    async def answer(self) -> AsyncGenerator[Piece | Ending]:
        """As of ``Speaker.speak``."""
        async with aclosing(self.voice.speaker.speak(self.speech)) as said:
            async for part in said:
                yield part


def rendered(asked: Inquiry, form: AnswerForm, template: ChatTemplate) -> tuple[str | tuple[int, ...], AnswerForm]:
    """The prompt that a model is given, and the form that its answer then has.

    Raises:
        UsageError: a chat that the template refuses.
    """
    if asked.messages is None:
        return asked.prompt or "", AnswerForm()
    return Prompt(*prompt_of_chat(asked.messages, asked.tools, form_for(asked, form), template))


def speech_of(
    asked: Inquiry,
    prompt: str | tuple[int, ...],
    form: AnswerForm,
    *,
    sampling: Sampling | None = None,
    adapter: AdapterUse | None = None,
) -> Speech:
    """What is asked of an engine for a client's question, once its prompt is rendered."""
    return Speech(
        prompt=prompt,
        stop=(*form.stop, *asked.stop),
        max_tokens=asked.max_tokens or form.max_tokens,
        sampling=sampling or asked.sampling,
        frequency_penalty=asked.frequency_penalty,
        presence_penalty=asked.presence_penalty,
        logit_bias=asked.logit_bias,
        alternatives=asked.alternatives,
        schema_text=calls_schema(asked) if asked.callable else asked.schema_text,
        adapter=adapter,
    )


def prompt_digest(prompt: str | tuple[int, ...]) -> str:
    """Name a prompt in records: SHA-256 of its text, or of the JSON list of its token ids."""
    return digest_of_text(prompt) if isinstance(prompt, str) else digest_of(list(prompt))


def form_for(asked: Inquiry, form: AnswerForm) -> AnswerForm:
    """How an answer is to be opened, closed and stopped: a schema and tools have forms of their own."""
    return AnswerForm() if asked.schema_text is not None or asked.tools or asked.messages is None else form
