"""One program: load it, then answer the referee's calls until it hangs up.

Whatever the program does to this process is its own affair. Nothing here is trusted by anybody:
the referee takes each reply for what it is, a value the program chose to give.
"""

import atexit
import builtins
import sys
import types
from collections.abc import Callable
from typing import Any, cast

from . import framing
from .decoding import Decoder
from .encoding import Encoder

REQUEST_CAP = 1 << 30
CONFINED = "confined"
_LINE = 300


class _Objects:
    """The program's own objects that the referee holds a number for."""

    def __init__(self, data: int) -> None:
        self.data = data
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}

    def handle(self, value: Any) -> dict[str, Any]:
        if type(value) is _Callback:
            return value.handle
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)
        kind: Any = cast("Any", type(value))
        if hasattr(kind, "__next__"):
            return {"h": number, "k": "iterator"}
        return {"h": number, "k": "callable" if callable(value) else "object"}

    def lookup(self, wire: dict[str, Any]) -> Any:
        return _Callback(self, wire) if wire.get("k") == "callback" else self._objects[wire["h"]]


class _Callback:
    """A function of the tests that was given to the program; it runs in the referee."""

    def __init__(self, objects: _Objects, handle: dict[str, Any]) -> None:
        self.handle = handle
        self._objects = objects

    def __call__(self, *arguments: Any) -> Any:
        wire = Encoder(self._objects.handle).sequence(arguments)
        framing.send(self._objects.data, ["back", self.handle["h"], wire])
        while True:
            message = framing.receive(self._objects.data, REQUEST_CAP)
            if message[0] == "value":
                return Decoder(self._objects.lookup).decode(message[1])
            if message[0] == "error":
                kind = getattr(builtins, message[1], Exception)
                raise kind(message[2])
            _reply(self._objects, message)  # the function calls the program in turn


def run(data: int, *, as_main: bool) -> None:
    """Load the program that comes first on ``data``, then serve. Returns when the referee hangs up.

    The first message says that this process is confined. No program has run yet, so none can forge it,
    and without it the referee knows that the fault is the judge's own.
    """
    framing.send(data, CONFINED)
    job = framing.receive(data, REQUEST_CAP)
    module = types.ModuleType("__main__" if as_main else "answer")
    module.__file__ = "/answer.py"
    sys.modules[module.__name__] = module
    objects = _Objects(data)
    try:
        try:
            _load(module, job["prelude"], job["program"])
        except SystemExit as error:
            if not as_main or error.code not in (None, 0):
                raise
        if as_main:
            _finish()
        found = {name: module.__dict__[name] for name in job["names"] if name in module.__dict__}
        _resolve_method(found, job.get("method"))
        encoder = Encoder(objects.handle)
        reply: list[Any] = ["ready", {name: _outline(encoder, objects, found[name]) for name in found}]
    except BaseException as error:
        reply = _describe(error)
    framing.send(data, reply)
    if not as_main:
        _serve(objects)


def _load(module: types.ModuleType, prelude: str, program: str) -> None:
    sources = ((prelude, "<prelude>"), (program, "<answer>")) if prelude else ((program, "<answer>"),)
    for source, name in sources:
        try:
            code = compile(source, name, "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
            raise _Unreadable(f"{type(error).__name__}: {error}") from None
        exec(code, module.__dict__)  # noqa: S102 - the very purpose of this process


class _Unreadable(Exception):
    """The program does not compile."""


def _resolve_method(found: dict[str, Any], method: str | None) -> None:
    """LeetCode's form: the entry point is a method of ``Solution`` where there is such a class."""
    if method is not None and "Solution" in found and hasattr(found["Solution"], method):
        found[method] = getattr(found["Solution"](), method)
    found.pop("Solution", None) if method is not None else None


def _outline(encoder: Encoder, objects: _Objects, value: Any) -> Any:
    return objects.handle(value) if callable(value) else encoder.encode(value)


def _finish() -> None:
    """What the interpreter does when a script ends: wait for its threads, run what it registered."""
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
    sys.stdout.flush()


def _serve(objects: _Objects) -> None:
    while True:
        _reply(objects, framing.receive(objects.data, REQUEST_CAP))


def _reply(objects: _Objects, request: list[Any]) -> None:
    try:
        reply = _OPERATIONS[request[0]](objects, *request[1:])
    except BaseException as error:
        reply = _describe(error)
    try:
        framing.send(objects.data, reply)
    except (RecursionError, MemoryError, ValueError, TypeError) as error:
        framing.send(objects.data, _describe(error))


def _call(objects: _Objects, target: Any, arguments: Any, keywords: Any) -> list[Any]:
    decoder = Decoder(objects.lookup)
    function = decoder.decode(target)
    positional = decoder.items(arguments)
    named = dict(decoder.pairs(keywords))
    before = _contents(Encoder(objects.handle, decoder.met), len(decoder.met))
    result = function(*positional, **named)
    encoder = Encoder(objects.handle, decoder.met)
    wire = encoder.encode(result)
    after = _contents(encoder, len(decoder.met))
    changed = [[number, after[number]] for number in range(len(before)) if not _same(before[number], after[number])]
    return ["ok", wire, changed]


def _contents(encoder: Encoder, count: int) -> list[Any]:
    return [encoder.content(encoder.met[number]) for number in range(count)]


def _same(one: Any, other: Any) -> bool:
    """By text, since 1, 1.0 and True are equal and not the same."""
    return framing.dumps(one) == framing.dumps(other)


def _next(objects: _Objects, target: Any) -> list[Any]:
    iterator = objects.lookup(target)
    try:
        item = next(iterator)
    except StopIteration:
        return ["stop"]
    return ["ok", Encoder(objects.handle).encode(item), []]


def _get(objects: _Objects, target: Any, name: str) -> list[Any]:
    return ["ok", Encoder(objects.handle).encode(getattr(objects.lookup(target), name)), []]


def _set(objects: _Objects, target: Any, name: str, value: Any) -> list[Any]:
    setattr(objects.lookup(target), name, Decoder(objects.lookup).decode(value))
    return ["ok", None, []]


_OPERATIONS: dict[str, Callable[..., list[Any]]] = {"call": _call, "next": _next, "get": _get, "set": _set}


def _describe(error: BaseException) -> list[Any]:
    kind: Any = type(error)
    try:
        text = str(error)[:_LINE]
    except BaseException:
        text = ""
    if kind is _Unreadable:
        return ["syntax", text]
    return ["raise", [base.__name__ for base in kind.__mro__], text]
