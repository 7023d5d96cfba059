from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="the training extra is not installed")

import torch
from torch import nn

from scanner.training import torch_training
from scanner.training.torch_training import NetworkTraining, TrainingSchedule


def schedule(steps: int = 200) -> TrainingSchedule:
    return TrainingSchedule(steps, 0.1, 0.1, 0.0, 0.5, 10.0)


def small_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 1))


def test_the_learning_rate_rises_and_falls_to_zero() -> None:
    plan = TrainingSchedule(100, 1.0, 0.1, 0.0, 0.9, 1.0)
    rates = [plan.learning_rate(step) for step in range(101)]
    assert rates[:10] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert all(before >= after for before, after in itertools.pairwise(rates[9:]))
    assert rates[55] == pytest.approx(0.5)
    assert rates[100] == pytest.approx(0, abs=1e-12)


def test_a_network_learns_and_its_average_follows() -> None:
    training = NetworkTraining(small_network(), schedule())
    inputs = torch.ones(4, 1, 8, 8)
    losses = [training.train_step(inputs, lambda logits: (logits - 3).square().mean()) for _ in range(200)]
    assert losses[-1] < 0.01 * losses[0]
    assert torch_training.run_network(training.network.eval(), inputs.numpy()).mean() == pytest.approx(3, abs=0.2)
    assert torch_training.run_network(training.averaged_network, inputs.numpy()).mean() == pytest.approx(3, abs=0.5)


def test_training_resumes_where_it_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "state.pt"
    inputs = torch.rand(4, 1, 8, 8)

    def train(training: NetworkTraining, steps: int) -> list[float]:
        return [training.train_step(inputs, lambda logits: (logits - 3).square().mean()) for _ in range(steps)]

    first = NetworkTraining(small_network(), schedule())
    train(first, 5)
    first.save(path)
    second = NetworkTraining(small_network(), schedule())
    second.resume(path)
    assert second.steps_done == 5
    assert train(second, 5) == train(first, 5)
    averages = zip(first.averaged_network.parameters(), second.averaged_network.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in averages)


def test_without_a_checkpoint_training_starts_from_the_beginning(tmp_path: Path) -> None:
    training = NetworkTraining(small_network(), schedule())
    training.resume(tmp_path / "none.pt")
    assert training.steps_done == 0


def test_a_loss_that_is_not_finite_ends_the_training() -> None:
    training = NetworkTraining(small_network(), schedule())
    with pytest.raises(FloatingPointError, match="batch 0"):
        training.train_step(torch.ones(1, 1, 4, 4), lambda logits: logits.mean() * float("nan"))


def test_opencv_reads_an_exported_network_for_any_size() -> None:
    network = small_network()
    network(torch.rand(8, 1, 8, 8) * 5)  # moves the statistics of batch normalization
    network.eval()
    weights = torch_training.export_onnx(network, (1, 1, 8, 8), {0: "n", 2: "h", 3: "w"}, "image")
    net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
    for shape in ((1, 1, 8, 8), (3, 1, 12, 20)):
        inputs = np.random.default_rng(0).random(shape, np.float32)
        net.setInput(inputs)
        with torch.no_grad():
            expected = network(torch.from_numpy(inputs)).numpy()
        np.testing.assert_allclose(net.forward(), expected, atol=1e-5)
