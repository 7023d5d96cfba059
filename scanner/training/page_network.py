"""The page network and its loss."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import (
    CLASS_CHANNELS,
    CORE_CHANNELS,
    DIGIT_CHANNELS,
    DISTANCE_CHANNELS,
    INPUT_CHANNELS,
    LOG_DISTANCE_RANGE,
    OUTPUT_CHANNELS,
)

if TYPE_CHECKING:
    from scanner.training.page_targets import PageTargets

_HALF_CHANNELS, _QUARTER_CHANNELS, _EIGHTH_CHANNELS, _SIXTEENTH_CHANNELS = 16, 32, 64, 128
"""Channels at a half, a quarter, an eighth and a sixteenth of the resolution; a choice within the time of a page."""
_FIRST_QUARTER_CHANNELS = 24
"""Channels of the first layer at a quarter of the resolution, which is the widest layer for its input."""
_EIGHTH_DILATIONS = (1, 2, 4, 8, 2)
_SIXTEENTH_DILATIONS = (1, 2, 1)
"""Dilations of the blocks at an eighth and at a sixteenth of the resolution: their middle sees 30 character heights to
either side, a comb of nine cells as a whole."""

CLASS_WEIGHTS = {
    InkClass.DIGIT: 3.0,
    InkClass.PRINT: 1.0,
    InkClass.WRITING: 1.3,
    InkClass.RULE: 0.5,
    InkClass.MARK: 1.2,
    InkClass.PRINTED_DIGIT: 2.0,
}
"""Weight of the ink of each class in the loss.  Digits weigh most: they are what is searched for and the rarest ink.
Rules weigh least: they are the most frequent ink and are found without a network."""
_SIGN_NEIGHBOURHOOD_CELLS = (5, 13)
"""Rows and columns of cells around a sign or mark that hold a digit if it is next to a number: about a character height
to either side, and half of one above and below."""
_SIGN_BY_DIGITS_FACTOR = 2.5
"""Factor in the loss for the ink of signs and marks next to digits.  A slash or a parenthesis has little ink, but taken
for a 1 it joins two numbers or changes one."""
_FOCUS = 1.5
"""Exponent of the focal loss of cores: pixels that are surely right hardly count (Lin et al., "Focal loss for dense
object detection", ICCV 2017)."""
_CLASS_SHARE, _CORE_SHARE, _OVERLAP_SHARE, _DISTANCE_SHARE, _DIGIT_SHARE = 2.0, 3.0, 1.0, 1.0, 0.7
"""Factors of the parts of the loss: ink classes, cores by pixel, cores by overlap, distances, middles of digits.  A
choice: print is told from handwriting by the first, which is the slowest to learn."""


class PageNetworkLayers(nn.Module):
    """The page network, a feature pyramid (Lin et al., "Feature pyramid networks for object detection", CVPR 2017).

    From (N, INPUT_CHANNELS, H / 2, W / 2) to (N, OUTPUT_CHANNELS, H / 4, W / 4), H and W multiples of 16.  Plain
    convolutions of 3 x 3, which OpenCV runs fast; it upsamples by repetition, because a transposed convolution would
    cost OpenCV as much as two convolutions at that resolution.
    """

    def __init__(self) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.stem = _convolution(INPUT_CHANNELS, _HALF_CHANNELS)
        self.quarter = nn.Sequential(
            _convolution(_HALF_CHANNELS, _FIRST_QUARTER_CHANNELS, stride=2),
            _convolution(_FIRST_QUARTER_CHANNELS, _QUARTER_CHANNELS),
            _Residual(_QUARTER_CHANNELS),
        )
        self.eighth = nn.Sequential(
            _convolution(_QUARTER_CHANNELS, _EIGHTH_CHANNELS, stride=2),
            *(_Residual(_EIGHTH_CHANNELS, dilation) for dilation in _EIGHTH_DILATIONS),
        )
        self.sixteenth = nn.Sequential(
            _convolution(_EIGHTH_CHANNELS, _SIXTEENTH_CHANNELS, stride=2),
            *(_Residual(_SIXTEENTH_CHANNELS, dilation) for dilation in _SIXTEENTH_DILATIONS),
        )
        self.to_eighth = nn.Conv2d(_SIXTEENTH_CHANNELS, _EIGHTH_CHANNELS, 1)
        self.to_quarter = nn.Conv2d(_EIGHTH_CHANNELS, _QUARTER_CHANNELS, 1)
        self.merge = _Residual(_QUARTER_CHANNELS)
        self.classes = nn.Conv2d(_QUARTER_CHANNELS, CLASS_CHANNELS.stop, 1)
        self.number_features = _convolution(_QUARTER_CHANNELS, _QUARTER_CHANNELS)
        self.numbers = nn.Conv2d(_QUARTER_CHANNELS, OUTPUT_CHANNELS - CLASS_CHANNELS.stop, 1)
        with torch.no_grad():
            assert self.numbers.bias is not None
            # Nearly all pixels are of no core and no digit.
            self.numbers.bias[: DIGIT_CHANNELS.stop - CLASS_CHANNELS.stop] = -3.0

    def forward(self, page: torch.Tensor) -> torch.Tensor:
        """Output for a batch of pages."""
        quarter = self.quarter(self.stem(page))
        eighth = self.eighth(quarter)
        eighth = eighth + _twice(self.to_eighth(self.sixteenth(eighth)))
        merged = self.merge(quarter + _twice(self.to_quarter(eighth)))
        return torch.cat([self.classes(merged), self.numbers(self.number_features(merged))], dim=1)


def _convolution(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False),
        nn.BatchNorm2d(outputs, momentum=0.02),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    """A convolution whose output is added to its input."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.convolution = _convolution(channels, channels, dilation=dilation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        added: torch.Tensor = x + self.convolution(x)
        return added


def _twice(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def page_loss(output: torch.Tensor, targets: PageTargets) -> torch.Tensor:
    """Loss of a batch: a sum of those of ink classes, cores, distances and middles of digits.

    Args:
        output: shape (N, OUTPUT_CHANNELS, rows, columns).
        targets: of a :class:`scanner.training.page_patches.PageBatch`.
    """
    return sum(page_losses(output, targets).values(), torch.zeros(()))


def page_losses(output: torch.Tensor, targets: PageTargets) -> dict[str, torch.Tensor]:
    """The parts of :func:`page_loss` by name, each with its factor."""
    t = {field.name: torch.from_numpy(getattr(targets, field.name)) for field in fields(targets)}
    cores, digits = t["cores"].float(), t["digits"].float()
    core_logits = output[:, CORE_CHANNELS]
    return {
        "classes": _CLASS_SHARE * _class_loss(t["class_amounts"], output[:, CLASS_CHANNELS]),
        "cores": _CORE_SHARE * _focal_loss(cores, core_logits, t["core_weights"]),
        "overlap": _OVERLAP_SHARE * _overlap_loss(cores, core_logits, t["core_weights"]),
        "digits": _DIGIT_SHARE * _focal_loss(digits, output[:, DIGIT_CHANNELS], t["digit_weights"]),
        "distances": _DISTANCE_SHARE
        * _distance_loss(t["distances"], output[:, DISTANCE_CHANNELS], t["distance_weights"]),
    }


def _class_loss(amounts: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Cross-entropy weighted by amount of ink and class, the mean over the ink of the whole batch."""
    weights = torch.tensor([CLASS_WEIGHTS[ink_class] for ink_class in InkClass]).reshape(1, -1, 1, 1)
    digits = amounts[:, InkClass.DIGIT : InkClass.DIGIT + 1]
    padding = (_SIGN_NEIGHBOURHOOD_CELLS[0] // 2, _SIGN_NEIGHBOURHOOD_CELLS[1] // 2)
    beside = functional.max_pool2d(digits, _SIGN_NEIGHBOURHOOD_CELLS, stride=1, padding=padding)
    weighted = amounts * weights
    for ink_class in (InkClass.WRITING, InkClass.MARK):
        weighted[:, ink_class] *= 1 + (_SIGN_BY_DIGITS_FACTOR - 1) * beside[:, 0]
    lost = -(weighted * functional.log_softmax(logits, dim=1)).sum()
    return lost / weighted.sum().clamp(min=1.0)


def _focal_loss(wanted: torch.Tensor, logits: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Weighted focal loss per wanted pixel."""
    lost = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    missed = 1 - torch.exp(-lost)
    return (weights * missed**_FOCUS * lost).sum() / (weights * wanted).sum().clamp(min=100.0)


def _overlap_loss(wanted: torch.Tensor, logits: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """One minus the weighted Dice coefficient of the whole batch."""
    found = torch.sigmoid(logits)
    both = (weights * found * wanted).sum()
    return 1 - 2 * both / ((weights * found).sum() + (weights * wanted).sum()).clamp(min=1.0)


def _distance_loss(wanted: torch.Tensor, logarithms: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Negative logarithm of the overlap of the predicted and the true vertical extent, per weighted cell."""
    found = torch.exp(logarithms.clamp(*LOG_DISTANCE_RANGE))
    overlap = torch.minimum(found, wanted).sum(dim=1) / torch.maximum(found, wanted).sum(dim=1)
    return -(weights * torch.log(overlap)).sum() / weights.sum().clamp(min=1.0)
