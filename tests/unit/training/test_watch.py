"""Adapters kept along the way, and a budget of divergence."""

from rows import rows

from suture.core.train_settings import TrainSettings
from suture.files.read_write import sha256_of
from suture.training.adapter import with_adapter
from suture.training.loss import FrozenBase
from suture.training.model import load_tokenizer
from suture.training.trainer import train
from suture.training.watch import mean_divergence, probes

SETTINGS = TrainSettings(rank=2, alpha=4, lr=5e-3, epochs=2, keep_every=5)
WEIGHTS = "adapter_model.safetensors"


def test_the_adapter_is_kept_every_so_many_steps_and_at_the_end(base_of, tmp_path):
    record = train(base_of(), rows(6, 2), SETTINGS, tmp_path / "a", dataset_sha256="d")  # 9 rows, 18 steps
    assert [kept.step for kept in record.kept] == [5, 10, 15, 18]
    for kept in record.kept:
        assert sha256_of(tmp_path / f"a/steps/{kept.step}" / WEIGHTS) == kept.sha256
    assert record.sha256 == sha256_of(tmp_path / "a" / WEIGHTS) == record.kept[-1].sha256
    assert record.kl == record.kept[-1].kl
    assert 0 < record.kept[0].kl < record.kept[-1].kl


def test_else_once_an_epoch(base_of, tmp_path):
    settings = SETTINGS.model_copy(update={"keep_every": None})
    assert [kept.step for kept in train(base_of(), rows(6, 2), settings, tmp_path / "a", dataset_sha256="d").kept] == [
        9,
        18,
    ]


def test_beyond_the_budget_training_stops_and_the_last_adapter_within_it_is_the_result(base_of, tmp_path):
    free = train(base_of(), rows(6, 2), SETTINGS, tmp_path / "free", dataset_sha256="d")
    budget = (free.kept[0].kl + free.kept[1].kl) / 2
    settings = SETTINGS.model_copy(update={"kl_budget": budget})
    held = train(base_of(), rows(6, 2), settings, tmp_path / "held", dataset_sha256="d")
    assert [kept.step for kept in held.kept] == [5, 10]
    assert held.kept == free.kept[:2]
    assert held.sha256 == sha256_of(tmp_path / "held" / WEIGHTS) == free.kept[0].sha256
    assert held.kl <= budget


def test_a_fresh_adapter_has_not_moved(base_of):
    model = with_adapter(base_of(), SETTINGS)
    examples = probes(rows(40, 2), load_tokenizer(base_of()), SETTINGS)
    assert len(examples) == 32
    assert mean_divergence(model, FrozenBase(model), examples) < 1e-6
    assert mean_divergence(model, FrozenBase(model), []) is None
