"""The network of the line reader, and its loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from scanner.recognition.ctc import BLANK_CLASS, CLASS_COUNT, DIGIT_COUNT
from scanner.recognition.line_image import LINE_HEIGHT
from scanner.training.torch_training import export_onnx

if TYPE_CHECKING:
    from scanner.training.line_batches import LineTargets

_CONTEXT_DILATIONS = (1, 1, 2, 4)
"""Dilations of the convolutions along the row, each five steps wide: together a step sees eighteen others, or three and
a half heights of the writing, to either side.  So wide is the gap between two digits in the cells of a comb field."""
_IMPOSSIBLE_LOGIT = -1e4
"""A logit that makes the probability of a class 0 without infinities in the gradient."""


class LineReaderNetwork(nn.Module):
    """The line reader: lines (N, LINE_HEIGHT, W, 1) in 0-1, W a multiple of 8 -> logits (N, W / 4, CLASS_COUNT).

    Convolutions reduce the line to one row; wide ones along the row then let each step see its neighbours.  After Shi,
    Bai & Yao, "An end-to-end trainable neural network for image-based sequence recognition", TPAMI 2017, with residual
    convolutions instead of the LSTM, so that every ONNX runtime can run it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _convolution(1, 12),
            _convolution(12, 24, stride=2),
            _convolution(24, 24),
            _convolution(24, 48, stride=2),
            _convolution(48, 48),
            _convolution(48, 80, stride=(2, 1)),
            nn.Dropout2d(0.05),
            _convolution(80, 160, size=(LINE_HEIGHT // 8, 3), padding=(0, 1)),
            nn.Dropout(0.1),
            *(_Residual(160, (1, 5), (1, dilation)) for dilation in _CONTEXT_DILATIONS),
            nn.Dropout(0.2),
            nn.Conv2d(160, CLASS_COUNT, 1),
        )

    def forward(self, lines: torch.Tensor) -> torch.Tensor:
        """Compute the logits."""
        logits: torch.Tensor = self.layers(lines.permute(0, 3, 1, 2))
        return logits.squeeze(2).permute(0, 2, 1)


def _convolution(
    channels: int,
    filters: int,
    size: int | tuple[int, int] = 3,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, filters, size, stride, padding, dilation, bias=False), nn.BatchNorm2d(filters), nn.ReLU()
    )


class _Residual(nn.Module):
    """A convolution whose input is added to its output."""

    def __init__(self, channels: int, size: int | tuple[int, int], dilation: int | tuple[int, int]) -> None:
        super().__init__()
        rows, columns = (size, size) if isinstance(size, int) else size
        step_rows, step_columns = (dilation, dilation) if isinstance(dilation, int) else dilation
        padding = (rows // 2 * step_rows, columns // 2 * step_columns)
        self.convolution = _convolution(channels, channels, size, 1, padding, dilation)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        convolved: torch.Tensor = self.convolution(features)
        return features + convolved


def ctc_loss(logits: torch.Tensor, targets: LineTargets) -> torch.Tensor:
    """CTC loss (Graves et al., ICML 2006) that ignores separators where the text leaves them out.

    For such texts the classes of separators, break and blank are merged into one, so that they do not teach the
    network that there is no separator.

    Args:
        logits: shape (N, T, CLASS_COUNT), float32.
        targets: N texts.

    Returns:
        Shape (N,): negative log likelihood of each text; 0 where it does not fit into T steps.
    """
    merged = logits[..., DIGIT_COUNT:].logsumexp(dim=-1, keepdim=True)
    impossible = torch.full_like(logits[..., DIGIT_COUNT:BLANK_CLASS], _IMPOSSIBLE_LOGIT)
    digits_only = torch.cat([logits[..., :DIGIT_COUNT], impossible, merged], dim=-1)
    omitted = torch.from_numpy(targets.separators_omitted)[:, None, None]
    logs = torch.where(omitted, digits_only, logits).log_softmax(dim=-1).permute(1, 0, 2)
    steps = torch.full((logits.shape[0],), logits.shape[1], dtype=torch.long)
    return functional.ctc_loss(
        logs,
        torch.from_numpy(targets.labels),
        steps,
        torch.from_numpy(targets.lengths),
        blank=BLANK_CLASS,
        reduction="none",
        zero_infinity=True,
    )


def export_network(network: nn.Module) -> bytes:
    """The bytes of the ONNX file of a trained network in evaluation mode."""
    return export_onnx(network, (1, LINE_HEIGHT, 2 * LINE_HEIGHT, 1), {0: "lines", 2: "width"}, "line")
