"""Whether a base is an adapter's own, told by weights and tokenizer; a directory's name says nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from suture.core.errors import UsageError
from suture.core.model.base import BaseRecord
from suture.packs.adapters.its_base import require_its_base
from suture.packs.adapters.updates import Update
from suture.packs.hugging_face.weights import open_weights

NAME = "model.layers.0.self_attn.q_proj.weight"
TOKENS = {"a": 0, "b": 1, "<end>": 2}


def model(place: Path, seed: int, tokens: dict[str, int] | None = None, noise: float = 0.0) -> Path:
    place.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(8, 4)).astype(np.float32)
    save_file({NAME: matrix + noise * rng.normal(size=(8, 4)).astype(np.float32)}, place / "model.safetensors")
    tokenizer(place, tokens or TOKENS)
    return place


def tokenizer(place: Path, tokens: dict[str, int]) -> None:
    *texts, last = tokens
    written = {
        "model": {"vocab": {text: tokens[text] for text in texts}},
        "added_tokens": [{"id": tokens[last], "content": last}],
    }
    (place / "tokenizer.json").write_text(json.dumps(written))


@pytest.fixture
def require(tmp_path):
    """Ask whether the base ``tmp_path/base`` is that of an adapter that names ``said``."""
    base = model(tmp_path / "base", 1)
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    record = BaseRecord(
        source="models/smollm2-135m-instruct",
        source_sha256="0" * 64,
        architecture="llama",
        weights_sha256="1" * 64,
        parameters=1,
        chat_template_digest="2" * 64,
        name="SmolLM2-135M-Instruct",
    )
    weights = open_weights(base)
    (weight,) = weights.values()

    def require(said: str) -> None:
        updates = [Update(NAME, weight, weight, 1.0, 1.0)]
        require_its_base(adapter, said, updates, base=base, record=record, weights=weights)

    return require


def test_the_same_weights_are_the_same_base_whatever_the_directory_is_called(require, tmp_path):
    model(tmp_path / "checkpoint-1", 1, tokens={"z": 0, "y": 1})
    require(str(tmp_path / "checkpoint-1"))


@pytest.mark.parametrize("place", ["../smollm2-135m-instruct", "smollm2-135m-instruct"])
def test_other_weights_are_another_base_whatever_the_directory_is_called(require, tmp_path, place):
    model(tmp_path / "adapter" / place, 2)
    with pytest.raises(UsageError, match="whose weights are not those of 'SmolLM2-135M-Instruct'"):
        require(place)


def test_another_shape_is_another_base(require, tmp_path):
    place = tmp_path / "wide"
    place.mkdir()
    save_file({NAME: np.ones((8, 6), np.float32)}, place / "model.safetensors")
    with pytest.raises(UsageError, match="whose weights"):
        require(str(place))


def test_weights_rounded_otherwise_leave_it_to_the_tokenizer(require, tmp_path):
    model(tmp_path / "near", 1, noise=0.05)
    tokenizer(tmp_path / "adapter", TOKENS)
    require(str(tmp_path / "near"))
    tokenizer(tmp_path / "adapter", {"x": 0, "y": 1})
    with pytest.raises(UsageError, match="another tokenizer"):
        require(str(tmp_path / "near"))


@pytest.mark.parametrize("said", ["/kaggle/input/model/1", "./out", "", "C:\\models\\m", "~nobody/m", "x" * 70_000])
def test_a_directory_of_another_machine_is_recognised_by_the_tokenizer_beside_the_adapter(require, tmp_path, said):
    with pytest.raises(UsageError, match="not on 'SmolLM2"):
        require(said)
    tokenizer(tmp_path / "adapter", {**TOKENS, "<pad>": 3})
    require(said)


def test_the_same_name_with_another_tokenizer_is_another_base(require, tmp_path):
    require("HuggingFaceTB/SmolLM2-135M-Instruct")
    tokenizer(tmp_path / "adapter", {"a": 1, "b": 0})
    with pytest.raises(UsageError, match="another tokenizer"):
        require("HuggingFaceTB/SmolLM2-135M-Instruct")


def test_a_hub_id_names_a_model_and_one_tokenizer_serves_many(require, tmp_path):
    tokenizer(tmp_path / "adapter", TOKENS)
    with pytest.raises(UsageError, match=r"trained on 'HuggingFaceTB/SmolLM2-360M', not on") as refusal:
        require("HuggingFaceTB/SmolLM2-360M")
    assert "--any-name" in (refusal.value.mend or "")


def test_a_place_with_weights_that_cannot_be_read_says_nothing(require, tmp_path):
    place = tmp_path / "broken"
    place.mkdir()
    (place / "model.safetensors").write_bytes(b"cut off")
    with pytest.raises(UsageError, match="was trained on"):
        require(str(place))
    tokenizer(tmp_path / "adapter", TOKENS)
    require(str(place))
