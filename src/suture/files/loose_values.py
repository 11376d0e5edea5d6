"""Values that a type takes and that are of another type: ``epochs: '3'``, ``batch: true``. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from ruamel.yaml.scalarbool import ScalarBoolean

from suture.core.json_types import is_list, is_object

Location = tuple[int | str, ...]
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def taken_loosely(written: Any, read: Any, location: Location = ()) -> Iterator[tuple[Location, str]]:
    """Where a value stands for a number or a truth value without being one, and what it has to be.

    Args:
        written: as the file has it.
        read: what was made of it.
    """
    if is_object(written):
        for key, inner in written.items():
            found = read.get(key) if is_object(read) else getattr(read, str(key), None)
            yield from taken_loosely(inner, found, (*location, key))
    elif is_list(written) and isinstance(read, tuple | list):
        several = cast("Sequence[Any]", read)
        for at, (inner, found) in enumerate(zip(written, several, strict=False)):
            yield from taken_loosely(inner, found, (*location, at))
    elif isinstance(read, bool):
        if not _is_truth_value(written):
            yield location, "true or false"
    elif isinstance(read, int | float) and _is_no_number(written):
        yield location, "a number" if _is_truth_value(written) else "a number, without quotation marks"


def _is_no_number(written: object) -> bool:
    quoted = isinstance(written, str) and _NUMBER.fullmatch(written.strip()) is not None
    return quoted or _is_truth_value(written)


def _is_truth_value(written: object) -> bool:
    return isinstance(written, bool | ScalarBoolean)  # the second where it has an anchor
