"""The orientation network: network and training."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from scanner.geometry.orientation import CHARACTER_IMAGE_SIDE
from scanner.geometry.orientation_network import QUARTER_TURN_COUNT
from scanner.training.torch_training import NetworkTraining, TrainingSchedule, count_parameters, run_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.types import Image

_CHANNELS = (16, 32, 48)
"""Channels of the convolutions, each of which halves the resolution; a choice."""
_HIDDEN_UNITS = 64
"""Units of the layer before the last; a choice."""
_LABEL_SMOOTHING = 0.02
"""Share of the label given to all turns alike: it bounds the evidence of one character (Szegedy et al., "Rethinking the
Inception architecture for computer vision", CVPR 2016)."""
_MAX_ROTATION, _MAX_SCALE_CHANGE, _MAX_SHEAR, _MAX_SHIFT = 0.07, 0.25, 0.15, 0.08
"""Largest random rotation, radians, and change of scale, slant and position (half sides) of a character; a choice."""
_BOLD_SHARE, _BLURRED_SHARE = 0.1, 0.15
"""Shares of characters made bolder, and blurred; a choice."""
_STRENGTH_RANGE = (0.6, 1.1)
"""Range of the factor of the ink's strength; a choice."""


@dataclass(frozen=True, slots=True)
class OrientationNetworkPlan:
    """Hyperparameters of a training run; the defaults take about half an hour on one core."""

    pages: int = 1_500
    """Synthetic pages that characters are cut from."""
    validation_pages: int = 160
    """Pages with held-out fonts and handwriting, to monitor training with."""
    steps: int = 5_000
    """Batches."""
    batch_size: int = 256
    peak_learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    warm_up_share: float = 0.05
    average_momentum: float = 0.998
    max_gradient_norm: float = 5.0
    processes: int = 2
    """Processes that synthesize pages."""


def build_network() -> nn.Module:
    """The network: characters (N, 1, 32, 32) in 0-1 -> logits (N, 4) of the quarter turns that set them upright."""
    layers: list[nn.Module] = []
    channels, side = 1, CHARACTER_IMAGE_SIDE
    for more in _CHANNELS:
        layers += [nn.Conv2d(channels, more, 3, 2, 1, bias=False), nn.BatchNorm2d(more), nn.ReLU()]
        channels, side = more, side // 2
    layers += [nn.Flatten(), nn.Linear(channels * side * side, _HIDDEN_UNITS), nn.ReLU(), nn.Dropout(0.2)]
    return nn.Sequential(*layers, nn.Linear(_HIDDEN_UNITS, QUARTER_TURN_COUNT))


def train(
    characters: Image,
    validation: Image,
    seed: int,
    plan: OrientationNetworkPlan,
    report_line: Callable[[str], None],
) -> nn.Module:
    """Train the network.

    Args:
        characters: upright, shape (N, side, side), uint8.
        validation: the same, to monitor training with; no decision depends on it.
        seed: the same seed gives the same batches.
        plan: hyperparameters.
        report_line: called with each line of progress.
    """
    torch.manual_seed(seed)
    schedule = TrainingSchedule(
        steps=plan.steps,
        peak_learning_rate=plan.peak_learning_rate,
        warm_up_share=plan.warm_up_share,
        weight_decay=plan.weight_decay,
        average_momentum=plan.average_momentum,
        max_gradient_norm=plan.max_gradient_norm,
    )
    training = NetworkTraining(build_network(), schedule)
    report_line(f"{count_parameters(training.network):,} parameters, {len(characters):,} characters")
    generator = torch.Generator().manual_seed(seed)
    # The first quarter of each batch stays upright, the others are turned.
    turns = torch.arange(QUARTER_TURN_COUNT).repeat_interleave(plan.batch_size // QUARTER_TURN_COUNT)
    started, total = time.monotonic(), 0.0
    for step in range(plan.steps):
        chosen = torch.randint(len(characters), (len(turns),), generator=generator).numpy()
        upright = torch.from_numpy(characters[chosen, None].astype(np.float32) / 255)
        batch = turn_clockwise(distort(upright, generator), turns)
        total += training.train_step(
            batch, lambda logits: functional.cross_entropy(logits, turns, label_smoothing=_LABEL_SMOOTHING)
        )
        if (step + 1) % _STEPS_PER_REPORT == 0 or step + 1 == plan.steps:
            loss, total = total / (step % _STEPS_PER_REPORT + 1), 0.0
            share = accuracy(training.averaged_network, validation)
            seconds = time.monotonic() - started
            report_line(f"batch {step + 1}/{plan.steps}  loss {loss:.4f}  {share:.1%} right  {seconds:.0f} s")
    return training.averaged_network


_STEPS_PER_REPORT = 1_000
"""Batches from one line of progress to the next."""


def turn_clockwise(batch: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Turn each image clockwise, so that as many quarter turns counter-clockwise set it upright.

    Args:
        batch: shape (N, 1, side, side).
        turns: quarter turns of each, 0 to 3, shape (N,).
    """
    turned = batch.clone()
    for quarters in range(1, QUARTER_TURN_COUNT):
        turned[turns == quarters] = torch.rot90(batch[turns == quarters], -quarters, (2, 3))
    return turned


def distort(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Rotate, scale, slant, shift, embolden, blur and fade each image a little, at random; shape (N, 1, side, side)."""
    count = len(batch)

    def uniform(*shape: int) -> torch.Tensor:
        return 2 * torch.rand(count, *shape, generator=generator) - 1

    angle, scale = _MAX_ROTATION * uniform(), 1 + _MAX_SCALE_CHANGE * uniform()
    matrix = torch.zeros(count, 2, 3)
    matrix[:, 0, 0], matrix[:, 0, 1] = torch.cos(angle) * scale, _MAX_SHEAR * uniform() - torch.sin(angle) * scale
    matrix[:, 1, 0], matrix[:, 1, 1] = torch.sin(angle) * scale, torch.cos(angle) * scale
    matrix[:, :, 2] = _MAX_SHIFT * uniform(2)
    grid = functional.affine_grid(matrix, list(batch.shape), align_corners=False)
    warped = functional.grid_sample(batch, grid, align_corners=False)
    draw = torch.rand(count, 1, 1, 1, generator=generator)
    warped = torch.where(draw < _BOLD_SHARE, (warped + functional.max_pool2d(warped, 3, 1, 1)) / 2, warped)
    warped = torch.where(draw > 1 - _BLURRED_SHARE, functional.avg_pool2d(warped, 3, 1, 1), warped)
    low, high = _STRENGTH_RANGE
    strength = low + (high - low) * torch.rand(count, 1, 1, 1, generator=generator)
    return (warped * strength).clamp(0, 1)


def accuracy(network: nn.Module, characters: Image) -> float:
    """Share of upright characters, 0-1, whose turns are found, each turned in all four ways."""
    shares = []
    for quarters in range(QUARTER_TURN_COUNT):
        turned = np.ascontiguousarray(np.rot90(characters, -quarters, (1, 2)))[:, None]
        logits = run_network(network, turned.astype(np.float32) / np.float32(255))
        shares.append(float(np.mean(logits.argmax(axis=1) == quarters)))
    return float(np.mean(shares))
