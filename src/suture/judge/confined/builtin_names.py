"""Objects that cross by name and keep their identity: a test may hand over ``int``, ``len`` or ``math.nan`` itself."""

import math
from typing import Any

TYPES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (bool, bytes, bytearray, complex, dict, float, frozenset, int, list, object, range, set, str, tuple)
}
FUNCTIONS: dict[str, Any] = {
    function.__name__: function
    for function in (abs, all, any, chr, divmod, hash, hex, len, max, min, ord, pow, repr, round, sorted, sum)
}
SINGLE: dict[str, Any] = {"Ellipsis": ..., "NotImplemented": NotImplemented, "math.nan": math.nan}
_ALL = TYPES | FUNCTIONS | SINGLE
NAMES: dict[int, str] = {id(item): name for name, item in _ALL.items()}
"""By identity: nothing a program defines can be equal to one of these by its own ``__eq__``."""


def by_name(name: str) -> Any:
    """Raises ``KeyError`` for a name that is not listed here."""
    return _ALL[name]
