import json
from collections.abc import Iterator

import pytest
from rows import row, rows
from safetensors.numpy import load_file

from suture.core.errors import BadFile, DiskFull, MissingTool, UsageError
from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.train_settings import Strategy, TrainSettings
from suture.core.teach.dataset import RowKind
from suture.machine.installing import pip_install
from suture.training.trainer import train

SETTINGS = TrainSettings(rank=2, alpha=4, lr=5e-3, epochs=3)


class Seen:
    """A progress port that remembers."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.total, self.done, self.tokens, self.finished = 0, 0, 0, False
        self._stop_after = stop_after

    def start(self, stage: str, total: int) -> None:
        self.total = total

    def advance(self, done: int = 1, *, tokens: int = 0) -> None:
        self.done += done
        self.tokens += tokens
        if self._stop_after is not None and self.done >= self._stop_after:
            raise KeyboardInterrupt

    def note(self, line: str) -> None: ...

    def finish(self) -> None:
        self.finished = True


@pytest.mark.parametrize("strategy", Strategy)
def test_learns_its_rows_and_says_what_it_did(base_of, tmp_path, strategy):
    seen = Seen()
    settings = SETTINGS.model_copy(update={"strategy": strategy, "mask_below": 1e-4})
    record = train(base_of(), rows(6, 2), settings, tmp_path / "a", dataset_sha256="d", progress=seen)
    first, *_, last = record.epochs
    assert [epoch.epoch for epoch in record.epochs] == [1, 2, 3]
    # asft hardly learns from a random model: what it teaches weighs its own tiny probability
    assert last.loss < first.loss * (1 if strategy is Strategy.ASFT else 0.9)
    assert (record.tokens_masked > 0) == (strategy is Strategy.MASKED)
    assert record.rows_trained == (6 if strategy is Strategy.NAIVE else 9)
    assert (seen.done, seen.total, seen.finished) == (3 * record.rows_trained, 3 * record.rows_trained, True)
    assert seen.tokens == sum(epoch.tokens for epoch in record.epochs)
    assert all(epoch.seconds > 0 for epoch in record.epochs)
    if strategy in (Strategy.NAIVE, Strategy.REPLAY):
        assert {epoch.kl for epoch in record.epochs} == {None}
    else:
        assert last.kl is not None
        assert last.kl > 0
    assert (last.kl_new is not None) == (strategy is Strategy.ASFT)
    assert record == AdapterRecord.model_validate_json((tmp_path / "a/suture.json").read_bytes())


def test_kl_holds_the_model_nearer_to_its_base(base_of, tmp_path):
    divergence = {}
    for weight in (0.001, 5.0):
        settings = SETTINGS.model_copy(update={"kl_weight": weight})
        record = train(base_of(), rows(6, 2), settings, tmp_path / str(weight), dataset_sha256="d")
        divergence[weight] = record.epochs[-1].kl or 0
    assert divergence[5.0] < divergence[0.001] / 2


def test_a_standard_peft_directory(base_of, tmp_path):
    record = train(base_of(), rows(3, 1), SETTINGS, tmp_path / "a", dataset_sha256="d")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "steps",
        "suture.json",
    }
    config = json.loads((tmp_path / "a/adapter_config.json").read_text())
    assert (config["peft_type"], config["r"], config["lora_alpha"]) == ("LORA", 2, 4)
    assert config["init_lora_weights"] is True
    assert config["base_model_name_or_path"] == "source"
    weights = load_file(tmp_path / "a/adapter_model.safetensors")
    assert sum(weight.size for weight in weights.values()) == record.trainable_parameters
    assert all("lora_" in name for name in weights)
    assert record.trainable_parameters < record.total_parameters


def test_batches_of_several_rows_weigh_tokens_not_rows(base_of, tmp_path):
    settings = SETTINGS.model_copy(update={"batch": 4, "epochs": 1})
    seen = Seen()
    record = train(base_of(), rows(6, 2), settings, tmp_path / "a", dataset_sha256="d", progress=seen)
    assert seen.total == 3
    assert len(record.epochs) == 1


def test_long_rows_are_counted(base_of, tmp_path):
    made = [*rows(3, 1), row(50, target="x = 1\n" * 300)]
    settings = SETTINGS.model_copy(update={"max_len": 100, "epochs": 1})
    assert train(base_of(), made, settings, tmp_path / "a", dataset_sha256="d").rows_too_long == 1


@pytest.mark.parametrize(("failures", "anchors", "which"), [(True, False, "failure"), (False, True, "anchor")])
def test_every_row_of_a_kind_too_long(base_of, tmp_path, failures, anchors, which):
    long = "x = 1\n" * 300
    made = [row(1, target=long if failures else None), row(2, RowKind.ANCHOR, target=long if anchors else None)]
    settings = SETTINGS.model_copy(update={"max_len": 100})
    with pytest.raises(UsageError, match=f"every {which} row is longer"):
        train(base_of(), made, settings, tmp_path / "a", dataset_sha256="d")
    assert not (tmp_path / "a").exists()


def test_unknown_target_module(base_of, tmp_path):
    settings = SETTINGS.model_copy(update={"target_modules": ("nonsense_proj",)})
    with pytest.raises(UsageError, match="nonsense_proj"):
        train(base_of(), rows(2, 1), settings, tmp_path / "a", dataset_sha256="d")


def test_not_a_prepared_base(tmp_path):
    with pytest.raises(BadFile, match="no prepared base model here"):
        train(tmp_path, rows(2, 1), SETTINGS, tmp_path / "a", dataset_sha256="d")


def test_four_bit_without_a_gpu(base_of, tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    settings = SETTINGS.model_copy(update={"load_in_4bit": True})
    with pytest.raises(MissingTool, match="GPU") as caught:
        train(base_of(), rows(2, 1), settings, tmp_path / "a", dataset_sha256="d")
    assert caught.value.mend


def test_four_bit_without_bitsandbytes(base_of, tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("suture.training.extra.find_spec", lambda name: None if name == "bitsandbytes" else object())
    settings = SETTINGS.model_copy(update={"load_in_4bit": True})
    with pytest.raises(MissingTool, match="bitsandbytes") as caught:
        train(base_of(), rows(2, 1), settings, tmp_path / "a", dataset_sha256="d")
    assert caught.value.mend == pip_install("bitsandbytes")


def test_without_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr("suture.training.extra.find_spec", lambda name: None)
    with pytest.raises(MissingTool, match="training needs torch"):
        train(tmp_path, rows(2, 1), SETTINGS, tmp_path / "a", dataset_sha256="d")


@pytest.fixture
def stdout_untouched(capfd) -> Iterator[None]:
    yield
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""


@pytest.mark.usefixtures("stdout_untouched")
def test_says_nothing_by_itself(base_of, tmp_path):
    train(base_of(), rows(2, 1), SETTINGS, tmp_path / "a", dataset_sha256="d")


@pytest.mark.parametrize("strategy", [Strategy.REPLAY_KL, Strategy.ASFT])
def test_a_step_is_the_same_on_any_number_of_processors(base_of, tmp_path, monkeypatch, strategy):
    settings = SETTINGS.model_copy(update={"batch": 4, "epochs": 2, "strategy": strategy})
    digests = set()
    for processors in (1, 5):
        monkeypatch.setattr("suture.training.step_plan.processors_to_use", lambda found=processors: found)
        out = tmp_path / f"{strategy}-{processors}"
        digests.add(train(base_of(), rows(6, 2), settings, out, dataset_sha256="d").sha256)
    assert len(digests) == 1


def test_killed_between_steps_of_several_rows_it_ends_in_the_same_bytes(base_of, tmp_path):
    settings = SETTINGS.model_copy(update={"batch": 4, "epochs": 2})
    whole = train(base_of(), rows(6, 2), settings, tmp_path / "whole", dataset_sha256="d")
    kept = tmp_path / "checkpoints"
    with pytest.raises(KeyboardInterrupt):
        train(base_of(), rows(6, 2), settings, tmp_path / "a", dataset_sha256="d", progress=Seen(4), checkpoints=kept)
    seen = Seen()
    resumed = train(
        base_of(), rows(6, 2), settings, tmp_path / "a", dataset_sha256="d", progress=seen, checkpoints=kept
    )
    assert seen.done == seen.total
    assert resumed.sha256 == whole.sha256


def test_a_training_that_diverges_ends_in_one_line(base_of, tmp_path):
    for settings in ({"lr": 1e30, "kl_budget": 0.05}, {"lr": 1e30, "epochs": 1, "batch": 9}):
        wanted = SETTINGS.model_copy(update=settings)
        with pytest.raises(UsageError, match="training diverged at step") as refused:
            train(base_of(), rows(6, 2), wanted, tmp_path / "a", dataset_sha256="d")
        assert "lower train.lr" in refused.value.mend
        assert not list(tmp_path.iterdir())


def test_one_unknown_module_among_known_ones_is_named(base_of, tmp_path):
    settings = SETTINGS.model_copy(update={"target_modules": ("q_proj", "v_porj")})
    with pytest.raises(UsageError, match=r"target_modules v_porj$"):
        train(base_of(), rows(1, 1), settings, tmp_path / "a", dataset_sha256="d")


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_generator_takes(base_of, tmp_path, seed):
    with pytest.raises(UsageError, match=r"train\.seed .*a seed is a number from 0 to 4294967295"):
        train(base_of(), rows(1, 1), TrainSettings(seed=seed), tmp_path / "a", dataset_sha256="d")


def damaged(kept, file, damage):
    newest = max(kept.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    damage(newest / file)


@pytest.mark.parametrize("file", ["optimizer.pt", "scheduler.pt", "trainer_state.json", "adapter_model.safetensors"])
@pytest.mark.parametrize(
    "damage", [lambda file: file.unlink(), lambda file: file.write_bytes(file.read_bytes()[:100])], ids=["gone", "cut"]
)
def test_a_damaged_checkpoint_is_not_gone_on_from(base_of, tmp_path, file, damage):
    whole = train(base_of(), rows(6, 2), SETTINGS, tmp_path / "whole", dataset_sha256="d")
    kept = tmp_path / "checkpoints"
    with pytest.raises(KeyboardInterrupt):
        train(base_of(), rows(6, 2), SETTINGS, tmp_path / "a", dataset_sha256="d", progress=Seen(9), checkpoints=kept)
    damaged(kept, file, damage)
    seen = Seen()
    resumed = train(
        base_of(), rows(6, 2), SETTINGS, tmp_path / "a", dataset_sha256="d", progress=seen, checkpoints=kept
    )
    assert resumed.sha256 == whole.sha256
    assert seen.done == seen.total


def test_a_disk_that_runs_full_in_a_checkpoint_is_said(base_of, tmp_path, monkeypatch):
    def full(*_, **__):
        raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 159040 vs 158928")

    monkeypatch.setattr("torch.save", full)
    with pytest.raises(DiskFull, match="the disk is full"):
        train(base_of(), rows(2, 1), SETTINGS, tmp_path / "a", dataset_sha256="d", checkpoints=tmp_path / "kept")
    assert not (tmp_path / "a").exists()
