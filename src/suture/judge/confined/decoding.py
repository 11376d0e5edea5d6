"""Values from tagged JSON; see ``encoding`` for the format. Imports of rare types wait until they are met."""

from array import array
from collections import deque
from collections.abc import Callable, Iterable
from struct import Struct
from typing import Any, cast

from . import standard_values
from .standard_values import CodecError, text

FromHandle = Callable[[dict[str, Any]], Any]
"""Called for a handle that was received: returns what stands for it here."""

_DOUBLE = Struct("<d")


class Decoder:
    """Builds the values of one exchange; ``met`` numbers mutable containers as the encoder did."""

    def __init__(self, from_handle: FromHandle, known: Iterable[Any] = ()) -> None:
        self._from_handle = from_handle
        self.met: list[Any] = list(known)

    def decode(self, wire: Any) -> Any:
        kind = cast("Any", type(wire))
        if kind is str or kind is int or wire is None or kind is float or kind is bool:
            return wire
        if kind is list:
            value: list[Any] = []
            self.met.append(value)
            value.extend([self.decode(item) for item in wire])
            return value
        if kind is not dict or len(wire) == 0:
            raise CodecError("not a value")
        if "h" in wire:
            return self._from_handle(wire)
        ((tag, body),) = wire.items() if len(wire) == 1 else (("", None),)
        reader = _READERS.get(tag)
        if reader is None:
            raise CodecError("unknown tag")
        return reader(self, body)

    def refill(self, number: Any, wire: Any) -> None:
        """Give the numbered container the content that was received for it."""
        target = self.reference(number)
        if type(target) is list:
            cast("list[Any]", target)[:] = self.items(wire)
            return
        if type(wire) is not dict or len(cast("dict[Any, Any]", wire)) != 1:
            raise CodecError("not the content of a container")
        ((tag, body),) = cast("dict[Any, Any]", wire).items()
        if (kind := _REFILLED.get(tag)) is None or type(target) is not kind:
            raise CodecError("content of another kind")
        if tag == "a":
            target[:] = bytes.fromhex(body)
            return
        if tag == "A":
            target[:] = _array(body)
            return
        target.clear()
        if tag == "d":
            target.update(self.pairs(body))
        elif tag == "s":
            target.update(self.items(body))
        else:
            target.extend(self.items(body[1]))

    def items(self, wire: Any) -> list[Any]:
        if type(wire) is not list:
            raise CodecError("not a sequence")
        return [self.decode(item) for item in cast("list[Any]", wire)]

    def pairs(self, wire: Any) -> list[tuple[Any, Any]]:
        flat = self.items(wire)
        if len(flat) % 2:
            raise CodecError("a key without a value")
        return list(zip(flat[::2], flat[1::2], strict=True))

    def reference(self, number: Any) -> Any:
        if type(number) is not int or not 0 <= number < len(self.met):
            raise CodecError("a reference to nothing")
        return self.met[number]

    def keep(self, value: Any) -> Any:
        self.met.append(value)
        return value


_REFILLED: dict[str, Any] = {"d": dict, "s": set, "q": deque, "a": bytearray, "A": array}


def _read_dict(decoder: Decoder, body: Any) -> dict[Any, Any]:
    value: dict[Any, Any] = decoder.keep({})
    value.update(decoder.pairs(body))
    return value


def _read_set(decoder: Decoder, body: Any) -> set[Any]:
    value: set[Any] = decoder.keep(set())
    value.update(decoder.items(body))
    return value


def _read_deque(decoder: Decoder, body: Any) -> "deque[Any]":
    maxlen, items = body
    value: deque[Any] = decoder.keep(deque(maxlen=maxlen))
    value.extend(decoder.items(items))
    return value


def _read_complex(_: Decoder, body: Any) -> complex:
    real, imaginary = body
    return complex(_number(real), _number(imaginary))


def _number(wire: Any) -> float:
    if type(wire) is dict:
        return _nan(cast("dict[Any, Any]", wire).get("n"))
    if type(wire) is not float:
        raise CodecError("not a float")
    return wire


def _nan(body: Any) -> float:
    data = bytes.fromhex(text(body))
    if len(data) != _DOUBLE.size:
        raise CodecError("not the bytes of a float")
    (value,) = _DOUBLE.unpack(data)
    return value


def _read_array(decoder: Decoder, body: Any) -> Any:
    return decoder.keep(_array(body))


def _array(body: Any) -> Any:
    typecode, content = body
    value: Any = cast("Any", array)(text(typecode))
    if typecode == "u":
        value.fromunicode(_from_hex(content))
    else:
        value.frombytes(bytes.fromhex(text(content)))
    return value


def _from_hex(wire: Any) -> str:
    """Text with surrogates, which JSON would join."""
    return bytes.fromhex(text(wire)).decode("utf-8", "surrogatepass")


_READERS: dict[str, Callable[[Decoder, Any], Any]] = {
    "t": lambda decoder, body: tuple(decoder.items(body)),
    "d": _read_dict,
    "s": _read_set,
    "q": _read_deque,
    "r": lambda decoder, body: decoder.reference(body),
    "f": lambda decoder, body: frozenset(decoder.items(body)),
    "i": lambda _, body: int(text(body), 16),
    "u": lambda _, body: _from_hex(body),
    "b": lambda _, body: bytes.fromhex(text(body)),
    "a": lambda decoder, body: decoder.keep(bytearray.fromhex(text(body))),
    "n": lambda decoder, body: decoder.keep(_nan(body)),
    "c": _read_complex,
    "g": lambda decoder, body: range(*decoder.items(body)),
    "vk": lambda decoder, body: dict.fromkeys(decoder.items(body)).keys(),
    "vv": lambda decoder, body: dict(enumerate(decoder.items(body))).values(),
    "vi": lambda decoder, body: dict(decoder.items(body)).items(),
    "A": _read_array,
    "y": lambda _, body: standard_values.read_named(body),
    "D": lambda _, body: standard_values.read_decimal(body),
    "F": lambda _, body: standard_values.read_fraction(body),
    "T": lambda _, body: standard_values.read_time(body),
}
