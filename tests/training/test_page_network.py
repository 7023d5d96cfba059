from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="the training extra is not installed")

import torch

from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import (
    CLASS_CHANNELS,
    CORE_CHANNELS,
    DIGIT_CHANNELS,
    DISTANCE_CHANNELS,
    INPUT_CHANNELS,
    OUTPUT_CHANNELS,
    PageNetwork,
    PageView,
    input_tensor,
)
from scanner.training.page_network import CLASS_WEIGHTS, PageNetworkLayers, page_loss, page_losses
from scanner.training.page_targets import PageTargets
from scanner.training.torch_training import NetworkTraining, TrainingSchedule, export_onnx


def targets_of(rows: int = 4, columns: int = 4) -> PageTargets:
    """A batch of one page with no ink and no number."""
    return PageTargets(
        class_amounts=np.zeros((1, len(InkClass), rows, columns), np.float32),
        cores=np.zeros((1, 4, rows, columns), np.bool_),
        core_weights=np.ones((1, 4, rows, columns), np.float32),
        digits=np.zeros((1, 4, rows, columns), np.bool_),
        digit_weights=np.ones((1, 4, rows, columns), np.float32),
        distances=np.ones((1, 2, rows, columns), np.float32),
        distance_weights=np.zeros((1, rows, columns), np.float32),
    )


def right_output(targets: PageTargets) -> torch.Tensor:
    output = np.zeros((1, OUTPUT_CHANNELS, *targets.distance_weights.shape[1:]), np.float32)
    output[:, CLASS_CHANNELS] = 40 * targets.class_amounts
    output[:, CORE_CHANNELS] = np.where(targets.cores, 20, -20)
    output[:, DIGIT_CHANNELS] = np.where(targets.digits, 20, -20)
    output[:, DISTANCE_CHANNELS] = np.log(targets.distances)
    return torch.from_numpy(output)


def test_every_class_counts_in_the_loss() -> None:
    assert set(CLASS_WEIGHTS) == set(InkClass)
    assert all(weight > 0 for weight in CLASS_WEIGHTS.values())


def test_the_right_answer_costs_nothing_and_each_wrong_part_something() -> None:
    targets = targets_of()
    targets.class_amounts[0, InkClass.DIGIT, 1, 1:3] = 1
    targets.cores[0, :, 1, 1:3] = True
    targets.digits[0, 1, 1, 1:3] = True
    targets.distances[0, :, 1, 1:3] = 2
    targets.distance_weights[0, 1, 1:3] = 1
    right = right_output(targets)
    assert float(page_loss(right, targets)) == pytest.approx(0, abs=1e-4)
    for channels, parts in (
        (CLASS_CHANNELS, {"classes"}),
        (CORE_CHANNELS, {"cores", "overlap"}),
        (DIGIT_CHANNELS, {"digits"}),
        (DISTANCE_CHANNELS, {"distances"}),
    ):
        wrong = right.clone()
        wrong[:, channels] = -wrong[:, channels]
        assert {name for name, lost in page_losses(wrong, targets).items() if float(lost) > 0.1} == parts


def test_distances_cost_the_logarithm_of_their_overlap() -> None:
    targets = targets_of()
    targets.distances[0, :, 1, 1] = 2, 6
    targets.distance_weights[0, 1, 1] = 1
    output = right_output(targets)
    output[0, DISTANCE_CHANNELS, 1, 1] = torch.log(torch.tensor([4.0, 6.0]))
    assert float(page_losses(output, targets)["distances"]) == pytest.approx(np.log(10 / 8))


def test_where_nothing_is_known_nothing_is_wrong() -> None:
    targets = targets_of()
    targets.core_weights[:], targets.digit_weights[:] = 0, 0
    output = torch.full((1, OUTPUT_CHANNELS, 4, 4), 3.0)
    losses = page_losses(output, targets)
    assert float(losses["cores"]) == float(losses["digits"]) == 0


def test_signs_beside_digits_count_more() -> None:
    near, far = targets_of(8, 32), targets_of(8, 32)
    for targets, column in ((near, 6), (far, 28)):
        targets.class_amounts[0, InkClass.DIGIT, 4, 4] = 1
        targets.class_amounts[0, InkClass.WRITING, 4, column] = 1
    losses = []
    for targets in (near, far):
        output = right_output(targets)
        output[:, InkClass.WRITING] = 0
        losses.append(float(page_losses(output, targets)["classes"]))
    assert losses[0] > 1.3 * losses[1]


def test_the_network_learns() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    targets = targets_of(8, 8)
    targets.class_amounts[0, InkClass.DIGIT, 2:4, 2:6] = 1
    targets.cores[0, :, 2:4, 2:6] = True
    inputs = np.zeros((1, INPUT_CHANNELS, 16, 16), np.float32)
    inputs[0, :4, 4:8, 4:12] = rng.uniform(0.5, 1, (4, 4, 8))
    training = NetworkTraining(PageNetworkLayers(), TrainingSchedule(40, 3e-3, 0.1, 1e-3, 0.9, 5.0))
    losses = [
        training.train_step(torch.from_numpy(inputs), lambda output: page_loss(output, targets)) for _ in range(40)
    ]
    assert losses[-1] < 0.3 * losses[0]


def test_what_is_exported_computes_the_same_on_pages_of_several_sizes() -> None:
    torch.manual_seed(0)
    network = PageNetworkLayers().eval()
    weights = export_onnx(network, (1, INPUT_CHANNELS, 32, 32), {2: "half_rows", 3: "half_columns"}, "page")
    runtime = PageNetwork(weights)
    cv2.setNumThreads(1)
    for rows, columns in ((96, 64), (64, 160)):
        rng = np.random.default_rng(rows)
        strength = rng.integers(1, 256, (rows, columns)).astype(np.uint8)
        view = PageView(strength, rng.integers(0, 256, (rows // 2, columns // 2, 3)).astype(np.uint8))
        with torch.no_grad():
            expected = network(torch.from_numpy(input_tensor(view))).numpy()[0]
        assert expected.shape == (OUTPUT_CHANNELS, rows // 4, columns // 4)
        assert runtime.output(view) == pytest.approx(expected, abs=2e-3)
