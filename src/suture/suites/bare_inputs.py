"""Refuses rows of evalplus's own files: they hold inputs without expected outputs, so they test nothing alone."""

from collections.abc import Mapping
from typing import Any

from suture.core.errors import BadFile


def refuse_bare_inputs(row: Mapping[str, Any]) -> None:
    """Refuse a row whose tests are inputs without outputs, as evalplus's own files have them.

    Raises:
        BadFile: without the reference run on every input, only a part of the tests would be there.
    """
    if found := [name for name in ("base_input", "plus_input") if row.get(name)]:
        raise BadFile(
            f"{found[0]} holds inputs alone, and judging without the outputs that belong to them would be half a test",
            mend="take the rows of evalplus/humanevalplus or evalplus/mbppplus on the Hub: their `test` has both",
        )
