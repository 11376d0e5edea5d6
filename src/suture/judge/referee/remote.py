"""Speaks with the program's process in values: calls its functions, reads and sets attributes, answers its calls."""

import builtins
from types import FunctionType
from typing import Any, NoReturn

from suture.judge.confined.decoding import CodecError, Decoder
from suture.judge.confined.encoding import Encoder
from suture.judge.referee.conversation import Broken, Conversation
from suture.judge.referee.referee_report import FailedCheck
from suture.judge.referee.stand_ins import IteratorStandIn, NotPlainData, StandIn


class AnswerError(Exception):
    """The program raised something that is not one of Python's own exceptions."""


class UnsupportedTest(Exception):
    """The test passes something that cannot be sent, and no answer had a part in it."""


class Remote:
    """The program's side of one conversation, as values."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._callbacks: list[Any] = []
        self._heard_values = False

    def call(self, number: int, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        encoder = Encoder(self._handle)
        positional = encoder.sequence(arguments)
        named: list[Any] = []
        for name, value in keywords.items():
            named += [name, encoder.encode(value)]
        return self._answer(["call", {"h": number}, positional, named], encoder.met)

    def get(self, number: int, name: str) -> Any:
        return self._answer(["get", {"h": number}, name], [])

    def set(self, number: int, name: str, value: Any) -> None:
        encoder = Encoder(self._handle)
        self._answer(["set", {"h": number}, name, encoder.encode(value)], [])

    def next(self, number: int) -> Any:
        request = ["next", {"h": number}]
        reply = self._ask(request)
        # Only here may a program say that there is no more: anywhere else StopIteration would end a test's loop early.
        if reply == ["stop"]:
            raise StopIteration
        return self._value(reply, [])

    def load(self, job: dict[str, Any]) -> dict[str, Any]:
        """Give the program its source; the names it defines, among those asked for.

        Raises:
            Broken, AnswerError: it did not get to its end.
        """
        reply = self._ask(job)
        decoder = Decoder(self._stand_in)
        match reply:
            case ["ready", {**lent}]:
                return {str(name): self._decoded(decoder, wire) for name, wire in lent.items()}
            case _:
                return self._unusual(reply)

    def _answer(self, request: list[Any], known: list[Any]) -> Any:
        return self._value(self._ask(request), known)

    def _value(self, reply: Any, known: list[Any]) -> Any:
        match reply:
            case ["ok", wire, [*changes]]:
                pass
            case _:
                return self._unusual(reply)
        decoder = Decoder(self._stand_in, known)
        value = self._decoded(decoder, wire)
        try:
            for change in changes:
                decoder.refill(*change)
        except _UNDECODABLE as error:
            self._refuse(error)
        return value

    def _ask(self, request: Any) -> Any:
        """The reply, after any calls the program makes to functions that a test gave it."""
        reply = self._conversation.ask(request)
        while True:
            match reply:
                case ["back", number, arguments]:
                    reply = self._conversation.ask(self._run_callback(number, arguments))
                case _:
                    return reply

    def _run_callback(self, number: Any, arguments: Any) -> list[Any]:
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            self._refuse(CodecError())
        self._heard_values = True
        decoder = Decoder(self._stand_in)
        try:
            values = decoder.items(arguments)
        except _UNDECODABLE as error:
            self._refuse(error)
        try:
            return ["value", Encoder(self._handle).encode(self._callbacks[number](*values))]
        except (Broken, UnsupportedTest):
            raise
        except Exception as error:
            return ["error", type(error).__name__, str(error)[:200]]

    def _handle(self, value: Any) -> dict[str, Any]:
        """For what is not plain data: a stand-in goes back as what it stands for, a function can be called back."""
        if isinstance(value, StandIn):
            return {"h": object.__getattribute__(value, "_number")}
        if type(value) is FunctionType:
            for number, known in enumerate(self._callbacks):
                if known is value:
                    return {"h": number, "k": "callback"}
            self._callbacks.append(value)
            return {"h": len(self._callbacks) - 1, "k": "callback"}
        if self._heard_values:  # it may be made from one: no program must be able to have its own tests called broken
            raise NotPlainData(f"a {type(value).__name__} made from an answer cannot be sent")
        raise UnsupportedTest(f"a test sends a {type(value).__name__}, which cannot cross to a program")

    def _decoded(self, decoder: Decoder, wire: Any) -> Any:
        try:
            value = decoder.decode(wire)
        except _UNDECODABLE as error:
            self._refuse(error)
        self._heard_values = self._heard_values or not isinstance(value, StandIn)
        return value

    def _refuse(self, error: BaseException) -> NoReturn:
        memory = isinstance(error, MemoryError)
        self._conversation.give_up(
            FailedCheck("memory", "an answer too large to hold")
            if memory
            else FailedCheck("wrong", f"an answer that is not a value: {type(error).__name__}")
        )
        raise NotPlainData("an answer that is not a value") from None

    def _unusual(self, reply: Any) -> Any:
        match reply:
            case ["syntax", str(text)]:
                raise Unreadable(text)
            case ["raise", [*names], str(text)]:
                raise mirrored(names, text)
            case _:
                self._refuse(CodecError())

    def _stand_in(self, wire: dict[str, Any]) -> Any:
        number = wire.get("h")
        if type(number) is not int:
            raise CodecError("a handle without a number")
        if wire.get("k") == "callback" and 0 <= number < len(self._callbacks):
            return self._callbacks[number]
        kind = IteratorStandIn if wire.get("k") == "iterator" else StandIn
        return kind(self, number)


_UNDECODABLE = (
    ValueError,
    TypeError,
    RecursionError,
    MemoryError,
    KeyError,
    ArithmeticError,
    AttributeError,
    IndexError,
    StopIteration,
)


class Unreadable(Exception):
    pass


def mirrored(names: list[Any], text: str) -> Exception:
    """The trusted exception nearest to what the program raised, marked as the program's.

    Only ``Exception`` and its children: a program cannot raise ``SystemExit`` here.
    """
    for name in names:
        kind = getattr(builtins, name, None) if type(name) is str else None
        if isinstance(kind, type) and issubclass(kind, Exception) and kind not in _PLAIN_CONSTRUCTOR_LACKS:
            error = kind(text) if kind is not Exception else AnswerError(text)
            break
    else:
        error = AnswerError(text)
    error.from_answer = str(names[0])[:80] if names else "?"  # type: ignore[attr-defined]
    return error


_PLAIN_CONSTRUCTOR_LACKS = (
    UnicodeDecodeError,
    UnicodeEncodeError,
    UnicodeTranslateError,
    StopIteration,
    ExceptionGroup,
)
