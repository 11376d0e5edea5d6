"""Stand-ins, in the tests' namespace, for what lives in the program's process.

A stand-in can be called, and its attributes read and set. It never decides anything itself:
compared, tested for truth, measured or printed, it raises ``NotPlainData``.
"""

from typing import Any, NoReturn, Protocol


class NotPlainData(TypeError):
    """An object of the program's own class was used where only data can decide."""


class Lender(Protocol):
    """Who does with the real object what is done with its stand-in."""

    def call(self, number: int, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any: ...
    def get(self, number: int, name: str) -> Any: ...
    def set(self, number: int, name: str, value: Any) -> None: ...
    def next(self, number: int) -> Any: ...


class StandIn:
    __slots__ = ("_number", "_remote")
    _number: int
    _remote: Lender

    def __init__(self, remote: Lender, number: int) -> None:
        object.__setattr__(self, "_remote", remote)
        object.__setattr__(self, "_number", number)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._remote.call(self._number, arguments, keywords)

    def __getattr__(self, name: str) -> Any:
        return self._remote.get(self._number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._remote.set(self._number, name, value)


def _refusing(name: str) -> Any:
    def refuse(*_: Any) -> NoReturn:
        raise NotPlainData(f"{name} of an object of the program's own")

    return refuse


_DECIDING = (
    "eq ne lt le gt ge bool hash len iter next getitem setitem delitem contains str repr format bytes int float "
    "complex index round abs neg pos invert reversed dir sizeof delattr reduce reduce_ex enter exit "
    "add sub mul truediv floordiv mod divmod pow and or xor lshift rshift matmul "
    "radd rsub rmul rtruediv rfloordiv rmod rdivmod rpow rand ror rxor rlshift rrshift rmatmul"
)
for _name in _DECIDING.split():
    setattr(StandIn, f"__{_name}__", _refusing(f"__{_name}__"))


class IteratorStandIn(StandIn):
    """A generator or another lazy object: each item is asked for, and is plain data when it comes."""

    __slots__ = ()

    def __iter__(self) -> "IteratorStandIn":
        return self

    def __next__(self) -> Any:
        return self._remote.next(self._number)
