"""Hugging Face directories changed in one place, and the refusal that must name it."""

import json
from pathlib import Path

import pytest

from suture.core.errors import UsageError
from suture.packs.bases.prepare_base import prepare_base


def edit(file: Path, **changes: object) -> None:
    """``...`` takes a key away."""
    value = json.loads(file.read_text("utf-8")) if file.exists() else {}
    value = {key: kept for key, kept in (value | changes).items() if kept is not ...}
    file.write_text(json.dumps(value), "utf-8")


def refused(source: Path, out: Path, *words: str) -> None:
    """Preparing ``source`` fails in words that name the person's own files, and says what helps."""
    with pytest.raises(UsageError) as caught:
        prepare_base(source, out)
    text = f"{caught.value} {caught.value.mend}"
    assert all(word in text for word in words), text
    assert str(source) in str(caught.value)
    assert str(out) not in text
    assert caught.value.mend
    assert not out.exists()
