import pytest
import torch
from adapted_models import adapted
from rows import rows

from suture.core.model.train_settings import Precision, TrainSettings
from suture.training.examples import encode_rows
from suture.training.fresh_adapter import with_adapter
from suture.training.frozen_base import FrozenBase
from suture.training.load import load_tokenizer
from suture.training.loss import answer_logits, divergences
from suture.training.packing import pack
from suture.training.precision import choose_precision, load_to_compute


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_bf16_products_say_nearly_what_float32_says(base_of, architecture):
    base = base_of(architecture)
    whole = pack(encode_rows(rows(2, 1), load_tokenizer(base), 1000)[0])
    exact, rounded = (answer_logits(adapted(base, precision=precision), whole) for precision in list(Precision)[1:])
    assert rounded.dtype is torch.float32
    assert not torch.equal(exact, rounded)
    assert (torch.softmax(exact, -1) - torch.softmax(rounded, -1)).abs().max() < 0.15


def test_what_is_trained_and_what_is_summed_stays_float32(base_of):
    model = adapted(base_of(), precision=Precision.BFLOAT16)
    trained = {p.dtype for p in model.parameters() if p.requires_grad}
    assert trained == {torch.float32}
    plain = model.get_base_model()
    assert plain.get_output_embeddings().weight.dtype is torch.float32
    assert plain.get_decoder().layers[0].mlp.up_proj.base_layer.weight.dtype is torch.bfloat16


def test_a_fresh_adapter_is_the_base_to_the_last_bit_in_bf16_too(base_of):
    model = with_adapter(base_of(), TrainSettings(rank=2, alpha=4, precision=Precision.BFLOAT16))
    whole = pack(encode_rows(rows(2, 1), load_tokenizer(base_of()), 1000)[0])
    logits = answer_logits(model, whole)
    assert divergences(FrozenBase(model).logits(whole), logits).abs().max() < 1e-5


def test_auto_asks_the_machine(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for flags, wanted in (({"avx2"}, Precision.FLOAT32), ({"avx2", "amx_bf16"}, Precision.BFLOAT16)):
        monkeypatch.setattr("suture.training.precision._cpu_flags", lambda flags=flags: flags)
        assert choose_precision(Precision.AUTO) is wanted
    assert choose_precision(Precision.FLOAT32) is Precision.FLOAT32


def test_tied_weights_stay_tied(base_of):
    model = load_to_compute(base_of("llama"), Precision.BFLOAT16)
    assert model.get_input_embeddings().weight is model.get_output_embeddings().weight
