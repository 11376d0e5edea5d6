"""Products of float32, faster on AMD's processors than torch makes them.

torch asks MKL for them, which keeps its AVX-512 kernels for Intel's processors. oneDNN, which torch brings along as
well and asks for BF16, has its kernels for all.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from suture.machine.processor import processor_class


def with_fast_products(model: Any) -> Any:
    """The same model, its linear layers computed by oneDNN where that is faster.

    A layer goes another way for whatever is no float32 on a CPU, and while its bias is trained.
    """
    if onednn_is_faster():
        for module in list(model.modules()):
            for name, layer in module.named_children():
                if type(layer) is nn.Linear:
                    setattr(module, name, _FastLinear.like(layer))
    return model


def onednn_is_faster() -> bool:
    """On AMD's processors; by their name, never by a measurement, so that two runs give the same bytes."""
    return torch.backends.mkldnn.is_available() and processor_class().startswith("AuthenticAMD")


def by_onednn(given: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """(..., K) by (N, K) to (..., N). Where ``weight`` is neither laid out row by row nor column by column, oneDNN is a
    thousand times slower."""
    return torch.ops.mkldnn._linear_pointwise(given, weight, bias, "none", [], "")


class _FastLinear(nn.Linear):
    """``nn.Linear`` with the weights of another, which stay that other's name and object."""

    @classmethod
    def like(cls, layer: nn.Linear) -> "_FastLinear":
        with torch.device("meta"):
            new = cls(layer.in_features, layer.out_features, bias=layer.bias is not None)
        new.weight, new.bias = layer.weight, layer.bias
        return new.train(layer.training)

    def forward(self, input: Tensor) -> Tensor:
        if self._fits(input):
            return _Product.apply(input, self.weight, self.bias)
        return functional.linear(input, self.weight, self.bias)

    def _fits(self, given: Tensor) -> bool:
        weight, bias = self.weight, self.bias
        bias_trains = bias is not None and bias.requires_grad and torch.is_grad_enabled()
        plain = type(weight) is nn.Parameter and weight.is_cpu and given.is_cpu  # not in parts, not of 4 bits
        whole = plain and given.dtype is weight.dtype is torch.float32 and given.numel() > 0
        return whole and not bias_trains and not torch.is_autocast_enabled("cpu")


class _Product(torch.autograd.Function):
    """(..., K) by (N, K) to (..., N); the bias (N,) has no gradient."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(given if weight.requires_grad else None, weight)
        return by_onednn(given, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        given, weight = ctx.saved_tensors
        of_product = gradients[0]
        of_given = by_onednn(of_product, weight.t()) if ctx.needs_input_grad[0] else None
        of_weight = None
        if ctx.needs_input_grad[1]:
            rows, columns = (part.reshape(-1, part.shape[-1]).contiguous() for part in (of_product, given))
            of_weight = by_onednn(rows.t(), columns.t())
        return of_given, of_weight, None
