from functools import partial

import pytest
import torch
from adapted_models import adapted
from rows import rows
from torch import nn

from suture.core.model.train_settings import Precision
from suture.training.examples import encode_rows
from suture.training.fast_products import with_fast_products
from suture.training.load import load_tokenizer
from suture.training.loss import answer_logits
from suture.training.packing import pack
from suture.training.precision import load_to_compute

HERE = "suture.training.fast_products.processor_class"
close = partial(torch.testing.assert_close, rtol=1e-4, atol=1e-4)


@pytest.fixture
def amd(monkeypatch):
    if not torch.backends.mkldnn.is_available():
        pytest.skip("torch is built without oneDNN here")
    monkeypatch.setattr(HERE, lambda: "AuthenticAMD family 26: avx2")


def layers(*, bias: bool = False, trained: bool = False) -> tuple[nn.Module, nn.Module]:
    """A model of one linear layer, and the same with fast products."""
    plain = nn.Sequential(nn.Linear(48, 32, bias=bias)).requires_grad_(trained)
    fast = nn.Sequential(nn.Linear(48, 32, bias=bias)).requires_grad_(trained)
    fast.load_state_dict(plain.state_dict())
    return plain, with_fast_products(fast)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    "given", [torch.randn(7, 48), torch.randn(2, 3, 48), torch.randn(48, 5).t(), torch.randn(1, 48).expand(4, 48)]
)
def test_products_and_gradients_are_those_of_the_plain_layer(amd, bias, given):
    plain, fast = layers(bias=bias)
    assert type(fast[0]) is not nn.Linear
    ours, theirs = given.clone().requires_grad_(), given.clone().requires_grad_()
    close(fast(ours), plain(theirs))
    for way in (lambda y: y.sum(), lambda y: (y * y).mean(), lambda y: y.transpose(0, 1)[0].square().sum()):
        (one,), (other,) = torch.autograd.grad(way(fast(ours)), ours), torch.autograd.grad(way(plain(theirs)), theirs)
        close(one, other)


def test_weights_that_are_trained_have_the_gradients_of_the_plain_layer(amd):
    for given in (torch.randn(7, 48), torch.randn(2, 3, 48), torch.randn(48, 5).t(), torch.randn(1, 48).expand(4, 48)):
        plain, fast = layers(trained=True)
        for layer in (plain, fast):
            layer(given).square().sum().backward()
        close(fast[0].weight.grad, plain[0].weight.grad)


def test_what_is_no_float32_or_has_a_trained_bias_goes_the_plain_way(amd):
    plain, fast = layers()
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(fast(torch.ones(2, 48)), plain(torch.ones(2, 48)))
    given = torch.randn(2, 48, dtype=torch.float64)
    assert torch.equal(fast.double()(given), plain.double()(given))
    assert fast.float()(torch.zeros(0, 48)).shape == (0, 32)
    plain, fast = layers(bias=True, trained=True)
    fast(torch.ones(2, 48)).sum().backward()
    plain(torch.ones(2, 48)).sum().backward()
    assert torch.equal(fast[0].weight.grad, plain[0].weight.grad)
    assert torch.equal(fast[0].bias.grad, plain[0].bias.grad)
    with torch.no_grad():
        close(fast(torch.ones(2, 48)), plain(torch.ones(2, 48)))


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_a_model_keeps_the_names_and_the_tied_weights(amd, base_of, architecture):
    model = load_to_compute(base_of(architecture), Precision.FLOAT32)
    assert not [one for one in model.modules() if type(one) is nn.Linear]
    assert not [one for one in adapted(base_of(architecture)).modules() if type(one) is nn.Linear]
    tied = model.get_input_embeddings().weight is model.get_output_embeddings().weight
    assert tied is bool(model.config.tie_word_embeddings)
    assert "model.layers.0.mlp.up_proj.weight" in model.state_dict()


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.BFLOAT16])
def test_an_adapted_model_says_the_same_on_either_processor(base_of, monkeypatch, precision):
    base = base_of()
    whole = pack(encode_rows(rows(2, 1), load_tokenizer(base), 1000)[0])
    said = []
    for processor in ("GenuineIntel family 6: avx2", "AuthenticAMD family 26: avx2"):
        monkeypatch.setattr(HERE, lambda processor=processor: processor)
        model = adapted(base, precision=precision)
        logits = answer_logits(model, whole)
        trained = [weight for weight in model.parameters() if weight.requires_grad]
        said.append((logits, torch.autograd.grad(logits.square().mean(), trained)))
    (plain, of_plain), (fast, of_fast) = said
    close(fast, plain)
    for one, other in zip(of_fast, of_plain, strict=True):
        close(one, other, rtol=1e-2, atol=1e-3)


def test_elsewhere_layers_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(HERE, lambda: "GenuineIntel family 6: avx2")
    assert type(layers()[1][0]) is nn.Linear
