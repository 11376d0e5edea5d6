"""Plain values as tagged JSON: the only thing that crosses between a program and its referee.

A list is a JSON array; text, numbers within +-2**53, booleans and None are themselves; everything
else is an object with one key, its tag. JSON's one NaN has no sign, no payload and no identity, all of
which Python shows, so a NaN is its eight bytes. A value of a subclass decays to its base type, so no method
of a program's own class is ever consulted by the referee. What is not plain becomes a handle: a
number that only means something to the side that owns the object.

Mutable containers (lists, dicts, sets, bytearrays, deques, arrays) are numbered in the order they are
met, the same on both sides, so that a second mention is a reference (``{"r": n}``) and an argument that
was mutated can be named when its new content travels back. So is a NaN: it equals nothing, and is found
in a list by its identity.

Never pickle, never marshal: decoding builds builtins and a few standard value types, and runs
nothing else.
"""

from array import array
from collections import deque
from collections.abc import Callable, Iterable
from struct import Struct
from typing import Any, cast

from .builtin_names import NAMES
from .standard_values import encode_standard

MAX_PLAIN_INT = 2**53

Opaque = Callable[[Any], dict[str, Any]]
"""Called for what is not plain data: returns its handle, or raises ``TypeError``."""

_NOTHING: dict[Any, Any] = {}
_KEYS_VIEW: Any = type(_NOTHING.keys())
_VALUES_VIEW: Any = type(_NOTHING.values())
_ITEMS_VIEW: Any = type(_NOTHING.items())

# Whatever a subclass overrides, these are the base types' own.
_Items = Callable[[Any], Iterable[Any]]
_list_items: _Items = list[Any].__iter__
_tuple_items: _Items = tuple[Any, ...].__iter__
_set_items: _Items = set[Any].__iter__
_frozenset_items: _Items = frozenset[Any].__iter__
_deque_items: _Items = deque[Any].__iter__
_dict_items: _Items = dict[Any, Any].items


class Encoder:
    """Encodes values of one exchange; remembers the mutable containers it met."""

    def __init__(self, opaque: Opaque, known: Iterable[Any] = ()) -> None:
        self._opaque = opaque
        self.met: list[Any] = list(known)
        self._number = {id(item): number for number, item in enumerate(self.met)}

    def encode(self, value: Any) -> Any:  # noqa: PLR0911 - one line for each common type, the commonest first
        kind = cast("Any", type(value))
        if kind is str:
            return value if value.isascii() else _encode_text(value)
        if kind is int:
            return value if -MAX_PLAIN_INT <= value <= MAX_PLAIN_INT else {"i": hex(value)}
        if value is None or kind is bool:
            return value
        if kind is float:
            return value if value == value else self._encode_nan(value)  # noqa: PLR0124
        if kind is list:
            return self._reference(value) or [self.encode(item) for item in value]
        if kind is tuple:
            return {"t": [self.encode(item) for item in value]}
        if kind is dict:
            return self._reference(value) or self._encode_dict(value)
        writer = _WRITERS.get(kind)
        if writer is not None:
            return writer(self, value)
        return self._encode_rare(kind, value)

    def content(self, container: Any) -> Any:
        """Encode what is in a numbered container, without mentioning the container itself."""
        kind = cast("Any", type(container))
        if kind is list:
            return [self.encode(item) for item in container]
        if kind is dict:
            return self._encode_dict(container)
        return _CONTENTS[kind](self, container)

    def _reference(self, value: Any) -> dict[str, int] | None:
        number = self._number.get(id(value))
        if number is not None:
            return {"r": number}
        self._number[id(value)] = len(self.met)
        self.met.append(value)
        return None

    def _encode_dict(self, value: dict[Any, Any]) -> dict[str, Any]:
        flat: list[Any] = []
        for key, item in _dict_items(value):
            flat.append(self.encode(key))
            flat.append(self.encode(item))
        return {"d": flat}

    def sequence(self, values: Iterable[Any]) -> list[Any]:
        return [self.encode(item) for item in values]

    def numbered(self, value: Any, content: Callable[["Encoder", Any], Any]) -> Any:
        return self._reference(value) or content(self, value)

    def _encode_nan(self, value: float) -> Any:
        name = NAMES.get(id(value))
        return {"y": name} if name is not None else self._reference(value) or _bits(value)

    def _encode_rare(self, kind: Any, value: Any) -> Any:
        for base, decay in _DECAYS:
            if issubclass(kind, base):
                return decay(self, value)
        tag = encode_standard(kind, value)
        return tag if tag is not None else self._opaque(value)


def _hex(value: str) -> str:
    return value.encode("utf-8", "surrogatepass").hex()


def _encode_text(value: str) -> Any:
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON would join two lone surrogates into one character.
        return {"u": _hex(value)}
    return value


def _content_set(encoder: Encoder, value: Any) -> Any:
    return {"s": encoder.sequence(_set_items(value))}


def _content_deque(encoder: Encoder, value: Any) -> Any:
    return {"q": [value.maxlen, encoder.sequence(_deque_items(value))]}


def _content_bytearray(_: Encoder, value: Any) -> Any:
    return {"a": bytes(value).hex()}


def _content_array(_: Encoder, value: Any) -> Any:
    return {"A": [value.typecode, _hex(value.tounicode()) if value.typecode == "u" else value.tobytes().hex()]}


_DOUBLE = Struct("<d")


def _bits(value: float) -> Any:
    return value if value == value else {"n": _DOUBLE.pack(value).hex()}  # noqa: PLR0124


def _encode_complex(_: Encoder, value: complex) -> Any:
    return {"c": [_bits(value.real), _bits(value.imag)]}


_CONTENTS: dict[Any, Callable[[Encoder, Any], Any]] = {
    set: _content_set,
    deque: _content_deque,
    bytearray: _content_bytearray,
    array: _content_array,
    float: lambda _, value: _bits(value),
}

_WRITERS: dict[Any, Callable[[Encoder, Any], Any]] = {
    set: lambda encoder, value: encoder.numbered(value, _content_set),
    deque: lambda encoder, value: encoder.numbered(value, _content_deque),
    bytearray: lambda encoder, value: encoder.numbered(value, _content_bytearray),
    frozenset: lambda encoder, value: {"f": encoder.sequence(_frozenset_items(value))},
    bytes: lambda _, value: {"b": value.hex()},
    array: lambda encoder, value: encoder.numbered(value, _content_array),
    complex: _encode_complex,
    range: lambda encoder, value: {"g": encoder.sequence((value.start, value.stop, value.step))},
    _KEYS_VIEW: lambda encoder, value: {"vk": encoder.sequence(value)},
    _VALUES_VIEW: lambda encoder, value: {"vv": encoder.sequence(value)},
    _ITEMS_VIEW: lambda encoder, value: {"vi": encoder.sequence(value)},
}

_DECAYS: tuple[tuple[Any, Callable[[Encoder, Any], Any]], ...] = (
    (int, lambda encoder, value: encoder.encode(int.__pos__(value))),
    (float, lambda encoder, value: encoder.encode(float.__pos__(value))),
    (str, lambda encoder, value: encoder.encode(str.__getitem__(value, slice(None)))),
    (list, lambda encoder, value: encoder.encode(list(_list_items(value)))),
    (tuple, lambda encoder, value: {"t": encoder.sequence(_tuple_items(value))}),
    (dict, lambda encoder, value: encoder.encode(dict(_dict_items(value)))),
    (set, lambda encoder, value: encoder.encode(set(_set_items(value)))),
    (frozenset, lambda encoder, value: {"f": encoder.sequence(_frozenset_items(value))}),
    (bytes, lambda _, value: {"b": bytes.hex(value)}),
    (bytearray, lambda _, value: {"a": bytearray.hex(value)}),
    (complex, lambda encoder, value: _encode_complex(encoder, complex.__pos__(value))),
)
