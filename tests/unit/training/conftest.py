"""Small models, made once a session."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

torch = pytest.importorskip("torch")
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def base_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A prepared base with ``base.gguf``, by architecture and options of ``make_model``."""
    from tiny_models import make_model

    from suture.packs.prepare import prepare_base

    made: dict[str, Path] = {}

    def base_of(architecture: str = "llama", **changes: object) -> Path:
        key = repr((architecture, sorted(changes.items())))
        if key not in made:
            folder = tmp_path_factory.mktemp(architecture)
            prepare_base(make_model(folder / "source", architecture, **changes), folder / "base")
            made[key] = folder / "base"
        return made[key]

    return base_of
