"""Fields of requests, by allow list: what is not here is refused, since engines obey more than clients should ask."""

import secrets
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from suture.core.json_types import is_object
from suture.core.measure.attempt import Sampling
from suture.serve.api_error import ApiError, invalid
from suture.serve.responder import Inquiry

MOST_CHOICES = 16
SEEDS = 2**32 - 1
"""llama.cpp's seeds; its last one means a seed by chance."""

F = TypeVar("F", bound="Wire")


class Wire(BaseModel):
    """A JSON object of a client's: no other fields, and no value of another type is made to fit."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


Stop = Annotated[str, Field(min_length=1, max_length=256)]
"""An empty one would stop before the first token."""


class StreamOptions(Wire):
    include_usage: bool = False
    include_obfuscation: bool = False
    """Without effect."""


class SamplingFields(Wire):
    """What chats and completions have in common. Temperature is 0 where none is asked: greedy, as it was measured."""

    model: str = Field(min_length=1, max_length=512)
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    n: int = Field(default=1, ge=1, le=MOST_CHOICES)
    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float = Field(default=0.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] = Field(default_factory=list)
    frequency_penalty: float = Field(default=0.0, ge=-2, le=2)
    presence_penalty: float = Field(default=0.0, ge=-2, le=2)
    logit_bias: dict[Annotated[str, Field(pattern=r"^\d{1,9}$")], Annotated[float, Field(ge=-100, le=100)]] = Field(
        default_factory=dict, max_length=1024
    )
    store: bool | None = None
    """False: no record is kept of it."""
    # Taken and without effect: clients send them unasked.
    user: str = ""
    metadata: dict[str, str] = Field(default_factory=dict)
    service_tier: str = ""
    safety_identifier: str = ""
    prompt_cache_key: str = ""

    @property
    def most_tokens(self) -> int | None:
        return self.max_tokens

    def asked(self, **more: Any) -> Inquiry:
        """With a seed drawn where none is given, so that the answer can be asked for again."""
        seed = secrets.randbelow(SEEDS) if self.seed is None else self.seed % SEEDS
        return Inquiry(
            model=self.model,
            stop=(self.stop,) if isinstance(self.stop, str) else tuple(self.stop),
            max_tokens=self.most_tokens,
            sampling=Sampling(temperature=self.temperature, top_p=self.top_p, seed=seed),
            frequency_penalty=self.frequency_penalty,
            presence_penalty=self.presence_penalty,
            logit_bias=tuple((int(token), bias) for token, bias in self.logit_bias.items()),
            **more,
        )


def choices(asked: Inquiry, n: int) -> list[Inquiry]:
    """The same question ``n`` times, with seeds one after the other."""
    seeds = [(asked.sampling.seed + number) % SEEDS for number in range(n)]
    return [asked.model_copy(update={"sampling": asked.sampling.model_copy(update={"seed": s})}) for s in seeds]


def read_fields(model: type[F], body: bytes) -> F:
    """Read a request's body; a field that is null is as if it were not there.

    Raises:
        ApiError: it is no JSON object, or a field is unknown, missing or wrong.
    """
    try:
        value: Any = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise invalid(f"The body is no JSON: {error}", None, code="invalid_json") from None
    if not is_object(value):
        raise invalid("The body is no JSON object.", None, code="invalid_json")
    try:
        return model.model_validate({key: inner for key, inner in value.items() if inner is not None})
    except ValidationError as error:
        raise _complaint(error) from None


def _complaint(error: ValidationError) -> ApiError:
    first = error.errors(include_url=False, include_input=False)[0]
    param = _param(first["loc"])
    if first["type"] == "extra_forbidden":
        return invalid(f"Unrecognized request argument: {param}", param, code="unknown_parameter")
    if first["type"] == "missing":
        return invalid(f"Missing required parameter: {param}", param, code="missing_required_parameter")
    return invalid(f"Invalid value for {param}: {first['msg'].removeprefix('Value error, ')}", param)


def _param(loc: Sequence[int | str]) -> str:
    """As OpenAI writes it, ``messages[0].role``; without the names of alternatives that pydantic puts in between."""
    written = ""
    for part in loc:
        if isinstance(part, int):
            written += f"[{part}]"
        elif part.replace("_", "").isalnum() and part.islower() and part not in ("str", "int", "list"):
            written += f".{part}" if written else part
    return written
