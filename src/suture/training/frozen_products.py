"""Products of float32 by weights that are not trained, faster on AMD's processors than torch makes them.

torch asks MKL for them, which keeps its AVX-512 kernels for Intel's processors. oneDNN, which torch brings along as
well and asks for BF16, has its kernels for all.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from suture.machine.processor import processor_class


def with_fast_products(model: Any) -> Any:
    """The same model, its linear layers computed by oneDNN where that is faster: on AMD's processors.

    A layer goes another way for whatever is no float32 on a CPU, and while its weights are trained.
    """
    if _is_faster_here():
        for module in list(model.modules()):
            for name, layer in module.named_children():
                if type(layer) is nn.Linear:
                    setattr(module, name, _FrozenLinear.like(layer))
    return model


def _is_faster_here() -> bool:
    return torch.backends.mkldnn.is_available() and processor_class().startswith("AuthenticAMD")


class _FrozenLinear(nn.Linear):
    """``nn.Linear`` with the weights of another, which stay that other's name and object."""

    @classmethod
    def like(cls, layer: nn.Linear) -> "_FrozenLinear":
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
        trains = weight.requires_grad or (bias is not None and bias.requires_grad)
        plain = type(weight) is nn.Parameter and weight.is_cpu and given.is_cpu  # not in parts, not of 4 bits
        whole = plain and given.dtype is weight.dtype is torch.float32 and given.numel() > 0
        return whole and not (trains and torch.is_grad_enabled()) and not torch.is_autocast_enabled("cpu")


class _Product(torch.autograd.Function):
    """(..., K) by (N, K) to (..., N); only what came in has a gradient."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(weight)
        return _by_onednn(given, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        return _by_onednn(gradients[0], weight.t()), None, None


def _by_onednn(given: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(given, weight, bias, "none", [], "")
