import shutil

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def source(models, tmp_path):
    """A copy of a small model, by family."""

    def copy(family="llama"):
        from tiny_models import make_model

        if not (models / family).exists():
            make_model(models / family, family)
        return shutil.copytree(models / family, tmp_path / "source")

    return copy
