"""A request to ``/v1/completions``: prompts that are continued as they are, without a chat template."""

from typing import Annotated

from pydantic import Field

from suture.serve.api_error import invalid, unsupported
from suture.serve.fields import MOST_CHOICES, SamplingFields
from suture.serve.responder import Inquiry

TokenIds = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]


class CompletionFields(SamplingFields):
    prompt: str | Annotated[list[str], Field(min_length=1)] | TokenIds | Annotated[list[TokenIds], Field(min_length=1)]
    max_tokens: int | None = Field(default=16, ge=1)
    echo: bool = False
    logprobs: int | None = Field(default=None, ge=0, le=20)
    best_of: int | None = None
    suffix: str = ""

    def to_asked(self) -> tuple[Inquiry, ...]:
        """One for each prompt. Raises ApiError: what is not done here, or too many prompts."""
        if self.suffix:
            raise unsupported("suffix: a text is not filled in here", "suffix")
        if self.best_of not in (None, self.n):
            raise unsupported("best_of: every answer is given", "best_of")
        prompts = self.prompts
        if self.echo and self.logprobs is not None:
            raise unsupported("echo with logprobs: the log-probabilities of a prompt are not told", "echo")
        if self.echo and not all(isinstance(prompt, str) for prompt in prompts):
            raise unsupported("echo of token ids", "echo")
        if len(prompts) * self.n > MOST_CHOICES:
            raise invalid(f"more than {MOST_CHOICES} answers in one request", "prompt")
        return tuple(self.asked(prompt=prompt, alternatives=self.logprobs) for prompt in prompts)

    @property
    def prompts(self) -> list[str | tuple[int, ...]]:
        if isinstance(self.prompt, str):
            return [self.prompt]
        if isinstance(self.prompt[0], int):
            return [tuple(token for token in self.prompt if isinstance(token, int))]
        return [each if isinstance(each, str) else tuple(each) for each in self.prompt if not isinstance(each, int)]
