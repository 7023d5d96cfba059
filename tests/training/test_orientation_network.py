from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the training extra is not installed")

import torch

from scanner.geometry.orientation import CHARACTER_IMAGE_SIDE
from scanner.training import orientation_network
from scanner.training.orientation_network import OrientationNetworkPlan, accuracy, build_network, distort, train

SIDE = CHARACTER_IMAGE_SIDE


def arrow() -> np.ndarray:
    """An image whose upper half is inked."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[: SIDE // 2, 4:-4] = 255
    return image


def test_turned_images_are_set_upright_by_as_many_turns_counter_clockwise() -> None:
    upright = torch.arange(9.0).reshape(1, 1, 3, 3).repeat(4, 1, 1, 1)
    turned = orientation_network.turn_clockwise(upright, torch.arange(4))
    for quarters in range(4):
        assert torch.equal(torch.rot90(turned[quarters], quarters, (1, 2)), upright[0])
    # A quarter turn clockwise moves the left column to the top.
    assert turned[1, 0, 0].tolist() == [6, 3, 0]


def test_distorted_images_are_like_the_original() -> None:
    batch = torch.from_numpy(np.repeat(arrow()[None, None], 64, 0).astype(np.float32) / 255)
    distorted = distort(batch, torch.Generator().manual_seed(0))
    assert distorted.shape == batch.shape
    assert 0 <= float(distorted.min()) <= float(distorted.max()) <= 1
    assert len(torch.unique(distorted.flatten(1), dim=0)) == 64
    above, below = distorted[:, :, : SIDE // 2].mean(), distorted[:, :, SIDE // 2 :].mean()
    assert above > 4 * below


def test_a_network_learns_which_way_is_up() -> None:
    characters = np.repeat(arrow()[None], 8, 0)
    report: list[str] = []
    plan = OrientationNetworkPlan(steps=60, batch_size=32)
    network = train(characters, characters, 1, plan, report.append)
    assert accuracy(network, characters) == 1.0
    assert report[0].endswith("8 characters")
    assert report[-1].startswith("batch 60/60")


def test_a_network_without_training_is_right_for_one_turn_in_four() -> None:
    torch.manual_seed(0)
    network = build_network().eval()
    blank = np.zeros((3, SIDE, SIDE), np.uint8)
    assert accuracy(network, blank) == pytest.approx(0.25)
