"""What tests of several packages share: small models, made once a session."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def base_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A prepared base with ``base.gguf``, by architecture and options of ``make_model``."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    from tiny_models import make_model

    from suture.packs.bases.prepare import prepare_base

    made: dict[str, Path] = {}

    def base_of(architecture: str = "llama", **changes: object) -> Path:
        key = repr((architecture, sorted(changes.items())))
        if key not in made:
            folder = tmp_path_factory.mktemp(architecture)
            prepare_base(make_model(folder / "source", architecture, **changes), folder / "base")
            made[key] = folder / "base"
        return made[key]

    return base_of
