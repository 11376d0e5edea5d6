"""Errors as clients of OpenAI's interface read them: one shape, always with its four fields."""

from collections.abc import Mapping
from typing import Any

from suture.core.errors import SutureError, UsageError
from suture.core.measure.speech import PromptTooLong, RefusedByEngine, UpstreamFailed

DO_NOT_RETRY = {"x-should-retry": "false"}
"""OpenAI's clients repeat every 5xx twice; what a model did wrong it would do wrong again."""


class ApiError(Exception):
    """Attributes:
    kind: OpenAI's ``type``.
    param: the field of the request that is wrong.
    code: for programs.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.kind, self.param, self.code = status, message, kind, param, code
        self.headers = dict(headers or {})

    def to_json(self) -> dict[str, Any]:
        fields = {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": fields}


def invalid(message: str, param: str | None, *, code: str = "invalid_value") -> ApiError:
    return ApiError(400, message, param=param, code=code)


def unsupported(message: str, param: str) -> ApiError:
    return invalid(message, param, code="unsupported_parameter")


def overloaded(message: str, *, code: str = "overloaded") -> ApiError:
    return ApiError(503, message, kind="server_error", code=code, headers={"retry-after": "1"})


def broken_promise(message: str, *, param: str, code: str) -> ApiError:
    """The model's answer is not what the request could count on."""
    return ApiError(500, message, kind="server_error", param=param, code=code, headers=DO_NOT_RETRY)


def api_error_of(error: SutureError) -> ApiError:
    """What went wrong behind the door, in the terms of its clients."""
    if isinstance(error, PromptTooLong):
        message = f"This model's maximum context length is {error.context} tokens; your prompt is {error.tokens}."
        return ApiError(400, message, param="messages", code="context_length_exceeded")
    if isinstance(error, RefusedByEngine):
        return ApiError(400, f"The engine refuses it: {error}", code="refused_by_engine")
    if isinstance(error, UsageError):
        return ApiError(400, str(error), code="invalid_value")
    if isinstance(error, UpstreamFailed):
        return ApiError(502, str(error), kind="server_error", code="upstream_failed")
    return ApiError(500, str(error), kind="server_error", code="engine_failed")


def no_such_model(name: str) -> ApiError:
    return ApiError(404, f"The model {name!r} is not served here.", param="model", code="model_not_found")
