"""A request to ``/v1/chat/completions``."""

from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from suture.core.measure.task import Message
from suture.core.measure.tools import Tool, ToolCall
from suture.serve.api_error import invalid, unsupported
from suture.serve.fields import SamplingFields, Wire
from suture.serve.responder import Inquiry
from suture.serve.schema_fields import checked_schema, read_tools, require_holdable, said_by

ANY_OBJECT = '{"type": "object"}'


class TextPart(Wire):
    type: Literal["text"]
    text: str


class FunctionCall(Wire):
    name: str
    arguments: str


class CallMade(Wire):
    id: str
    type: Literal["function"] = "function"
    function: FunctionCall


class ChatMessage(Wire):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None
    name: str | None = None
    tool_calls: list[CallMade] | None = None
    tool_call_id: str | None = None
    refusal: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "ChatMessage":
        if self.content is None and not self.tool_calls:
            raise ValueError("a message without content")
        if self.tool_calls and self.role != "assistant":
            raise ValueError("only an assistant calls tools")
        return self

    @property
    def text(self) -> str:
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "".join(part.text for part in self.content)


class NamedFunction(Wire):
    name: str


class FunctionChoice(Wire):
    type: Literal["function"]
    function: NamedFunction


class NamedSchema(Wire):
    name: str = ""
    description: str | None = None
    strict: bool | None = None
    schema_: Any = Field(alias="schema")


class ResponseFormat(Wire):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: NamedSchema | None = None


class ChatFields(SamplingFields):
    messages: list[ChatMessage] = Field(min_length=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    logprobs: bool = False
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    response_format: ResponseFormat = ResponseFormat(type="text")
    tools: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]], max_length=128)
    tool_choice: Literal["none", "auto", "required"] | FunctionChoice = "auto"
    # Taken and without effect.
    modalities: list[Literal["text"]] = Field(default_factory=list[Literal["text"]])
    parallel_tool_calls: bool = True
    reasoning_effort: str = ""
    verbosity: str = ""

    @field_validator("tools")
    @classmethod
    def _are_functions(cls, tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for tool in tools:
            if tool.get("type") != "function":
                raise ValueError("only tools of type 'function'")
        return tools

    @property
    def most_tokens(self) -> int | None:
        return self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens

    def to_asked(self) -> Inquiry:
        """Raises ApiError: fields that are wrong together, a broken schema, a tool that nobody could call."""
        if self.top_logprobs is not None and not self.logprobs:
            raise invalid("top_logprobs needs logprobs: true", "top_logprobs")
        if self.max_tokens is not None and self.max_completion_tokens not in (None, self.max_tokens):
            raise invalid("max_tokens and max_completion_tokens differ", "max_tokens")
        tools = () if self.tool_choice == "none" else read_tools(self.tools)
        schema_text = self._schema_text()
        if tools and schema_text is not None:
            raise unsupported("response_format and tools cannot be asked for together", "response_format")
        return self.asked(
            messages=_messages(self.messages),
            tools=tools,
            callable=self._callable(tools),
            schema_text=schema_text,
            alternatives=(self.top_logprobs or 0) if self.logprobs else None,
        )

    def _schema_text(self) -> str | None:
        if self.response_format.type == "text":
            return None
        if self.response_format.type == "json_object":
            return ANY_OBJECT
        if self.response_format.json_schema is None:
            raise invalid("json_schema is missing", "response_format.json_schema", code="missing_required_parameter")
        where = "response_format.json_schema.schema"
        return checked_schema(self.response_format.json_schema.schema_, where)

    def _callable(self, tools: tuple[Tool, ...]) -> tuple[str, ...]:
        names = tuple(tool.name for tool in tools)
        if self.tool_choice == "required":
            callable_ = names
        elif isinstance(self.tool_choice, FunctionChoice):
            callable_ = (self.tool_choice.function.name,)
        else:
            return ()
        if not names or any(name not in names for name in callable_):
            raise invalid("it names a tool that is not among the tools", "tool_choice")
        for tool in tools:
            if tool.name in callable_:
                require_holdable(tool)
        return callable_


def _messages(written: list[ChatMessage]) -> tuple[Message, ...]:
    called: dict[str, str] = {}
    messages: list[Message] = []
    for number, said in enumerate(written):
        calls: list[ToolCall] = []
        for call in said.tool_calls or ():
            called[call.id] = call.function.name
            try:
                calls.append(ToolCall.model_validate(call.function.model_dump()))
            except ValidationError as error:
                raise invalid(said_by(error), f"messages[{number}].tool_calls") from None
        name = called.get(said.tool_call_id or "", said.name or "") if said.role == "tool" else ""
        role = "system" if said.role == "developer" else said.role
        messages.append(Message(role=role, content=said.text, tool_calls=tuple(calls), name=name))
    return tuple(messages)
