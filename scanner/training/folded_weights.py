"""Take up the weights of an exported network, to train it further.

An export folds each batch normalization into the convolution before it.  To train on, the two are parted again: the
convolution keeps the folded weights, and the normalization gets the mean and the variance that the convolution puts
out, with the scale and shift that undo it.  The network computes what it did, and again learns as one with batch
normalization.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from scanner.errors import DataError
from scanner.training.exported_layers import read_exported_layers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def load_folded_weights(network: nn.Module, path: Path, examples: torch.Tensor) -> None:
    """Load the weights of an ONNX file into the network it was exported from.

    Args:
        network: of convolutions, each followed by a batch normalization or by none; changed in place.
        path: ONNX file that :func:`scanner.training.torch_training.export_onnx` made of a network with the same
            layers.
        examples: inputs of the network, as many as the mean and the variance of each channel take.

    Raises:
        DataError: if the file cannot be read, or its layers are not those of the network.
    """
    folded = read_exported_layers(path).convolutions
    layers = _convolutions_in_order(network, examples[:1])
    if [tuple(kernel.shape) for kernel, _ in folded] != [tuple(conv.weight.shape) for conv, _ in layers]:
        raise DataError(f"{path}: the weights to begin with are of a network with other layers")
    for (kernel, bias), (convolution, normalization) in zip(folded, layers, strict=True):
        _set_layer(convolution, normalization, torch.from_numpy(kernel.copy()), torch.from_numpy(bias.copy()))
    _normalize_by_examples([norm for _, norm in layers if norm is not None], network, examples)


def _convolutions_in_order(network: nn.Module, example: torch.Tensor) -> list[tuple[nn.Conv2d, nn.BatchNorm2d | None]]:
    """The convolutions of a network in the order in which they are computed, each with its batch normalization."""
    called: list[nn.Conv2d | nn.BatchNorm2d] = []
    modules = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.BatchNorm2d)]
    hooks = [module.register_forward_hook(lambda each, _inputs, _output: called.append(each)) for module in modules]
    with torch.no_grad():
        network.eval()(example)
    for hook in hooks:
        hook.remove()
    followers: Sequence[nn.Module | None] = [*called[1:], None]
    return [
        (module, follower if isinstance(follower, nn.BatchNorm2d) else None)
        for module, follower in zip(called, followers, strict=True)
        if isinstance(module, nn.Conv2d)
    ]


@torch.no_grad()
def _set_layer(
    convolution: nn.Conv2d, normalization: nn.BatchNorm2d | None, kernel: torch.Tensor, bias: torch.Tensor
) -> None:
    """Set a convolution, with a normalization that only adds the bias."""
    convolution.weight.copy_(kernel)
    if normalization is None:
        assert convolution.bias is not None
        convolution.bias.copy_(bias)
        return
    _set_normalization(normalization, torch.zeros_like(bias), torch.ones_like(bias) - normalization.eps)
    normalization.bias.copy_(bias)


@torch.no_grad()
def _set_normalization(normalization: nn.BatchNorm2d, mean: torch.Tensor, variance: torch.Tensor) -> None:
    """Set mean and variance, and the scale that undoes the division by the deviation."""
    assert normalization.running_mean is not None
    assert normalization.running_var is not None
    normalization.running_mean.copy_(mean)
    normalization.running_var.copy_(variance)
    normalization.weight.copy_((variance + normalization.eps).sqrt())


@torch.no_grad()
def _normalize_by_examples(
    normalizations: Sequence[nn.BatchNorm2d], network: nn.Module, examples: torch.Tensor
) -> None:
    """Give each normalization the mean and the variance of what it sees; what the network computes stays the same."""
    seen: dict[nn.BatchNorm2d, tuple[torch.Tensor, torch.Tensor]] = {}

    def look(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        assert isinstance(module, nn.BatchNorm2d)
        seen[module] = (inputs[0].mean(dim=(0, 2, 3)), inputs[0].var(dim=(0, 2, 3), correction=0))

    hooks = [module.register_forward_pre_hook(look) for module in normalizations]
    network.eval()(examples)
    for hook in hooks:
        hook.remove()
    for normalization in normalizations:
        mean, variance = seen[normalization]
        _set_normalization(normalization, mean, variance)
        normalization.bias.add_(mean)
