from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scanner.errors import NotInstalledError
from scanner.geometry.orientation import CHARACTER_IMAGE_SIDE
from scanner.geometry.orientation_network import load_orientation_network

SHAPE = (CHARACTER_IMAGE_SIDE, CHARACTER_IMAGE_SIDE)


def test_each_character_gets_probabilities_of_four_turns() -> None:
    characters = np.random.default_rng(0).integers(0, 256, (5, *SHAPE), np.uint8)
    network = load_orientation_network()
    turns = network.character_turns(characters)
    assert turns.shape == (5, 4)
    assert np.exp(turns).sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    # One by one they are judged as together.
    alone = np.concatenate([network.character_turns(characters[[index]]) for index in range(5)])
    assert alone == pytest.approx(turns, abs=1e-4)


def test_no_characters_get_no_probabilities() -> None:
    assert load_orientation_network().character_turns(np.empty((0, *SHAPE), np.uint8)).shape == (0, 4)


@pytest.mark.parametrize("characters", [np.zeros((1, 28, 28), np.uint8), np.zeros((1, *SHAPE), np.float32)])
def test_images_of_another_size_or_type_are_refused(characters: np.ndarray) -> None:
    with pytest.raises(ValueError, match="characters must be uint8 of shape"):
        load_orientation_network().character_turns(characters)


def test_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match="copy the weights there again"):
        load_orientation_network(tmp_path)
