"""Adapters kept along the way, and a budget of divergence."""

import torch
from rows import rows

from suture.core.model.train_settings import Precision, TrainSettings
from suture.files.small_files import sha256_of
from suture.training.adapter_keeper import drift_prompts, mean_divergence, part_held
from suture.training.examples import Example
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.load import load_tokenizer
from suture.training.trainer import train

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
    examples = drift_prompts(rows(40, 2), load_tokenizer(base_of()), SETTINGS).failures
    assert len(examples) == 32
    assert mean_divergence(model, FrozenBase(model), examples) < 1e-6
    assert mean_divergence(model, FrozenBase(model), []) is None


def test_an_anchor_is_held_while_its_own_answer_is_the_likeliest_throughout(base_of):
    exact = SETTINGS.model_copy(update={"precision": Precision.FLOAT32})
    model, tokenizer = with_adapter(base_of(), exact), load_tokenizer(base_of())
    prompt, said = "def f():", []
    for _ in range(6):  # greedily, token by token
        ids = torch.tensor([tokenizer(prompt)["input_ids"] + said])
        said.append(int(model(input_ids=ids).logits[0, -1].argmax()))
    before = tokenizer(prompt)["input_ids"]
    other = [*said[:-1], (said[-1] + 1) % len(tokenizer)]
    held, slipped = (Example((*before, *answer), len(answer), True, -1) for answer in (said, other))
    assert part_held(model, [held]) == 1
    assert part_held(model, [held, slipped]) == 0.5
    assert part_held(model, []) is None


def test_training_stops_when_too_few_anchors_are_held(base_of, tmp_path):
    free = train(base_of(), rows(6, 2), SETTINGS, tmp_path / "free", dataset_sha256="d")
    assert all(kept.anchors_held is not None for kept in free.kept)
    assert min(kept.anchors_held for kept in free.kept) < 1
    settings = SETTINGS.model_copy(update={"anchors_held": 1.0})
    held = train(base_of(), rows(6, 2), settings, tmp_path / "held", dataset_sha256="d")
    first = next(at for at, kept in enumerate(free.kept) if kept.anchors_held < 1)
    assert held.kept == free.kept[: first + 1]


def test_stopped_by_a_limit_and_started_again_it_ends_in_the_same_bytes(base_of, tmp_path):
    """A run may be killed between the checkpoint of its last step and its result."""
    free = train(base_of(), rows(6, 2), SETTINGS, tmp_path / "free", dataset_sha256="d")
    settings = SETTINGS.model_copy(update={"kl_budget": (free.kept[0].kl + free.kept[1].kl) / 2, "keep_every": 5})
    kept = tmp_path / "checkpoints"
    once = train(base_of(), rows(6, 2), settings, tmp_path / "once", dataset_sha256="d", checkpoints=kept)
    again = train(base_of(), rows(6, 2), settings, tmp_path / "again", dataset_sha256="d", checkpoints=kept)
    assert [kept.step for kept in once.kept] == [5, 10]
    assert (again.sha256, again.kept) == (once.sha256, once.kept)
